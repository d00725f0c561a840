"""What this house keeps on a reader's device, for the privacy page: with the lives the code really gives it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stadtkern.people.sign_in import STAFF_SESSION_SECONDS
from stadtkern.portal.web.display import KEPT
from stadtkern.reports.web.citizen import DEVICE, DEVICE_SECONDS
from stadtkern.threads.web.parts import A_YEAR


@dataclass(frozen=True)
class Cookie:
    """A name, one occasion on which it is set, and how long it then stays."""

    name: str
    purpose: Any
    seconds: int

    @property
    def stays(self) -> timedelta:
        return timedelta(seconds=self.seconds)


def cookies() -> Iterator[Cookie]:
    session = settings.SESSION_COOKIE_NAME
    yield Cookie(settings.CSRF_COOKIE_NAME, _("Schützt Formulare vor Missbrauch"), settings.CSRF_COOKIE_AGE)
    yield Cookie(session, _("Wenn Sie sich anmelden"), settings.SESSION_COOKIE_AGE)
    yield Cookie(session, _("Wenn Mitarbeitende der Stadt sich anmelden"), STAFF_SESSION_SECONDS)
    yield Cookie(
        session,
        _("Wenn Sie ohne Konto etwas melden oder den geheimen Link zu Ihrer Meldung öffnen"),
        settings.SESSION_COOKIE_AGE,
    )
    follows = _("Wenn Sie ohne Konto auf dem Laufenden bleiben oder den Link zu Ihren Mitteilungen öffnen")
    yield Cookie(session, follows, A_YEAR)
    yield Cookie(DEVICE, _("Wenn Sie „Mich auch“ drücken: damit jedes Gerät einmal zählt"), DEVICE_SECONDS)
    chosen = ", ".join((settings.LANGUAGE_COOKIE_NAME, "theme", "text", "contrast", "motion"))
    yield Cookie(chosen, _("Nur wenn Sie hier etwas umstellen"), KEPT)
