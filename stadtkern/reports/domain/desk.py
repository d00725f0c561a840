"""The desk's questions: what is mine, what is due, where a clock runs. Rights are part of every query."""

import re
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from stadtkern.core import clock, quick
from stadtkern.core.paging import Page, behind, keyset, page_of
from stadtkern.core.problems import BadQuery
from stadtkern.people.models import Person
from stadtkern.people.rights import Reach, reach
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.words import Kind, Status, Visibility

VIEWS = ("open", "mine", "free", "clock", "late", "checking", "closed")
ORDER = {"closed": ("-changed_at", "-pk")}
BY_DUE = ("due_at", "pk")
ON_A_PAGE = 50
# Plain words of which the last may go on; what is quoted or excluded (-word) stands for itself.
BEGINNING = re.compile(r'(?P<rest>[^"]*?(?<![\w"])(?<!-))(?P<last>\w{2,})')
COLUMNS = (
    "pk",
    "kind",
    "category",
    "text",
    "public_text",
    "address",
    "district",
    "status",
    "visibility",
    "owner",
    "assignee__name",
    "assignee__email",
    "filed_at",
    "changed_at",
    "due_at",
    "closed_at",
    "support_count",
    "photo_count",
    "lat",
    "lon",
    "version",
)

MARKS = ("pk", "version", "owner_id", "category_id", "due_at", "closed_at", "changed_at", "assignee__name")
Mark = namedtuple("Mark", MARKS)  # type: ignore[misc]  # the columns are named once


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskQuery:
    """What the desk is asked for; unknown values are refused, nothing is guessed."""

    view: str = "open"
    q: str = ""
    status: str = ""
    category: str = ""
    group: str = ""
    kind: str = ""
    owner: int | None = None
    district: str = ""
    after: str = ""

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> "DeskQuery":
        given = {name: str(params.get(name, "")).strip() for name in cls.__dataclass_fields__}
        _one_of(given["view"], ("", *VIEWS), _("Ansicht"))
        _one_of(given["status"], ("", *Status), _("Status"))
        _one_of(given["kind"], ("", *Kind), _("Art"))
        _one_of(given["category"], ("", *catalogue().categories), _("Kategorie"))
        _one_of(given["group"], ("", *catalogue().groups), _("Bereich"))
        _one_of(given["district"], ("", *district_names()), _("Bezirk"))
        owner = given.pop("owner")
        if owner and not (owner.isdecimal() and len(owner) < 10 and int(owner) in catalogue().organisations):
            raise BadQuery(_("Diese Stelle gibt es nicht."))
        view = given.pop("view") or "open"
        return cls(view=view, owner=int(owner) if owner else None, **{k: v[:200] for k, v in given.items()})


def _one_of(value: str, known: tuple[str, ...], label: str) -> None:
    if value not in known:
        raise BadQuery(_("%(label)s: „%(value)s“ gibt es nicht.") % {"label": label, "value": value[:40]})


def desk_list(person: Person, query: DeskQuery) -> Page[Report]:
    """One page of the desk, most urgent first; one statement, however many rows."""
    order = ORDER.get(query.view, BY_DUE)
    return keyset(asked(person, query).only(*COLUMNS), order=order, after=query.after, limit=ON_A_PAGE)


def desk_marks(person: Person, query: DeskQuery) -> Page[Any]:
    """The same page as named tuples of MARKS: two rows with equal marks look the same."""
    scope = reach(person, "reports.read")
    statement = _statement if query.view == "late" else _known_statement  # what is late, the clock decides
    rows = [Mark(*row) for row in quick.rows(*statement(scope, person.pk, query))] if scope else []
    return page_of(rows, order=ORDER.get(query.view, BY_DUE), limit=ON_A_PAGE)


def _statement(scope: Reach, person_id: int, query: DeskQuery) -> tuple[str, tuple[Any, ...]]:
    """The SQL of a page of marks and its values; written by Django, which takes longer than PostgreSQL to answer it."""
    rows = _asked(scope, person_id, query).select_related(None).values_list(*MARKS)
    page = behind(rows, order=ORDER.get(query.view, BY_DUE), after=query.after, limit=ON_A_PAGE)
    return page.query.sql_with_params()


