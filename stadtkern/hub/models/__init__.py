"""Tables of the hub."""

from stadtkern.hub.models.access import AccessEntry, Contract
from stadtkern.hub.models.alerts import Alert, AlertClock, AlertDelivery, AlertDue, AlertRule, AlertState
from stadtkern.hub.models.care import Thirst, Watering
from stadtkern.hub.models.connectors import Connector, Run
from stadtkern.hub.models.letters import Decoder, Device, Letter
from stadtkern.hub.models.observations import ArchivedMonth, Latest
from stadtkern.hub.models.quality import CalibrationPeriod, QualityRule
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
    "Alert",
    "AlertClock",
    "AlertDelivery",
    "AlertDue",
    "AlertRule",
    "AlertState",
    "ArchivedMonth",
    "CalibrationPeriod",
    "Connector",
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
    "QualityRule",
    "Run",
    "Sensor",
    "Thing",
    "Thirst",
    "Watering",
]
