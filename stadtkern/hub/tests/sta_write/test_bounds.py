"""Whatever is sent, the answer is an answer: never a 500, bounded, and a request sent twice is done once."""

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.api.sta.bodies import LINKS
from stadtkern.hub.api.sta.body_fields import FIELDS
from stadtkern.hub.models import Latest, Thing
from stadtkern.hub.tests.sta_write.api import (
    FEATURE,
    LOCATION,
    NOON,
    PROPERTY,
    SENSOR,
    STREAM,
    THING,
    Api,
    Told,
    station,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"nonsense", b"\xff\xfe", b'{"name": "\xff"}', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}',
        b'{"name": "\\ud800", "description": ""}', b'{"name": "a\\u0000b", "description": ""}',
        b'{"name": "a", "description": "", "properties": {"\\u0000": 1}}', b"[" * 200 + b"]" * 200,
        b'{"name": "a", "description": "", "properties": ' + b'{"a":' * 101 + b"1" + b"}" * 102,
        b"[]", b"5", b"null", b'"x"',
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_400(api: Api, raw: bytes) -> None:
    for path in ("Things", "Observations", "CreateObservations", "$batch"):
        told = api.ask("POST", path, raw=raw)
        fine = path == "CreateObservations" and raw == b"[]"
        assert told.status == (201 if fine else 400), (path, told.body)
    assert not Thing.objects.exists()


def test_deep_but_not_too_deep(api: Api) -> None:
    deep: Any = 1
    for _level in range(97):
        deep = {"a": deep}
    id = api.made("Things", THING | {"properties": deep})
    assert api.get(f"Things({id})")["properties"] == deep
    assert api.patch(f"Things({id})", {"name": "Neu"}).status == 200
    steps = [{"op": "add", "path": "/properties" + "/a" * 96, "value": {"a": deep}}]
    assert api.patch(f"Things({id})", steps, Content_Type="application/json-patch+json").status in (200, 400)


def test_a_doubled_name_counts_once(api: Api) -> None:
    told = api.ask("POST", "Things", raw=b'{"name": "a", "name": "b", "description": ""}')
    assert (told.status, told.body["name"]) == (201, "b")


@pytest.mark.parametrize("path", ["Things", "CreateObservations", "$batch", "Observations"])
def test_ten_megabytes_and_no_more(api: Api, path: str) -> None:
    raw = b'{"name": "' + b"x" * 10_000_000 + b'"}'
    assert api.ask("POST", path, raw=raw).status == 413


def test_many_entities_in_one_request_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.bodies.MOST_ENTITIES", 3)
    assert api.post("Things", THING | {"Locations": [LOCATION] * 3}).status == 400
    assert api.post("Things", THING | {"Locations": [LOCATION] * 2}).status == 201


NUMBERS = [0, -0.0, 1e300, -1e300, 5e-324, 2**53, 2**53 + 1, 2**63, 2**64 - 1, -(2**63), 1e22, 0.1]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_comes_back(api: Api, number: float) -> None:
    stream = public(api)
    told = api.post(f"Datastreams({stream})/Observations", {"result": number, "phenomenonTime": NOON})
    assert (told.status, told.body["result"]) == (201, number)
    id = api.made("Things", THING | {"properties": {"n": number}})
    assert api.get(f"Things({id})")["properties"] == {"n": number}
    for path in (f"Things({id})", told.headers["Location"].removeprefix("http://testserver")):
        assert api.patch(path, {}).status == 200
    assert math.isclose(api.get(f"Things({id})")["properties"]["n"], number)


def public(api: Api) -> int:
    return station(api)[1]


def test_a_repeated_request_is_done_once(api: Api) -> None:
    once = {"Idempotency-Key": "abcdefgh-1"}
    first, second = (api.post("Things", THING, **once) for _n in range(2))
    assert (first.status, first.body, first.id) == (second.status, second.body, second.id)
    assert Thing.objects.count() == 1
    assert api.post("Things", THING | {"name": "Andere"}, **once).status == 409
    assert api.post("Sensors", SENSOR, **once).status == 409
    assert Api("hub.manage").post("Things", THING, **once).id != first.id, "another key's memory is its own"


def test_what_failed_is_not_remembered(api: Api) -> None:
    once = {"Idempotency-Key": "abcdefgh-2"}
    assert api.post("Things", {"name": "Bank"}, **once).status == 400
    assert api.post("Things", THING, **once).status == 201


def test_a_batch_and_a_data_array_are_done_once_too(api: Api) -> None:
    stream = public(api)
    rows = [{"Datastream": {"@iot.id": stream}, "components": ["result"], "dataArray": [[1]]}]
    request = {"requests": [{"id": "1", "method": "POST", "url": "Things", "body": THING}]}
    for path, body in (("CreateObservations", rows), ("$batch", request)):
        once = {"Idempotency-Key": f"abcdefgh-{path}"}
        first, second = (api.post(path, body, **once) for _n in range(2))
        assert (first.status, first.body) == (second.status, second.body)
    assert (Latest.objects.get(pk=stream).count, Thing.objects.count()) == (1, 2)


