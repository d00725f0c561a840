"""Whom a change or a removal would touch: nobody removes or rewrites what is others' by way of something shared."""

from contextlib import suppress

from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.hub.api.sta.writer import STREAMS, Need, Writer
from stadtkern.hub.domain.connection import cursor, here

_STREAMS = "select count(*) from hub_datastream o where {which} and not ({mine})"
_OF_PROPERTY = """(o.observed_property_id = %(id)s or o.id in (
    select p.datastream_id from hub_datastreamproperty p where p.observed_property_id = %(id)s))"""
_TOUCHED = {
    "Things": (_STREAMS, "o.thing_id = %(id)s"),
    "Sensors": (_STREAMS, "o.sensor_id = %(id)s"),
    "ObservedProperties": (_STREAMS, _OF_PROPERTY),
    "FeaturesOfInterest": (
        _STREAMS,
        "o.id in (select u.datastream_id from hub_feature_use u where u.feature_id = %(id)s)",
    ),
    "Locations": (
        "select count(*) from hub_thing o where {which} and not ({mine})",
        """(o.id in (select x.thing_id from hub_thing_locations x where x.location_id = %(id)s)
            or o.id in (select h.thing_id from hub_historicallocation h
                join hub_historicallocation_locations l on l.historicallocation_id = h.id
                where l.location_id = %(id)s))""",
    ),
}


def check_removal(writer: Writer, target: str, id: int) -> None:
    """Raises NotAllowed when what would go with the entity is not all the writer's."""
    if touched := _touched(writer, target, id):
        raise NotAllowed(f"{target}({id}) cannot go: {touched} of others depend on it.")


def check_change(writer: Writer, target: str, id: int) -> None:
    """Observed properties belong to nobody: who changes one must own all datastreams that use it."""
    if target == "ObservedProperties" and (touched := _touched(writer, target, id)):
        raise NotAllowed(f"{target}({id}) is used by {touched} datastreams of others.")


def check_stream_of(writer: Writer, stream_id: int, id: int, need: Need) -> None:
    """What is done with an observation needs a right to its datastream. Raises NotFound, NotAllowed."""
    for target in STREAMS:
        with suppress(NotFound):
            writer.find(target, stream_id, need)
            return
    raise NotFound(f"there is no Observations({id})")


def _touched(writer: Writer, target: str, id: int) -> int:
    if target not in _TOUCHED or writer.reader.manages_all:
        return 0
    statement, which = _TOUCHED[target]
    owned = f"coalesce({writer.reader.manages_owned('o')}, false)"
    text = statement.format(which=which, mine=owned)
    return int(cursor(here()).execute(text, {"id": id, **writer.reader.parameters}).fetchall()[0][0])
