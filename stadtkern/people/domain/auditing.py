"""The audit log, searched: who did what to which subject when. Looking is itself written down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit
from stadtkern.core.models import AuditEntry
from stadtkern.core.paging import Page, keyset
from stadtkern.core.parts import SubjectView, subjects
from stadtkern.core.problems import BadQuery
from stadtkern.people.domain.belonging import is_member
from stadtkern.people.models import Person

ORDER = ("-at", "-pk")
PER_PAGE = 50
MOST_ACTORS = 50
OPEN = {"None", "", "False", "[]"}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is looked for; an empty field asks for nothing."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry with names instead of numbers."""

    entry: AuditEntry
    actor: str
    subject: SubjectView | None

    @property
    def details(self) -> list[tuple[str, str]]:
        """What the entry says beside, without what it leaves open."""
        said = [(key, value) for key, value in self.entry.detail.items() if str(value) not in OPEN]
        return [(key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for key, value in said]


def search(question: Question, *, by: Person, after: str | None = None) -> Page[AuditEntry]:
    """One page of entries, the newest first; the look is recorded before anything is shown."""
    actors = _actors(question.actor) if question.actor else None
    page = keyset(_matching(question, actors), order=ORDER, after=after, limit=PER_PAGE)
    audit.record("audit.read", actor=by, detail=_without_names(question, actors, after))
    return page


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Names for a page of entries: one query for the actors, one per kind of subject."""
    shown = list(entries)
    names = _names({entry.actor_id for entry in shown if entry.actor_id})
    views = _views(shown)
    return [
        Line(
            entry=entry,
            actor=names.get(entry.actor_id, str(_("gelöschtes Konto"))) if entry.actor_id else str(_("das System")),
            subject=views.get((entry.subject_kind, entry.subject_id)),
        )
        for entry in shown
    ]


def note_look(person: Person, *, by: Person) -> None:
    """Write down that somebody looked at this person's page."""
    audit.record("people.person_read", actor=by, subject=("person", person.pk))


def note_citizens(shown: Iterable[Person], *, by: Person) -> None:
    """Write down a list that named people who belong to no organisation; colleagues may always be looked up."""
    citizens = [person.pk for person in shown if not is_member(person)]
    if citizens:
        audit.record("people.citizen_found", actor=by, detail={"persons": citizens})


def _actors(text: str) -> list[int]:
    """The persons meant by a number, an address or a part of a name."""
    wanted = Q(email__iexact=text) | Q(name__icontains=text)
    if text.isdigit():
        wanted |= Q(pk=int(text[:18]))
    return list(Person.objects.filter(wanted).values_list("pk", flat=True)[:MOST_ACTORS])


def _matching(question: Question, actors: list[int] | None) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.all()
    if actors is not None:
        found = found.filter(actor_id__in=actors)
    if question.action:
        found = found.filter(action__startswith=question.action)
    if question.subject:
        kind, _colon, number = question.subject.partition(":")
        found = found.filter(subject_kind=kind, **({"subject_id": number} if number else {}))
    if question.since:
        found = found.filter(at__gte=_midnight(question.since))
    if question.until:
        found = found.filter(at__lt=_midnight(question.until, days_later=1))
    return found


def _midnight(day: date, *, days_later: int = 0) -> datetime:
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=days_later), datetime.min.time()))
    except OverflowError as error:
        raise BadQuery(_("Dieses Datum gibt es nicht.")) from error


def _without_names(question: Question, actors: list[int] | None, after: str | None) -> dict[str, Any]:
    """What the log keeps of a look: numbers of persons, never what was typed."""
    return {
        "actors": actors,
        "action": question.action,
        "subject": question.subject,
        "since": question.since and question.since.isoformat(),
        "until": question.until and question.until.isoformat(),
        "further_page": bool(after),
    }


def _names(ids: set[int]) -> dict[int, str]:
    people = Person.objects.filter(pk__in=ids, erased_at__isnull=True)
    return {person.pk: str(person) for person in people}


def _views(entries: list[AuditEntry]) -> Mapping[tuple[str, str], SubjectView]:
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.subject_kind in subjects and entry.subject_id.isdigit():
            wanted.setdefault(entry.subject_kind, set()).add(int(entry.subject_id))
    return {
        (kind, str(number)): view
        for kind, numbers in wanted.items()
        for number, view in subjects[kind].resolve_many(sorted(numbers)).items()
    }
