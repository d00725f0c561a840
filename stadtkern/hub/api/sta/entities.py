"""The entity sets of SensorThings 1.1 as a table: what each property is in SQL, and how sets hang together.

In the templates `{t}` is the alias of the rows and `{k}` the key of the parent. A set's `rows` and `seen` make the FROM
clause and the condition of the reader; nothing reads a set without both (planning/scope.py).
Source: OGC 18-088, clauses 8.2.1 to 8.2.8; MultiDatastream: OGC 15-078r6, clause 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from stadtkern.hub.words import ENCODINGS_OF_PLACES


class Kind(Enum):
    """What a property or an expression is. PERIOD has two columns (the second null: an instant), RESULT three."""

    NUMBER = auto()
    TEXT = auto()
    TRUTH = auto()
    MOMENT = auto()
    PERIOD = auto()
    DAY = auto()
    CLOCK = auto()
    LENGTH = auto()
    JSON = auto()
    RESULT = auto()
    PLACE = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Property:
    """`columns` are compared and sorted, `shown` (if it differs) is what the answer shows.

    `mandatory`: answered as null when there is no value; optional ones are left out then.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    nullable: bool = False
    shown: tuple[str, ...] = ()
    mandatory: bool = False

    @property
    def wire(self) -> tuple[str, ...]:
        return self.shown or self.columns


@dataclass(frozen=True, slots=True)
class Navigation:
    """A way to related entities. To one: `key` is the parent's column, `on` compares it with the target's id.

    `rank`: the order that belongs to the relation itself.
    """

    name: str
    target: str
    many: bool
    on: str
    key: str = "{t}.id"
    rank: str = ""


@dataclass(frozen=True, slots=True)
class EntitySet:
    """A collection at the service root. `seen` names the reader's condition, `guard` the alias it speaks of.

    `rows`: the FROM clause; joins of its own (`{t}l`: hub_latest, `{t}d`: the datastream of an observation) included.
    `closed`: whether the row is not public, for the access log; `stream`: the datastream such a row is about; `place`:
    the geometry of the row as GeoJSON; `absent`: the navigation this row has not got.
    """

    name: str
    singular: str
    rows: str
    seen: str
    properties: Mapping[str, Property]
    navigations: Mapping[str, Navigation]
    guard: str = "{t}"
    where: str = "true"
    closed: str = "{t}.visibility <> 'public'"
    stream: str = "null::bigint"
    place: str = ""
    absent: str = "null::text"


def _text(name: str, column: str) -> Property:
    return Property(name, Kind.TEXT, (f"{{t}}.{column}",))


def _json(name: str, column: str, shown: str = "", nullable: bool = False) -> Property:
    return Property(name, Kind.JSON, (f"{{t}}.{column}",), nullable, (shown,) if shown else ())


def _one(name: str, target: str, column: str) -> Navigation:
    return Navigation(name, target, False, "{t}.id = {k}", f"{{t}}.{column}")


def _many(name: str, column: str) -> Navigation:
    return Navigation(name, name, True, f"{{t}}.{column} = {{k}}")


def _through(name: str, table: str, mine: str, theirs: str, *, rank: str = "") -> Navigation:
    on = f"{{t}}.id in (select x.{theirs} from {table} x where x.{mine} = {{k}})"  # noqa: S608  constants
    return Navigation(name, name, True, on, rank=rank)


def _of(*parts: Property) -> dict[str, Property]:
    return {part.name: part for part in (Property("id", Kind.NUMBER, ("{t}.id",)), *parts)}


def _to(*parts: Navigation) -> dict[str, Navigation]:
    return {part.name: part for part in parts}


NAME, DESCRIPTION = _text("name", "name"), _text("description", "description")
PROPERTIES, ENCODING = _json("properties", "properties"), _text("encodingType", "encoding_type")
IS_GEOJSON = f"in {ENCODINGS_OF_PLACES}"

_NO_UNIT = """case when {u} @> '{{"name": "", "symbol": "", "definition": ""}}'
    then {u} || '{{"name": null, "symbol": null, "definition": null}}' else {u} end"""
UNIT = _NO_UNIT.format(u="{t}.unit")
UNITS = f"""(select coalesce(jsonb_agg({_NO_UNIT.format(u="u.one")} order by u.place), '[]')
    from jsonb_array_elements({{t}}.unit) with ordinality u (one, place))"""  # noqa: S608  constants