_known_statement = lru_cache(500)(_statement)  # keyed by plain values: a person would keep its request alive


def asked(person: Person, query: DeskQuery) -> QuerySet[Report]:
    return _asked(reach(person, "reports.read"), person.pk, query)


def _asked(scope: Reach, person_id: int, query: DeskQuery) -> QuerySet[Report]:
    rows = _within(scope).select_related("assignee").filter(_view(person_id, query.view))
    exact = {
        "status": query.status,
        "category": query.category,
        "category__group": query.group,
        "kind": query.kind,
        "district": query.district,
        "owner": query.owner,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows.filter(_words(query.q)) if query.q else rows


def visible(person: Person) -> QuerySet[Report]:
    """The reports this person may see at the desk."""
    return _within(reach(person, "reports.read"))


def _within(scope: Reach) -> QuerySet[Report]:
    return Report.objects.filter(scope.q("owner"))


def _view(person_id: int, view: str) -> Q:
    running = Handover.objects.filter(report=OuterRef("pk"), new_owner=OuterRef("owner"), taken_at__isnull=True)
    is_open = Q(closed_at__isnull=True)
    views: dict[str, Q] = {
        "open": is_open,
        "mine": is_open & Q(assignee=person_id),
        "free": is_open & Q(assignee__isnull=True),
        "clock": is_open & Q(Exists(running)),
        "late": is_open & Q(due_at__lt=clock.now()),
        "checking": Q(visibility=Visibility.CHECKING) & ~Q(status=Status.REJECTED),
        "closed": Q(closed_at__isnull=False),
    }
    return views[view]


def _words(text: str) -> Q:
    """Words of text and address by the index alone; the last word may be the beginning of one."""
    if text.lstrip("#").isdecimal() and len(text) < 12:
        return Q(pk=int(text.lstrip("#")))
    found = SearchQuery(text, config="german", search_type="websearch")
    if beginning := BEGINNING.fullmatch(text):
        last = SearchQuery(f"'{beginning['last']}':*", config="german", search_type="raw")
        rest = beginning["rest"].strip()
        found |= SearchQuery(rest, config="german", search_type="websearch") & last if rest else last
    return Q(search=found)


def counts(person: Person) -> dict[str, int]:
    """How many matters wait in each view, in one statement (closed ones only where they still wait to be read)."""
    named = {view: Count("pk", filter=_view(person.pk, view)) for view in VIEWS if view != "closed"}
    waiting = Q(closed_at__isnull=True) | Q(visibility=Visibility.CHECKING)
    return visible(person).filter(waiting).aggregate(**named)


def last_change() -> tuple[Any, ...]:
    """Something that differs after every change of a report."""
    return tuple(quick.rows("select changed_at, id from reports_report order by changed_at desc, id desc limit 1", []))


def due_state(due_at: datetime | None, closed_at: datetime | None, now: datetime | None = None) -> str:
    """late | soon (within two working days) | fine | none"""
    if due_at is None or closed_at is not None:
        return "none"
    now = now or clock.now()
    if due_at < now:
        return "late"
    return "soon" if clock.working_days_between(now, due_at) <= 2 else "fine"


def running_clock(report: Report) -> Handover | None:
    """The hand-over that nobody has taken yet."""
    return (
        Handover.objects.filter(report=report, new_owner_id=report.owner_id, taken_at__isnull=True)
        .select_related("old_owner", "new_owner")
        .first()
    )


def handover_clocks() -> QuerySet[Any]:
    """Per organisation: how many clocks run, how many are over, and how long hand-overs took (for the Unit)."""
    now = clock.now()
    taken = Coalesce("taken_at", now) - F("at")
    return (
        Handover.objects.values("new_owner_id", "new_owner__name")
        .annotate(
            running=Count("pk", filter=Q(taken_at__isnull=True)),
            over=Count("pk", filter=Q(taken_at__isnull=True, due_at__lt=now)),
            took=Avg(taken),
        )
        .order_by("-over", "new_owner__name")
    )
