"""What the hub does when something happened, here or in the shared nouns."""

from stadtkern.core.events import follow
from stadtkern.hub.domain.alerts import feeds
from stadtkern.hub.events import FeedSilent, FeedSpeaksAgain


@follow(FeedSilent)
def tell_of_a_silent_feed(happened: FeedSilent) -> None:
    feeds.tell_silent(
        connector_id=happened.connector_id, organisation_id=happened.organisation_id, since=happened.since
    )


@follow(FeedSpeaksAgain)
def tell_of_its_return(happened: FeedSpeaksAgain) -> None:
    feeds.tell_back(connector_id=happened.connector_id)