# The smallest box around what was measured; a box without height or width is a line or a point (RFC 7946).
AREA = """coalesce({t}.observed_area, (select case
    when min(f.west) is null then null
    when min(f.west) = max(f.east) and min(f.south) = max(f.north) then
        jsonb_build_object('type', 'Point', 'coordinates', jsonb_build_array(min(f.west), min(f.south)))
    when min(f.west) = max(f.east) or min(f.south) = max(f.north) then
        jsonb_build_object('type', 'LineString', 'coordinates', jsonb_build_array(
            jsonb_build_array(min(f.west), min(f.south)), jsonb_build_array(max(f.east), max(f.north))))
    else jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(jsonb_build_array(
            jsonb_build_array(min(f.west), min(f.south)), jsonb_build_array(max(f.east), min(f.south)),
            jsonb_build_array(max(f.east), max(f.north)), jsonb_build_array(min(f.west), max(f.north)),
            jsonb_build_array(min(f.west), min(f.south))))) end
    from hub_feature_use u join hub_featureofinterest f on f.id = u.feature_id
    where u.datastream_id = {t}.id and {sees_f}))"""

_STREAM = (
    NAME,
    DESCRIPTION,
    Property("phenomenonTime", Kind.PERIOD, ("{t}l.first_start", "{t}l.last_end"), True),
    Property("resultTime", Kind.PERIOD, ("{t}l.first_result", "{t}l.last_result"), True),
    Property("observedArea", Kind.PLACE, (AREA,), True),
    PROPERTIES,
)
_STREAM_ROWS = "hub_datastream {t} left join hub_latest {t}l on {t}l.datastream_id = {t}.id"
_PLACED = "coalesce(case when {c}->>'type' = 'Feature' then {c}->'geometry' end, {c})"


def _stream(name: str, singular: str, where: str, own: tuple[Property, ...], observed: Navigation) -> EntitySet:
    return EntitySet(
        name,
        singular,
        _STREAM_ROWS,
        "datastream",
        _of(*_STREAM, *own),
        _to(
            _one("Thing", "Things", "thing_id"),
            _one("Sensor", "Sensors", "sensor_id"),
            observed,
            _many("Observations", "datastream_id"),
        ),
        where=where,
        stream="{t}.id",
        place=AREA,
    )


