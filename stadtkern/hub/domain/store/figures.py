"""The figures of an interval in SQL: what is counted, what is a value, first and last.

A value is a number that is not flagged as bad. NaN, the infinities and numbers beyond 1e290 are counted but are no
values: a sum of them would be an error, and one of them would stop the rollups of its hour for ever.
"""

from stadtkern.hub.words import Flag

COLUMNS = "count, flagged, bad, values, total, minimum, maximum, first, last"
LARGEST = "1e290"  # 2^31 of them are still a double
VALUE = f"o.number between -{LARGEST} and {LARGEST} and o.flags & {Flag.BAD:d} = 0"
_IN_ORDER = f"array_agg(o.number order by o.phenomenon_start, o.slot) filter (where {VALUE})"

BAD = f"count(*) filter (where o.flags & {Flag.BAD:d} <> 0)"

# Of rows `o` of hub_observation.
OF_VALUES = f"""
    count(*)::integer as count,
    (count(*) filter (where o.flags & ~{Flag.CHECKED:d} <> 0))::integer as flagged,
    ({BAD})::integer as bad,
    (count(*) filter (where {VALUE}))::integer as values,
    sum(o.number) filter (where {VALUE}) as total,
    min(o.number) filter (where {VALUE}) as minimum,
    max(o.number) filter (where {VALUE}) as maximum,
    ({_IN_ORDER})[1] as first,
    ({_IN_ORDER})[count(*) filter (where {VALUE})] as last
"""
# Of rows `r` that have the columns above already, in the order of `r.bucket`.
_ENDS = "array_agg(r.{end} order by r.bucket{more}) filter (where r.values > 0)"


def of_parts(more: str = "") -> str:
    """Figures of longer intervals from those of shorter ones; `more`: what else the parts are ordered by."""
    after = f", {more}" if more else ""
    first, last = (_ENDS.format(end=end, more=after) for end in ("first", "last"))
    return f"""
    sum(r.count)::integer as count,
    sum(r.flagged)::integer as flagged,
    sum(r.bad)::integer as bad,
    sum(r.values)::integer as values,
    sum(r.total) as total,
    min(r.minimum) as minimum,
    max(r.maximum) as maximum,
    ({first})[1] as first,
    ({last})[count(*) filter (where r.values > 0)] as last
"""


HOUR = "date_bin('1 hour', {moment}, timestamptz '1970-01-01 00:00:00+00')"
HOUR_OF_VALUE = HOUR.format(moment="o.phenomenon_start")