def test_other_methods(api: Api) -> None:
    assert api.ask("TRACE", "Things").status in (404, 405)
    assert api.ask("PATCH", "$batch", {}).status in (400, 404, 405)
    assert api.ask("DELETE", "CreateObservations").status in (400, 404, 405)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from([NOON, f"{NOON}/{NOON}", "$1", "Things"]),
)  # fmt: skip
KNOWN = {one.name for fields in FIELDS.values() for one in fields}
KNOWN |= {one.name for links in LINKS.values() for one in links}
OTHER = ["@iot.id", "id", "type", "coordinates", "geometry", "op", "path", "requests", "components", "dataArray"]
NAMES = st.sampled_from([*sorted(KNOWN), *OTHER])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)
WHOLE: dict[str, Any] = {
    "Things": THING,
    "Locations": LOCATION,
    "Sensors": SENSOR,
    "ObservedProperties": PROPERTY,
    "FeaturesOfInterest": FEATURE,
    "Datastreams": STREAM | {"Thing": THING, "Sensor": SENSOR, "ObservedProperty": PROPERTY},
    "HistoricalLocations": {"time": NOON, "Thing": THING, "Locations": [LOCATION]},
    "MultiDatastreams": {"name": "", "description": "", "unitOfMeasurements": [], "multiObservationDataTypes": []},
    "Observations": {"result": 1, "phenomenonTime": NOON},
}
PATHS = st.sampled_from(
    [*WHOLE, "CreateObservations", "$batch", "Things({thing})/Datastreams", "Things({thing})/Locations",
     "Datastreams({stream})/Observations", "Locations/", "Sensors(1)/Datastreams", "Observations({value})"]
)  # fmt: skip
BY_A_WAY = "Datastreams({stream})/Thing"
POINTERS = ["", "/", "/name", "/properties", "/properties/a", "/properties/-", "/~", "/~1", "/result"]
ADDRESSES = ["Things", "$1", "$2/Datastreams", "Things($1)", "Sensors", "Things?$filter=id gt 0"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def there(api: Api) -> Iterator[dict[str, int]]:
    thing, stream = station(api)
    value = api.made(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": NOON})
    return {"thing": thing, "stream": stream, "value": value}


def sound(told: Told) -> None:
    assert told.status < 500, told.body
    if told.status >= 400:
        assert (told.body["code"], told.body["type"]) == (told.status, "error")
        assert told.body["message"]


@FUZZ
@given(path=PATHS, body=JSON, base=st.booleans())
def test_any_body_posted_is_answered(api: Api, there: dict[str, int], path: str, body: Any, base: bool) -> None:
    named = path.partition("(")[0].partition("/")[0]
    if base and isinstance(body, dict) and named in WHOLE:
        body = WHOLE[named] | body
    told = api.post(path.format(**there), body)
    sound(told)
    if told.status == 201 and "Location" in told.headers:
        found = api.ask("GET", told.headers["Location"].removeprefix("http://testserver"))
        assert found.status == 200, found.body


@FUZZ
@given(
    path=st.sampled_from(["Things({thing})", "Datastreams({stream})", "Observations({value})", BY_A_WAY]),
    method=st.sampled_from(["PATCH", "PUT"]),
    kind=st.sampled_from(["application/json", "application/merge-patch+json", "application/json-patch+json"]),
    body=JSON,
)
def test_any_change_is_answered(api: Api, there: dict[str, int], path: str, method: str, kind: str, body: Any) -> None:
    sound(api.ask(method, path.format(**there), body, **{"Content-Type": kind}))
    assert api.ask("GET", path.format(**there)).status == 200


STEP = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"])},
    optional={
        "path": st.sampled_from(POINTERS),
        "from": st.sampled_from(["", "/name", "/properties", "/x"]),
        "value": JSON,
    },
)


@FUZZ
@given(steps=st.lists(STEP, max_size=4), path=st.sampled_from(["Things({thing})", "Observations({value})"]))
def test_any_json_patch_is_answered(api: Api, there: dict[str, int], steps: Any, path: str) -> None:
    sound(api.patch(path.format(**there), steps, Content_Type="application/json-patch+json"))
    assert api.ask("GET", path.format(**there)).status == 200


@FUZZ
@given(raw=st.binary(max_size=60), path=st.sampled_from(["Things", "$batch", "CreateObservations"]))
def test_any_bytes_are_answered(api: Api, raw: bytes, path: str) -> None:
    sound(api.ask("POST", path, raw=raw))


@FUZZ
@given(rest=TEXTS, method=st.sampled_from(["POST", "PATCH", "DELETE"]))
def test_any_address_is_answered(api: Api, rest: str, method: str) -> None:
    told = api.ask(method, f"Things{quote(rest, safe='/()$')}", THING)
    sound(told)


@FUZZ
@given(
    requests=st.lists(
        st.fixed_dictionaries(
            {
                "id": st.sampled_from(["1", "2", "3", "4", "5"]),
                "method": st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
                "url": st.sampled_from(ADDRESSES),
            },
            optional={
                "atomicityGroup": st.sampled_from(["a", "b"]),
                "body": st.sampled_from([THING, SENSOR, {"Thing": {"@iot.id": "$1"}}, {"name": "x"}, 5]),
                "dependsOn": st.lists(st.sampled_from(["1", "a"]), max_size=1),
            },
        ),
        max_size=5,
        unique_by=lambda one: one["id"],
    )
)
def test_any_batch_is_answered(api: Api, requests: Any) -> None:
    told = api.post("$batch", {"requests": requests})
    sound(told)
    if told.status == 200:
        assert [one["id"] for one in told.body["responses"]] == [one["id"] for one in requests]
        assert all(one["status"] < 500 for one in told.body["responses"]), orjson.dumps(told.body)
