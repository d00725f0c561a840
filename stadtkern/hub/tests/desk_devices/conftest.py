"""A steward at the desk, a soil sensor that is hers, and one that is not."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.core.models import ApiKey
from stadtkern.hub.domain.letters.networks import ttn
from stadtkern.hub.domain.letters.receiving import Arrival, keep
from stadtkern.hub.models import Datastream, Decoder, Device, Letter
from stadtkern.hub.tests.desk_care.conftest import desk, other_desk, pond, steward  # noqa: F401  fixtures
from stadtkern.hub.tests.letters import cast
from stadtkern.people.models import Organisation, Person


@pytest.fixture
def house(steward: Person) -> Organisation:  # noqa: F811
    return steward.memberships.get().organisation


@pytest.fixture
def own(city: Any) -> Decoder:
    """A layout of a level in hundredths, two bytes."""
    layout = {"messages": [{"ports": [1], "fields": [{"name": "level", "at": 0, "length": 2, "factor": 0.01}]}]}
    return Decoder.objects.create(key="own", name="Pegel", language=Decoder.Language.LAYOUT, layout=layout)


@pytest.fixture
def buoy(pond: Datastream, house: Organisation, own: Decoder) -> Device:  # noqa: F811
    """A device in Selma's pond."""
    return Device.objects.create(
        key=cast.EUI, name="Boje", organisation=house, thing=pond.thing, decoder=own, fields={"level": pond.pk}
    )


@pytest.fixture
def theirs(city: Any) -> Device:
    """A device of Stefan's house."""
    return Device.objects.create(key="FFFFFFFFFFFFFFFF", name="Tonne", organisation=Organisation.objects.get(key="usb"))


@pytest.fixture
def sender(city: Any) -> ApiKey:
    """A network server that sends for the whole city."""
    return cast.key()[0]


@pytest.fixture
def arrive(sender: ApiKey, run_jobs: Callable[..., int]) -> Callable[..., Letter]:
    """Let bytes arrive as a message of the soil sensor, and be read."""

    def let(data: bytes, *, counter: int = 1, key: ApiKey = sender, at: datetime | None = None) -> Letter:
        message = cast.by_ttn(frm_payload=base64.b64encode(data).decode(), f_cnt=counter)
        uplink = ttn.read(message)
        assert uplink
        moment = at or timezone.now()
        keep(
            [Arrival(source="ttn", device_key=uplink.device_key, frame=uplink.frame, payload=message,
                     received_at=moment)],
            key_prefix=key.prefix,
        )  # fmt: skip
        run_jobs()
        return Letter.objects.get(frame=uplink.frame)

    return let
