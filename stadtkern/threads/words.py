"""The words of threads."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EntryKind(TextChoices):
    STEP = "step", _("Schritt")
    MESSAGE = "message", _("Nachricht")
    NOTE = "note", _("Interne Notiz")
    HANDOVER = "handover", _("Weitergabe")
    PHOTO = "photo", _("Foto")


class ShownTo(TextChoices):
    """Who sees an entry."""

    PUBLIC = "public", _("alle")
    PARTICIPANTS = "participants", _("Beteiligte")
    STAFF = "staff", _("nur intern")


class Part(TextChoices):
    """What a contact is in a thread."""

    REPORTER = "reporter", _("hat gemeldet")
    HELPER = "helper", _("hilft beim Melden")
    PARTY = "party", _("ist beteiligt")


# Those whose matter it is: only they read what is not public, answer, confirm, take back.
# A party hears of public news, as a follower does.
INSIDE = frozenset({Part.REPORTER, Part.HELPER})


class Pace(TextChoices):
    """How soon a follower is told."""

    NOW = "now", _("sofort")
    DAILY = "daily", _("einmal am Tag")
    WEEKLY = "weekly", _("einmal in der Woche")


class Channel(TextChoices):
    INBOX = "inbox", _("in der App")
    EMAIL = "email", _("E-Mail")
    PUSH = "push", _("Push-Nachricht")


class DeliveryState(TextChoices):
    WAITING = "waiting", _("wartet")
    SENDING = "sending", _("wird zugestellt")
    SENT = "sent", _("zugestellt")
    FAILED = "failed", _("fehlgeschlagen")
    SKIPPED = "skipped", _("nicht gewünscht")
