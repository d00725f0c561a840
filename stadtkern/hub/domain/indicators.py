"""What the hub says about itself and about the city in one figure: for indicators, over any period."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.readers import ANYBODY, Reader
from stadtkern.hub.domain.stations.health import totals
from stadtkern.hub.domain.stations.series import series_by_id, series_of_properties
from stadtkern.hub.domain.store.postgres import PostgresStore

MOST = 2_000  # datastreams one figure is made of
NOW = timedelta(hours=1)  # a period that ends this near to now is asked of the newest values


def query_value(
    *,
    function: str,
    since: datetime,
    until: datetime,
    datastream_ids: Sequence[int] = (),
    property_id: int | None = None,
    reader: Reader = ANYBODY,
) -> float | None:
    """One figure of these datastreams, or of all of an observed property, over a period; None without a value.

    `function`: mean, min, max, sum, count, first, last, median, stddev (see store.aggregating). Raises BadQuery for an
    unknown function, for nothing to ask, and for different units.
    """
    if property_id is not None:
        series = series_of_properties([property_id], reader=reader, most=MOST)
    else:
        series = list(series_by_id(list(datastream_ids)[:MOST], reader=reader).values())
    if property_id is None and not datastream_ids:
        raise BadQuery(_("Sagen Sie bitte, welche Messgröße oder welche Messreihen gemeint sind."))
    if len({one.symbol for one in series}) > 1:
        raise BadQuery(_("Diese Messreihen haben verschiedene Einheiten und passen nicht in ein Bild."))
    if not series:
        return None
    rows = PostgresStore().aggregate(
        [one.id for one in series], since=since, until=until, interval=None, functions=[function], reader=reader,
        apart=False,
    )  # fmt: skip
    return next((row.values[0] for row in rows), None)


def online(since: datetime, until: datetime) -> float | None:
    """Public datastreams that sent something in the period."""
    return float(sum(count > 0 for count in _counts(since, until)))


def fresh_share(since: datetime, until: datetime) -> float | None:
    """Percent of the public datastreams that do what they should: now, or that sent something in a period gone by."""
    all_of = totals(reader=ANYBODY)
    if not all_of.expected:
        return None
    if clock.now() - until <= NOW:
        return 100.0 * all_of.working / all_of.expected
    return 100.0 * (online(since, until) or 0.0) / all_of.datastreams


def values_per_day(since: datetime, until: datetime) -> float | None:
    """Public values a day, over the period."""
    days = (until - since) / timedelta(days=1)
    return sum(_counts(since, until)) / days if days > 0 else None


def _counts(since: datetime, until: datetime) -> list[float]:
    rows: Any = PostgresStore().aggregate(
        None, since=since, until=until, interval=None, functions=["count"], reader=ANYBODY
    )
    return [row.values[0] or 0.0 for row in rows]
