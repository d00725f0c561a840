"""What the hub tells: plain values, no personal data."""

from stadtkern.core.events import event


@event("hub.thing_registered")
class ThingRegistered:
    """A thing exists now. `visibility` is a word of Visibility."""

    thing_id: int
    visibility: str


@event("hub.thing_moved")
class ThingMoved:
    """A thing is at other locations now."""

    thing_id: int
    historical_location_id: int


@event("hub.thing_removed")
class ThingRemoved:
    """A thing and all its datastreams are gone."""

    thing_id: int


@event("hub.datastream_registered")
class DatastreamRegistered:
    """A datastream exists now and takes observations."""

    datastream_id: int
    thing_id: int
    visibility: str


@event("hub.datastream_removed")
class DatastreamRemoved:
    """A datastream is gone; nobody sees its observations any more, a job is deleting them."""

    datastream_id: int
    thing_id: int


@event("hub.feed_silent")
class FeedSilent:
    """A connector has brought nothing new for too long. `since`: its last news, ISO 8601."""

    connector_id: int
    organisation_id: int | None
    since: str


@event("hub.feed_speaks_again")
class FeedSpeaksAgain:
    """A connector that was silent has brought something new."""

    connector_id: int
