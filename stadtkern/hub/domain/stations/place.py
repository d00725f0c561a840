"""Where a station stands, in SQL and in words: the first location of a thing that is a geometry and is seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.places.domain.geometry import district_at, districts_of

MOST_LOCATIONS = 50_000

# Joined to things `t`: the middle of the box of the first place (degrees, EPSG:4326).
LATERAL = """
left join lateral (
    select l.id, l.name, (l.south + l.north) / 2 as lat, (l.west + l.east) / 2 as lon
    from hub_thing_locations h join hub_location l on l.id = h.location_id
    where h.thing_id = t.id and l.west is not null and {sees} order by l.id limit 1
) place on true
"""
MIDDLES = """
select l.id, (l.south + l.north) / 2, (l.west + l.east) / 2 from hub_location l
where l.west is not null and {sees} order by l.id limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The name the location has, and its middle."""

    name: str
    lat: float
    lon: float

    @property
    def district(self) -> str:
        """The name of the district; "" outside of the city."""
        found = district_at(self.lat, self.lon)
        return found.name if found else ""


def lateral(reader: Reader) -> str:
    return LATERAL.format(sees=reader.sees_owned("l"))


def locations_in(district: str, *, reader: Reader) -> Sequence[int]:
    """The locations of a district (key), by their middle; exact by the district's outline."""
    statement = MIDDLES.format(sees=reader.sees_owned("l"))
    rows = cursor(here()).execute(statement, {"most": MOST_LOCATIONS, **reader.parameters}).fetchall()
    keys = districts_of([(lat, lon) for _id, lat, lon in rows])
    return [row[0] for row, key in zip(rows, keys, strict=True) if key == district]
