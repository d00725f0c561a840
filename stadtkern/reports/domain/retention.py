"""How long reports keep what is personal: contacts leave closed matters, hidden and withdrawn ones are emptied."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import RetentionRule, retention_rules
from stadtkern.reports.domain.reminders import deadline
from stadtkern.reports.models import Report, Support
from stadtkern.reports.words import CLOSED, Visibility
from stadtkern.threads.models import Entry, Participant
from stadtkern.threads.words import EntryKind

BATCH = 2_000
UNSEEN = (Visibility.HIDDEN, Visibility.INTERNAL)
# Messages, and the lines that say from which words to which other ones a report was put right.
WITH_WORDS = Q(kind=EntryKind.MESSAGE) | Q(kind=EntryKind.NOTE, code__in=["corrected", "published"])
EMPTY: dict[str, Any] = {"text": "", "public_text": "", "place_note": "", "address": "", "answers": {}}


def contacts_leave(before: datetime) -> int:
    """People without an account take no part any more in matters that ended before; threads then forget them."""
    ended = Report.objects.filter(status__in=CLOSED, closed_at__lt=before).values("thread_id")
    gone = Participant.objects.filter(thread__in=ended, contact__person__isnull=True)
    return Participant.objects.filter(pk__in=list(gone.values_list("pk", flat=True)[:BATCH])).delete()[0]


def hidden_texts_go(before: datetime) -> int:
    """What was hidden or taken back is not kept: words, answers, address and messages go; steps and point stay."""
    unseen = Report.objects.filter(visibility__in=UNSEEN, changed_at__lt=before)
    threads = list(unseen.filter(_says_something()).values_list("thread_id", flat=True)[:BATCH])
    messages = Entry.objects.filter(WITH_WORDS, thread__in=threads)
    messages.exclude(text="", data={}).update(text="", data={})
    return Report.objects.filter(thread__in=threads).update(**EMPTY)


def _says_something() -> Q:
    """Some field is not empty, or some message is not; rows that are done are not taken again."""
    said = Entry.objects.filter(WITH_WORDS, thread=OuterRef("thread")).exclude(text="")
    fields = Q()
    for name, nothing in EMPTY.items():
        fields |= ~Q(**{name: nothing})
    return fields | Q(Exists(said))


def devices_go(before: datetime) -> int:
    """ "Me too" needs its digest of a device only while somebody might press twice."""
    old = Support.objects.filter(at__lt=before).values_list("pk", flat=True)[:BATCH]
    return Support.objects.filter(pk__in=list(old)).delete()[0]


def register() -> None:
    retention_rules.add(
        RetentionRule(
            key="reports.contacts",
            what=_("Kontaktdaten zu abgeschlossenen Meldungen (ohne Konto)"),
            keep=timedelta(days=deadline("retention_contact_days", 180)),
            purge=contacts_leave,
        )
    )
    retention_rules.add(
        RetentionRule(
            key="reports.hidden",
            what=_("Texte, Antworten, Adressen und Nachrichten verborgener und zurückgezogener Meldungen"),
            keep=timedelta(days=90),
            purge=hidden_texts_go,
        )
    )
    retention_rules.add(
        RetentionRule(
            key="reports.devices",
            what=_("Merkmale gegen doppeltes „Mich auch“"),
            keep=timedelta(days=365),
            purge=devices_go,
        )
    )
