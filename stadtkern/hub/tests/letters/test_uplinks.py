"""From a network's message to observations: which network, which decoder, which datastream, which time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from stadtkern.hub.models import Contract, Datastream, Decoder, Device, Letter
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.tests.letters import cast
from stadtkern.hub.words import Flag, ObservationType
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
Arrive = Callable[..., Letter]
QUARTER = timedelta(milliseconds=250)


@pytest.fixture
def soil(city: object) -> Datastream:
    return datastream(name="Bodentemperatur")


def values(stream: Datastream) -> list[tuple[datetime, Any, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select phenomenon_start, coalesce(to_jsonb(number), to_jsonb(text), json), flags from hub_observation "
            "where datastream_id = %s order by 1",
            [stream.pk],
        )
        return [(at, json.loads(value), flags & Flag.DRIFT) for at, value, flags in cursor.fetchall()]


@pytest.mark.parametrize(("source", "message"), [("ttn", cast.TTN), ("chirpstack", cast.CHIRPSTACK)])
def test_what_the_network_has_decoded_becomes_an_observation(
    arrive: Arrive, soil: Datastream, source: str, message: dict[str, Any]
) -> None:
    cast.device(soil)
    letter = arrive(message, source=source)
    assert (letter.state, letter.error, letter.tries) == (Letter.State.DONE, "", 1)
    assert [(at, value) for at, value, _ in values(soil)] == [(NOON + QUARTER, 27.2)]


def test_the_decoder_of_the_device_goes_before_the_network(arrive: Arrive, soil: Datastream) -> None:
    decoder = cast.layout(fields=[{"name": "temperature_3", "at": 2, "length": 2, "type": "int", "factor": 0.2}])
    cast.device(soil, decoder=decoder)
    arrive(cast.by_ttn())
    assert values(soil)[0][1] == 54.4


def test_a_script_decodes_in_the_sandbox(arrive: Arrive, soil: Datastream) -> None:
    script = "function decodeUplink(i) { return {data: {temperature_3: String(i.bytes[3] / 10) + '0'}}; }"
    cast.device(soil, decoder=cast.script(script))
    letter = arrive(cast.by_ttn())
    assert (letter.state, letter.error) == (Letter.State.DONE, "")
    assert values(soil)[0][1] == 1.6  # "1.60" is a number for a datastream of numbers


def test_a_field_is_a_path_and_may_be_scaled(arrive: Arrive, city: object) -> None:
    plain, scaled = datastream(), datastream()
    fields = {
        "temperature_3": {"datastream": plain.pk, "factor": 0.1, "offset": -1},
        "air.humidity.1": {"datastream": scaled.pk, "factor": 0.5},
        "battery": None,
    }
    cast.device(fields=fields)
    assert arrive(cast.by_ttn()).state == Letter.State.DONE
    assert (values(plain)[0][1], values(scaled)[0][1]) == (1.72, 20.5)


@pytest.mark.parametrize(
    ("kind", "decoded", "kept"),
    [
        (ObservationType.TRUTH, 1, True),
        (ObservationType.TRUTH, False, False),
        (ObservationType.COUNT, "12", 12),
        (ObservationType.COUNT, True, 1),
        (ObservationType.CATEGORY, "wet", "wet"),
        (ObservationType.MEASUREMENT, "21.50", 21.5),
    ],
)
def test_results_are_of_the_kind_of_the_datastream(
    arrive: Arrive, city: object, kind: str, decoded: Any, kept: Any
) -> None:
    stream = datastream(observation_type=kind)
    cast.device(stream, fields={"x": stream.pk})
    letter = arrive(cast.by_ttn(decoded_payload={"x": decoded}))
    assert (letter.state, letter.error) == (Letter.State.DONE, "")
    assert values(stream)[0][1] == kept


def test_battery_and_signal_stay_with_the_device(arrive: Arrive, soil: Datastream) -> None:
    device = cast.device(soil)
    arrive(cast.by_ttn())
    device.refresh_from_db()
    assert (device.battery, device.signal_dbm, device.seen_at) == (81.5, -93.0, NOON + QUARTER)
    old = cast.by_ttn(f_cnt=41, received_at="2026-05-04T11:00:00Z", last_battery_percentage={"value": 99})
    arrive(old)
    device.refresh_from_db()
    assert (device.battery, device.seen_at) == (81.5, NOON + QUARTER)  # an older message changes nothing


def test_the_battery_may_stand_in_the_message(arrive: Arrive, soil: Datastream) -> None:
    device = cast.device(soil, battery_field="status.battery")
    arrive(cast.by_ttn(decoded_payload={"temperature_3": 1, "status": {"battery": 3.31}}))
    device.refresh_from_db()
    assert device.battery == 3.31


@pytest.mark.parametrize(
    ("told", "kept", "drifts"),
    [
        ("2026-05-04T11:45:00Z", NOON - timedelta(minutes=15), False),
        ("2026-05-04T14:00:00+02:00", NOON, False),
        ("2026-05-04T14:00:00", NOON, False),  # without a zone: the city's
        (1777896000, NOON, False),
        (1777896000000, NOON, False),
        ("1777896000", NOON, False),
        ("2026-05-04T10:30:00Z", NOON - timedelta(minutes=90), True),  # an hour behind, say a clock in winter time
        ("2026-05-04T12:30:00Z", NOON + timedelta(minutes=30), True),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC), True),  # a clock that has lost its power
        (-1e9, None, False),
        ("1969-12-31T23:00:00Z", NOON + QUARTER, True),  # nothing is kept from there: the network's time
        (10**14 - 1, NOON + QUARTER, True),
    ],
)
def test_the_devices_own_time_is_believed_and_flagged_when_it_is_far(
    arrive: Arrive, soil: Datastream, told: Any, kept: datetime | None, drifts: bool
) -> None:
    cast.device(soil, time_field="at")
    letter = arrive(cast.by_ttn(decoded_payload={"temperature_3": 1, "at": told}))
    if kept is None:
        assert letter.state == Letter.State.FAILED
        assert "Zeitfeld at: -1000000000.0 ist keine Zeit" in letter.error
    else:
        assert letter.error == ""
        assert values(soil) == [(kept, 1, Flag.DRIFT if drifts else 0)]


def test_a_gateway_that_is_ahead_is_not_believed(arrive: Arrive, soil: Datastream) -> None:
    cast.device(soil)
    arrive(cast.by_ttn(received_at="2026-05-04T18:00:00Z"))
    assert values(soil) == [(NOON, 27.2, Flag.DRIFT)]


def test_what_the_device_has_kept_comes_with_its_own_times(arrive: Arrive, soil: Datastream) -> None:
    Decoder.objects.all().delete()
    repeat = {"length": 5, "fields": [{"name": "at", "at": 0, "length": 4}, {"name": "t", "at": 4}], "time": "at"}
    cast.device(soil, decoder=cast.layout(repeat=repeat), fields={"t": soil.pk})
    arrive(cast.by_ttn(frm_payload="aeAvwBRp4EPQFQ=="))
    assert [(at.year, value, drift) for at, value, drift in values(soil)] == [(2026, 20, 0), (2026, 21, 0)]


@pytest.mark.parametrize(
    ("device", "message", "says"),
    [
        ({"key": "0" * 16}, {}, "keines mit dem Schlüssel A84041FFFF1834AB"),
        ({"fields": {}}, {}, "noch kein Feld zugeordnet. Die Nachricht hat: air, temperature_3"),
        ({"fields": {"x": 1, "y.z": 1}}, {}, "Keines der zugeordneten Felder (x, y.z) ist in der Nachricht"),
        ({"fields": {"temperature_3": 999_999}}, {}, "Feld temperature_3: Messreihe 999999 fehlt"),
        ({"fields": {"temperature_3": "7"}}, {}, "Feld temperature_3: die Nummer einer Messreihe"),
        ({"fields": {"temperature_3": {"datastream": 1, "factor": "x"}}}, {}, "Faktor und Versatz sind Zahlen"),
        ({}, {"decoded_payload": {"temperature_3": "warm"}}, "Feld temperature_3: the datastream holds a number"),
        ({}, {"decoded_payload": {}}, "das Gerät hat keinen, und das Netz hat nichts dekodiert"),
    ],
)
def test_a_failure_says_which_step_and_why(
    arrive: Arrive, soil: Datastream, device: dict[str, Any], message: dict[str, Any], says: str
) -> None:
    cast.device(soil, **device)
    letter = arrive(cast.by_ttn(**message))
    assert letter.state == Letter.State.FAILED
    assert says in letter.error
    assert values(soil) == []


def test_a_decoder_that_fails_names_the_byte(arrive: Arrive, soil: Datastream) -> None:
    cast.device(soil, decoder=cast.layout(fields=[{"name": "temperature_3", "at": 7, "length": 4}]))
    assert arrive(cast.by_ttn()).error == "Dekodierer Eigener: Byte 7: 4 Bytes erwartet, 1 sind noch da."


def test_all_values_of_a_message_or_none(arrive: Arrive, soil: Datastream) -> None:
    cast.device(soil, fields={"temperature_3": soil.pk, "air": soil.pk})
    assert arrive(cast.by_ttn()).state == Letter.State.FAILED
    assert values(soil) == []


def test_a_key_writes_only_where_it_may(arrive: Arrive, city: object) -> None:
    roads, waste = Organisation.objects.get(key="tiefbauamt"), Organisation.objects.get(key="usb")
    theirs = datastream(organisation=waste)
    key, _ = cast.key("tiefbauamt")
    device = cast.device(theirs, organisation=waste)
    assert "keines mit dem Schlüssel" in arrive(cast.by_ttn(), key=key).error
    Device.objects.filter(pk=device.pk).update(organisation=roads)
    assert "der Schlüssel darf nicht hinein" in arrive(cast.by_ttn(f_cnt=43), key=key).error
    Contract.objects.create(datastream=theirs, key_prefix=key.prefix, may_write=True, purpose="Bodenfeuchte")
    assert arrive(cast.by_ttn(f_cnt=44), key=key).state == Letter.State.DONE


def test_messages_that_bring_no_values_on_purpose(arrive: Arrive, soil: Datastream) -> None:
    cast.device(soil, is_active=False)
    assert arrive(cast.by_ttn()).state == Letter.State.DROPPED
    simulated = arrive(cast.by_ttn(f_cnt=7) | {"simulated": True})
    assert (simulated.state, simulated.error) == (Letter.State.DROPPED, "simulated in the console")
    assert values(soil) == []
