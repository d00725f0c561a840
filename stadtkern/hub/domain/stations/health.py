"""How healthy the feeds are: completeness of the last days, findings by kind, and which are silent.

One page of datastreams at a time, in a fixed number of statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from stadtkern.core import clock
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.quality.completeness import DayShare, by_day
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.listing import PATIENCE_SQL
from stadtkern.hub.domain.stations.series import PAST_SQL, Series, series_by_id
from stadtkern.hub.words import Flag

DAYS = 30
PAGE = 25
COUNTED = (
    Flag.RANGE, Flag.STEP, Flag.STUCK, Flag.GAP, Flag.DUPLICATE, Flag.DRIFT, Flag.OUTLIER, Flag.LATE, Flag.CORRECTED,
    Flag.BAD,
)  # fmt: skip
SILENT_FIRST = f"""
select d.id from hub_datastream d join hub_thing t on t.id = d.thing_id join hub_latest n on n.datastream_id = d.id
where {{sees}} and {{sees_thing}}
order by case when n.phenomenon_start is null then 0 when n.phenomenon_start > now() - {PATIENCE_SQL} then 1
    when {PAST_SQL} then 2 else 0 end, t.name, d.id
limit %(limit)s offset %(offset)s
"""  # noqa: S608  constants
TOTALS = f"""
select count(*), count(*) filter (where n.phenomenon_start is null),
       count(*) filter (where n.phenomenon_start <= now() - {PATIENCE_SQL} and not {PAST_SQL}),
       count(*) filter (where n.phenomenon_start <= now() - {PATIENCE_SQL} and {PAST_SQL}), sum(n.count)
from hub_datastream d join hub_latest n on n.datastream_id = d.id where {{sees}}
"""  # noqa: S608  constants
FINDINGS = f"""
select o.datastream_id, {", ".join(f"count(*) filter (where o.flags & {flag:d} <> 0)" for flag in COUNTED)}
from hub_observation o join hub_datastream d on d.id = o.datastream_id
where o.datastream_id = any(%(ids)s) and o.flags & ~1 <> 0
  and o.phenomenon_start >= %(since)s and o.phenomenon_start < %(until)s and {{sees}}
group by 1
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all datastreams a reader sees. `silent`: nothing new for too long; `empty`: never anything.

    `past`: read from files of the past, nobody expects anything of them.
    """

    datastreams: int
    empty: int
    silent: int
    past: int
    values: int

    @property
    def expected(self) -> int:
        """Those that should send something."""
        return self.datastreams - self.past

    @property
    def working(self) -> int:
        return self.expected - self.empty - self.silent


@dataclass(frozen=True, slots=True)
class Health:
    """One datastream over the last days. `share`: values received of those expected; None when nobody knows."""

    series: Series
    days: Sequence[DayShare]
    findings: dict[Flag, int]

    @property
    def received(self) -> int:
        return sum(day.received for day in self.days)

    @property
    def share(self) -> float | None:
        known = [day for day in self.days if day.expected]
        expected = sum(day.expected or 0 for day in known)
        return sum(min(day.received, day.expected or 0) for day in known) / expected if expected else None


def totals(*, reader: Reader) -> Totals:
    row = cursor(here()).execute(TOTALS.format(sees=reader.sees_datastream("d")), dict(reader.parameters)).fetchone()
    return Totals(*(int(number or 0) for number in row)) if row else Totals(0, 0, 0, 0, 0)


def health_page(number: int, *, reader: Reader) -> tuple[list[Health], bool]:
    """Datastreams of this page (from 1), silent ones first, past ones last, and whether another page follows."""
    statement = SILENT_FIRST.format(sees=reader.sees_datastream("d"), sees_thing=reader.sees_thing("t"))
    asked = {"limit": PAGE + 1, "offset": (number - 1) * PAGE, **reader.parameters}
    ids = [id for (id,) in cursor(here()).execute(statement, asked).fetchall()]
    return health_of(ids[:PAGE], reader=reader), len(ids) > PAGE


def health_of(ids: Sequence[int], *, reader: Reader) -> list[Health]:
    """Of these datastreams, in this order; three statements."""
    until = clock.local(clock.now()).date() + timedelta(days=1)
    since = until - timedelta(days=DAYS)
    series = series_by_id(ids, reader=reader)
    days: dict[int, list[DayShare]] = {}
    for share in by_day(ids, since=since, until=until, reader=reader):
        days.setdefault(share.datastream_id, []).append(share)
    found = _findings(ids, reader)
    return [Health(series[id], _begun(series[id], days.get(id, [])), found.get(id, {})) for id in ids if id in series]


def _begun(series: Series, days: Sequence[DayShare]) -> Sequence[DayShare]:
    """Before its first value a feed owed nothing."""
    if series.first_start is None:
        return days
    first = clock.local(series.first_start).date()
    return [day for day in days if day.day >= first]


def _findings(ids: Sequence[int], reader: Reader) -> dict[int, dict[Flag, int]]:
    now = clock.now()
    asked = {"ids": list(ids), "since": now - timedelta(days=DAYS), "until": now, **reader.parameters}
    rows = cursor(here()).execute(FINDINGS.format(sees=reader.sees_datastream("d")), asked).fetchall()
    return {id: {flag: count for flag, count in zip(COUNTED, counts, strict=True) if count} for id, *counts in rows}