THINGS = EntitySet(
    "Things",
    "Thing",
    "hub_thing {t}",
    "thing",
    _of(NAME, DESCRIPTION, PROPERTIES),
    _to(
        _through("Locations", "hub_thing_locations", "thing_id", "location_id"),
        _many("HistoricalLocations", "thing_id"),
        _many("Datastreams", "thing_id"),
        _many("MultiDatastreams", "thing_id"),
    ),
    place=f"""(select {_PLACED.format(c="g.location")} from hub_thing_locations x join hub_location g
        on g.id = x.location_id and g.encoding_type {IS_GEOJSON} and {{sees_g}}
        where x.thing_id = {{t}}.id order by g.id limit 1)""",  # noqa: S608  constants
)
LOCATIONS = EntitySet(
    "Locations",
    "Location",
    "hub_location {t}",
    "owned",
    _of(NAME, DESCRIPTION, ENCODING, Property("location", Kind.PLACE, ("{t}.location",)), PROPERTIES),
    _to(
        _through("Things", "hub_thing_locations", "location_id", "thing_id"),
        _through("HistoricalLocations", "hub_historicallocation_locations", "location_id", "historicallocation_id"),
    ),
    place=f"case when {{t}}.encoding_type {IS_GEOJSON} then {_PLACED.format(c='{t}.location')} end",
)
HISTORICAL_LOCATIONS = EntitySet(
    "HistoricalLocations",
    "HistoricalLocation",
    "hub_historicallocation {t} join hub_thing {t}t on {t}t.id = {t}.thing_id",
    "thing",
    _of(Property("time", Kind.MOMENT, ("{t}.time",))),
    _to(
        _one("Thing", "Things", "thing_id"),
        _through("Locations", "hub_historicallocation_locations", "historicallocation_id", "location_id"),
    ),
    guard="{t}t",
    closed="{t}t.visibility <> 'public'",
)
DATASTREAMS = _stream(
    "Datastreams",
    "Datastream",
    "not {t}.is_multi",
    (_text("observationType", "observation_type"), _json("unitOfMeasurement", "unit", UNIT)),
    _one("ObservedProperty", "ObservedProperties", "observed_property_id"),
)
MULTI_DATASTREAMS = _stream(
    "MultiDatastreams",
    "MultiDatastream",
    "{t}.is_multi",
    (
        _text("observationType", "observation_type"),
        _json("multiObservationDataTypes", "multi_types"),
        _json("unitOfMeasurements", "unit", UNITS),
    ),
    _through(
        "ObservedProperties",
        "hub_datastreamproperty",
        "datastream_id",
        "observed_property_id",
        rank="(select min(x.position) from hub_datastreamproperty x"
        " where x.datastream_id = {k} and x.observed_property_id = {t}.id)",
    ),
)
SENSORS = EntitySet(
    "Sensors",
    "Sensor",
    "hub_sensor {t}",
    "owned",
    _of(NAME, DESCRIPTION, ENCODING, _json("metadata", "metadata"), PROPERTIES),
    _to(_many("Datastreams", "sensor_id"), _many("MultiDatastreams", "sensor_id")),
)
OBSERVED_PROPERTIES = EntitySet(
    "ObservedProperties",
    "ObservedProperty",
    "hub_observedproperty {t}",
    "everybody",
    _of(NAME, _text("definition", "definition"), DESCRIPTION, PROPERTIES),
    _to(
        _many("Datastreams", "observed_property_id"),
        _through("MultiDatastreams", "hub_datastreamproperty", "observed_property_id", "datastream_id"),
    ),
    closed="false",
)
OBSERVATIONS = EntitySet(
    "Observations",
    "Observation",
    "{observations} {t} join hub_datastream {t}d on {t}d.id = {t}.datastream_id",
    "datastream",
    _of(
        Property("phenomenonTime", Kind.PERIOD, ("{t}.phenomenon_start", "{t}.phenomenon_end")),
        Property("resultTime", Kind.MOMENT, ("{t}.result_time",), True, mandatory=True),
        Property("result", Kind.RESULT, ("{t}.number", "{t}.text", "{t}.json"), True, mandatory=True),
        Property("resultQuality", Kind.JSON, ("{t}.quality",), True, ("{t}.quality", "{t}.flags")),
        Property("validTime", Kind.PERIOD, ("{t}.valid_start", "{t}.valid_end"), True),
        Property("parameters", Kind.JSON, ("{t}.parameters",), True),
    ),
    _to(
        _one("Datastream", "Datastreams", "datastream_id"),
        _one("MultiDatastream", "MultiDatastreams", "datastream_id"),
        _one("FeatureOfInterest", "FeaturesOfInterest", "feature_id"),
    ),
    guard="{t}d",
    closed="{t}d.visibility <> 'public'",
    stream="{t}.datastream_id",
    absent="case when {t}d.is_multi then 'Datastream' else 'MultiDatastream' end",
    place=f"""(select {_PLACED.format(c="g.feature")} from hub_featureofinterest g
        where g.id = {{t}}.feature_id and g.encoding_type {IS_GEOJSON} and {{sees_g}})""",  # noqa: S608  constants
)
FEATURES = EntitySet(
    "FeaturesOfInterest",
    "FeatureOfInterest",
    "hub_featureofinterest {t}",
    "owned",
    _of(NAME, DESCRIPTION, ENCODING, Property("feature", Kind.PLACE, ("{t}.feature",)), PROPERTIES),
    _to(
        Navigation(
            "Observations",
            "Observations",
            True,
            "{t}.feature_id = {k} and {t}.datastream_id = any(array("
            "select u.datastream_id from hub_feature_use u where u.feature_id = {k}))",
        )
    ),
    place=f"case when {{t}}.encoding_type {IS_GEOJSON} then {_PLACED.format(c='{t}.feature')} end",
)

SETS: dict[str, EntitySet] = {
    one.name: one
    for one in (
        THINGS,
        LOCATIONS,
        HISTORICAL_LOCATIONS,
        DATASTREAMS,
        MULTI_DATASTREAMS,
        SENSORS,
        OBSERVED_PROPERTIES,
        OBSERVATIONS,
        FEATURES,
    )
}
ID_NAMES = {"id", "@iot.id"}


def set_named(name: str) -> EntitySet | None:
    return SETS.get(name)
