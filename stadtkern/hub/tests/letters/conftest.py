"""What the tests of letters share: a key, and a way to let a message arrive and be read."""

from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.core.models import ApiKey
from stadtkern.hub.domain.letters.networks import chirpstack, ttn
from stadtkern.hub.domain.letters.receiving import Arrival, keep
from stadtkern.hub.models import Letter
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.letters import cast


@pytest.fixture
def sender(city: Any) -> ApiKey:
    """A network server that may write for the whole city."""
    return cast.key()[0]


@pytest.fixture
def arrive(sender: ApiKey, run_jobs: Callable[..., int]) -> Callable[..., Letter]:
    """Let a message arrive at noon and be read; returns its letter as it is then."""

    def let(message: dict[str, Any], *, source: str = "ttn", key: ApiKey = sender, at: Any = NOON) -> Letter:
        uplink = (ttn if source == "ttn" else chirpstack).read(message)
        assert uplink
        arrival = Arrival(
            source=source, device_key=uplink.device_key, frame=uplink.frame, payload=message, received_at=at
        )
        keep([arrival], key_prefix=key.prefix)
        run_jobs()
        return Letter.objects.get(source=source, device_key=uplink.device_key, frame=uplink.frame)

    return let
