"""The words of reports and the law of their steps. A clerk can read it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    DEFECT = "defect", _("Mangel")
    IDEA = "idea", _("Idee")
    PRAISE = "praise", _("Lob")


class Status(TextChoices):
    RECEIVED = "received", _("Eingegangen")
    CHECKED = "checked", _("Geprüft")
    ASSIGNED = "assigned", _("Zugewiesen")
    IN_WORK = "in_work", _("In Arbeit")
    WAITING = "waiting", _("Wartet")
    DONE = "done", _("Erledigt")
    REJECTED = "rejected", _("Abgelehnt")
    REOPENED = "reopened", _("Wieder geöffnet")


NEXT: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.CHECKED, Status.ASSIGNED, Status.WAITING, Status.DONE, Status.REJECTED}),
    Status.CHECKED: frozenset({Status.ASSIGNED, Status.IN_WORK, Status.WAITING, Status.DONE, Status.REJECTED}),
    Status.ASSIGNED: frozenset({Status.CHECKED, Status.IN_WORK, Status.WAITING, Status.DONE, Status.REJECTED}),
    Status.IN_WORK: frozenset({Status.ASSIGNED, Status.WAITING, Status.DONE, Status.REJECTED}),
    Status.WAITING: frozenset({Status.CHECKED, Status.ASSIGNED, Status.IN_WORK, Status.DONE, Status.REJECTED}),
    Status.DONE: frozenset({Status.REOPENED}),
    Status.REJECTED: frozenset({Status.REOPENED}),
    Status.REOPENED: frozenset(
        {Status.CHECKED, Status.ASSIGNED, Status.IN_WORK, Status.WAITING, Status.DONE, Status.REJECTED}
    ),
}
# An idea is read, perhaps asked about, and answered: taken up (done) or not (rejected, with the reason).
# "Assigned" and "in work" only lead out: a report that became an idea may stand there.
_ANSWER = frozenset({Status.DONE, Status.REJECTED})
NEXT_OF_IDEAS: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.CHECKED, Status.WAITING}) | _ANSWER,
    Status.CHECKED: frozenset({Status.WAITING}) | _ANSWER,
    Status.ASSIGNED: frozenset({Status.CHECKED, Status.WAITING}) | _ANSWER,
    Status.IN_WORK: frozenset({Status.CHECKED, Status.WAITING}) | _ANSWER,
    Status.WAITING: frozenset({Status.CHECKED}) | _ANSWER,
    Status.DONE: frozenset({Status.REOPENED}),
    Status.REJECTED: frozenset({Status.REOPENED}),
    Status.REOPENED: frozenset({Status.CHECKED, Status.WAITING}) | _ANSWER,
}
# Praise arrives and is passed on. "Rejected" is for doubles and for what is no praise.
NEXT_OF_PRAISE: dict[Status, frozenset[Status]] = {
    **dict.fromkeys(Status, _ANSWER),
    Status.DONE: frozenset({Status.REOPENED}),
    Status.REJECTED: frozenset({Status.REOPENED}),
}
LAWS: dict[Kind, dict[Status, frozenset[Status]]] = {
    Kind.DEFECT: NEXT,
    Kind.IDEA: NEXT_OF_IDEAS,
    Kind.PRAISE: NEXT_OF_PRAISE,
}
# A new owner has not begun: what was in work is only assigned again.
AFTER_HANDOVER: dict[Status, Status] = {Status.IN_WORK: Status.ASSIGNED}


def next_steps(kind: str, status: str) -> frozenset[Status]:
    """The steps that a matter of this kind may take from here."""
    return LAWS[Kind(kind)][Status(status)]


CLOSED = frozenset({Status.DONE, Status.REJECTED})
OPEN = frozenset(Status) - CLOSED
NEEDS_REASON = frozenset({Status.REJECTED})


class Visibility(TextChoices):
    """Who sees the report's page; photos have their own gate (faces and plates)."""

    CHECKING = "checking", _("wird geprüft")
    PUBLIC = "public", _("öffentlich")
    HIDDEN = "hidden", _("verborgen")
    INTERNAL = "internal", _("nur intern")


class Source(TextChoices):
    WEB = "web", _("Web-App")
    OFFLINE = "offline", _("Web-App, später gesendet")
    PHONE = "phone", _("Telefon 115")
    DESK = "desk", _("Verwaltung")
    OPEN311 = "open311", _("Open311")
    IMPORT = "import", _("Übernahme")


class PhotoPart(TextChoices):
    REPORT = "report", _("zur Meldung")
    BEFORE = "before", _("vorher")
    AFTER = "after", _("nachher")


class ForwardState(TextChoices):
    WAITING = "waiting", _("wird gesendet")
    SENT = "sent", _("angenommen")
    FAILED = "failed", _("nicht angekommen")
