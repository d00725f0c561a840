"""DELETE of one entity: the right one of the verbs, after a look at who else is touched."""

from stadtkern.core.problems import NotFound
from stadtkern.hub.api.sta.affected import check_removal, check_stream_of
from stadtkern.hub.api.sta.writer import Need, Writer
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.correcting import NoObservation, held, remove_observations
from stadtkern.hub.domain.removing import (
    remove_datastreams,
    remove_feature,
    remove_history,
    remove_location,
    remove_property,
    remove_sensor,
    remove_thing,
)

_VERBS = {
    "Things": remove_thing,
    "Locations": remove_location,
    "HistoricalLocations": remove_history,
    "Sensors": remove_sensor,
    "ObservedProperties": remove_property,
    "FeaturesOfInterest": remove_feature,
    "Datastreams": lambda id: remove_datastreams([id]),
    "MultiDatastreams": lambda id: remove_datastreams([id]),
}


def remove_entity(writer: Writer, target: str, id: int) -> None:
    """Remove it with what depends on it. Raises NotFound, NotAllowed."""
    if target == "Observations":
        _remove_observation(writer, id)
        return
    writer.find(target, id, Need.MANAGE)
    check_removal(writer, target, id)
    _VERBS[target](id)


def _remove_observation(writer: Writer, id: int) -> None:
    """Who may add values may not take them away: that needs hub.manage."""
    with writing():
        try:
            stream_id = held(here(), id).datastream_id
        except NoObservation:
            raise NotFound(f"there is no Observations({id})") from None
        check_stream_of(writer, stream_id, id, Need.MANAGE)
        remove_observations(here(), [id])
