"""Tables of the hub."""

from stadtkern.hub.models.access import AccessEntry, Contract
from stadtkern.hub.models.letters import Decoder, Device, Letter
from stadtkern.hub.models.observations import ArchivedMonth, Latest
from stadtkern.hub.models.things import (
    Datastream,
    DatastreamProperty,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)

__all__ = [
    "AccessEntry",
    "ArchivedMonth",
    "Contract",
    "Datastream",
    "DatastreamProperty",
    "Decoder",
    "Device",
    "FeatureOfInterest",
    "HistoricalLocation",
    "Latest",
    "Letter",
    "Location",
    "ObservedProperty",
    "Sensor",
    "Thing",
]
