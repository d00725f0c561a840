"""One kind of error for everything: a page, RFC 9457 JSON, or what a standard asks for.

Raise a Problem anywhere below a view; `core.web.middleware` renders it once.
The detail is shown to the person: a whole sentence, saying what to do.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class Problem(Exception):
    """Something the caller can be told. `fields` names the reason for each wrong field."""

    status = 500
    kind = "unexpected"
    title: Any = _("Da ist etwas schiefgegangen.")
    meaning: Any = _("Das liegt an uns. Wir haben es bemerkt; versuchen Sie es später noch einmal.")

    def __init__(
        self, detail: Any = "", *, fields: Mapping[str, Any] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        self.retry_after = retry_after  # seconds

    def __str__(self) -> str:
        return str(self.detail or self.title)

    @classmethod
    def address(cls) -> str:
        """Where this kind is explained (portal/web/problems.py)."""
        return f"/api/problems/{cls.kind}"

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says in its head, whatever its form."""
        return {"Retry-After": str(self.retry_after)} if self.retry_after else {}

    def as_json(self) -> dict[str, Any]:
        """The members of RFC 9457, plus `errors` by field."""
        body: dict[str, Any] = {
            "type": self.address(),
            "title": str(self.title),
            "status": self.status,
            "detail": str(self),
        }
        if self.fields:
            body["errors"] = {name: str(reason) for name, reason in self.fields.items()}
        return body


class BadQuery(Problem):
    status, kind, title = 400, "bad-query", _("Diese Anfrage verstehen wir nicht.")
    meaning = _("Ein Parameter fehlt, ist unbekannt oder hat einen Wert, den es nicht gibt.")


class NotAuthenticated(Problem):
    """Who asks has to say who it is, or has said it wrongly."""

    status, kind, title = 401, "not-authenticated", _("Bitte senden Sie einen API-Schlüssel.")
    meaning = _("Authorization: Bearer sk_… oder X-Api-Key: sk_…, mit einem Schlüssel, der gilt.")

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="stadtkern"'}


class NotAllowed(Problem):
    status, kind, title = 403, "not-allowed", _("Das dürfen Sie hier nicht.")
    meaning = _("Diese Person oder dieser Schlüssel hat das Recht dazu nicht.")


class NotFound(Problem):
    status, kind, title = 404, "not-found", _("Das haben wir nicht gefunden.")
    meaning = _("Unter dieser Adresse gibt es nichts, oder nichts Öffentliches.")


class OtherMethod(Problem):
    """`allow` names the methods that the address knows (RFC 9110, clause 15.5.6)."""

    status, kind, title = 405, "other-method", _("Diese Adresse kennt diese Methode nicht.")
    meaning = _("Der Kopf Allow nennt die Methoden, die sie kennt.")

    def __init__(self, detail: Any = "", *, allow: str = "") -> None:
        super().__init__(detail)
        self.allow = allow

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": self.allow}


class TooSlow(Problem):
    status, kind, title = 408, "too-slow", _("Die Anfrage kam nicht rechtzeitig an.")
    meaning = _("Der Inhalt einer Anfrage muss in einer halben Minute angekommen sein.")


class Conflict(Problem):
    status, kind, title = 409, "conflict", _("Jemand war schneller.")
    meaning = _("Es hat sich inzwischen etwas geändert; lesen Sie neu und versuchen Sie es noch einmal.")


class TooLarge(Problem):
    status, kind, title = 413, "too-large", _("Das ist zu groß.")
    meaning = _("Der Inhalt der Anfrage ist größer, als wir annehmen.")


class OtherMedia(Problem):
    status, kind, title = 415, "other-media", _("Diese Form von Inhalt lesen wir hier nicht.")
    meaning = _("Content-Type oder Content-Encoding nennt etwas, was diese Adresse nicht kennt.")


class BadInput(Problem):
    status, kind, title = 422, "bad-input", _("Bitte prüfen Sie Ihre Angaben.")
    meaning = _("Die Angaben sind lesbar, aber nicht zu gebrauchen; errors nennt den Grund für jedes Feld.")


class DependencyFailed(Problem):
    status, kind, title = 424, "dependency-failed", _("Eine andere Anfrage aus demselben Stapel ist gescheitert.")
    meaning = _("Diese Anfrage wurde deshalb nicht versucht, oder rückgängig gemacht.")


class TooMany(Problem):
    status, kind, title = 429, "too-many", _("Das war etwas zu oft.")
    meaning = _("Die Grenze für diese Zeit ist erreicht; Retry-After sagt, wann es weitergeht.")


class Unavailable(Problem):
    status, kind, title = 503, "unavailable", _("Das geht gerade nicht.")
    meaning = _("Etwas, das wir dazu brauchen, antwortet gerade nicht.")


def every_kind() -> list[type[Problem]]:
    """All problems, as /api/problems/ lists them."""
    return sorted([Problem, *Problem.__subclasses__()], key=lambda kind: kind.status)
