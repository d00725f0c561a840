"""What the pages about quality show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from stadtkern.core import clock
from stadtkern.core.paging import Page, keyset
from stadtkern.core.problems import NotFound
from stadtkern.hub.domain import units
from stadtkern.hub.domain.quality import completeness, outliers
from stadtkern.hub.domain.quality.completeness import DayShare
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.domain.store.reading import midnight
from stadtkern.hub.models import Datastream, Latest
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import reach

DAYS, PER_PAGE = 14, 50
ORDER = ("name", "pk")


def streams_of(person: Person) -> QuerySet[Datastream]:
    """The datastreams of the organisations this person cares for."""
    mine = reach(person, MANAGE)
    return Datastream.objects.filter(mine.q("organisation")) if mine else Datastream.objects.none()


def desk_list(person: Person, *, text: str = "", state: str = "", after: str | None = None) -> Page[Datastream]:
    """One page of them with `rule_count`, by name; `state`: without (any rule), with, or all."""
    rows = streams_of(person).select_related("thing", "latest", "observed_property")
    rows = rows.annotate(rule_count=Count("rules"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(thing__name__icontains=text))
    if state:
        rows = rows.filter(rule_count=0) if state == "without" else rows.filter(rule_count__gt=0)
    return keyset(rows, order=ORDER, after=after, limit=PER_PAGE)


def stream_for(person: Person, datastream_id: int) -> Datastream:
    """One that this person cares for. Raises NotFound."""
    rows = streams_of(person).select_related("thing", "observed_property", "organisation")
    if (found := rows.filter(pk=datastream_id).first()) is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a datastream is doing. `score`: robust deviations of the newest value from what is usual at its hour."""

    latest: Latest | None
    score: float | None
    usual: float | None
    days: Sequence[DayShare]
    gaps: Sequence[tuple[object, object]]
    units: Sequence[units.Checked]


def health(person: Person, stream: Datastream) -> Health:
    """Newest value, last days, gaps, unit; for who cares for the datastream."""
    today = clock.local(clock.now()).date()
    reader, since = reader_of(person), today - timedelta(days=DAYS - 1)
    latest = Latest.objects.filter(pk=stream.pk).first()
    scored = _score(stream.pk, latest)
    tomorrow = today + timedelta(days=1)
    return Health(
        latest=latest,
        score=scored[0] if scored else None,
        usual=scored[1].middle if scored else None,
        days=list(completeness.by_day([stream.pk], since=since, until=tomorrow, reader=reader))[::-1],
        gaps=completeness.gaps(stream.pk, since=midnight(since), until=clock.now(), reader=reader)[::-1][:20],
        units=units.check_all(stream.unit),
    )


def _score(datastream_id: int, latest: Latest | None) -> tuple[float, outliers.Usual] | None:
    if latest is None or latest.number is None or latest.phenomenon_start is None:
        return None
    return outliers.score_of(datastream_id, latest.number, latest.phenomenon_start)
