"""Problems that only the door has; each is explained at its address as the others are."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import Problem


class NoKey(Problem):
    status, kind, title = 401, "no-key", _("Bitte senden Sie einen API-Schlüssel.")
    meaning = _("Authorization: Bearer sk_… oder X-Api-Key: sk_…, mit einem Schlüssel, der gilt.")
    headers = {"www-authenticate": 'Bearer realm="stadtkern"'}


class OtherMethod(Problem):
    status, kind, title = 405, "other-method", _("Diese Adresse kennt diese Methode nicht.")
    meaning = _("Der Kopf Allow nennt die Methoden, die sie kennt.")

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"Only {', '.join(allowed)}.")
        self.headers = {"allow": ", ".join(allowed)}


class TooSlow(Problem):
    status, kind, title = 408, "too-slow", _("Die Anfrage kam nicht rechtzeitig an.")
    meaning = _("Der Inhalt einer Anfrage muss in einer halben Minute angekommen sein.")


class OtherCoding(Problem):
    status, kind, title = 415, "other-coding", _("Diese Kodierung lesen wir nicht.")
    meaning = _("Ein Inhalt kommt, wie er ist, oder als gzip.")
