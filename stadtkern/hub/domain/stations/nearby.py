"""The stations around a point that have a fresh value."""

import math
from typing import Any

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.listing import SELECT, Station, asked_of, fitting, with_series
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.threads.domain.following import distance_m

WITHIN_M, MOST = 2_000, 4
METRES_PER_DEGREE = 111_320.0
AROUND = """
{select} {fitting}
  and place.lat between %(south)s and %(north)s and place.lon between %(west)s and %(east)s
order by (place.lat - %(lat)s) ^ 2 + ((place.lon - %(lon)s) * %(narrow)s) ^ 2 limit %(limit)s
"""


def stations_near(lat: float, lon: float, *, reader: Reader) -> list[tuple[Station, int]]:
    """The nearest first, with metres (WGS84 degrees in); two statements."""
    high, narrow = WITHIN_M / METRES_PER_DEGREE, math.cos(math.radians(lat))
    wide = high / max(narrow, 0.01)
    asked: dict[str, Any] = asked_of(StationQuery(working=True), reader) | {"lat": lat, "lon": lon, "narrow": narrow}
    asked |= {"south": lat - high, "north": lat + high, "west": lon - wide, "east": lon + wide, "limit": MOST}
    statement = AROUND.format(select=SELECT, fitting=fitting(reader))
    found = with_series(cursor(here()).execute(statement, asked).fetchall(), reader)
    measured = [(one, round(distance_m(lat, lon, one.place.lat, one.place.lon))) for one in found if one.place]
    return [(one, metres) for one, metres in measured if metres <= WITHIN_M]
