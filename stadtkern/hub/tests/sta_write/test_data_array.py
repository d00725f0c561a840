"""CreateObservations: rows of values; each is answered by an address or by what is wrong with it."""

import time
from typing import Any

import pytest

from stadtkern.hub.models import Latest
from stadtkern.hub.tests.cast import IN_DEGREES
from stadtkern.hub.tests.sta_write.api import FEATURE, NOON, PROPERTY, SENSOR, THING, Api, station

pytestmark = pytest.mark.django_db
COMPONENTS = ["phenomenonTime", "result"]


def group(stream: int, *rows: Any, components: Any = COMPONENTS, name: str = "Datastream") -> dict[str, Any]:
    return {
        name: {"@iot.id": stream}, "components": components, "dataArray@iot.count": len(rows), "dataArray": list(rows)
    }  # fmt: skip


def test_rows_become_observations(api: Api) -> None:
    _thing, one = station(api)
    _thing, two = station(api)
    told = api.post(
        "CreateObservations",
        [
            group(one, [NOON, 1], ["2026-05-04T15:00:00+0200", 2.5]),
            group(two, [7, "2026-05-04T12:00:00Z/2026-05-04T13:00:00Z", NOON, {"depth": 1}],
                  components=["result", "phenomenonTime", "resultTime", "parameters"]),
        ],
    )  # fmt: skip
    assert told.status == 201, told.body
    assert all(link.startswith("http://testserver/sta/v1.1/Observations(") for link in told.body)
    found = [api.get(link.removeprefix("http://testserver")) for link in told.body]
    assert [one["result"] for one in found] == [1, 2.5, 7]
    assert [one["phenomenonTime"] for one in found][1:] == [
        "2026-05-04T13:00:00Z", "2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"
    ]  # fmt: skip
    assert (found[2]["resultTime"], found[2]["parameters"]) == (NOON, {"depth": 1})


def test_bad_rows_are_told_and_good_ones_kept(api: Api) -> None:
    _thing, stream = station(api)
    rows: list[Any] = [[NOON, 1], [NOON], 5, ["later", 2], [NOON, "warm"], ["1955-01-01T00:00:00Z", 3], None, {}]
    told = api.post("CreateObservations", [group(stream, *rows), group(99_999, [NOON, 1])])
    assert told.status == 201
    assert told.body[0].startswith("http")
    assert all(text.startswith("error: ") for text in told.body[1:])
    assert "a row is a list of 2 values" in told.body[1]
    assert "phenomenonTime: expected a time" in told.body[3]
    assert "a number" in told.body[4]
    assert told.body[-1] == "error: there is no Datastreams(99999)"
    assert Latest.objects.get(pk=stream).count == 1


def test_two_rows_of_one_moment_are_one_observation(api: Api) -> None:
    _thing, stream = station(api)
    told = api.post("CreateObservations", [group(stream, [NOON, 1], [NOON, 2])])
    assert told.body[0] == told.body[1]
    assert api.get(told.body[0].removeprefix("http://testserver"))["result"] == 2


def test_features_of_interest(api: Api) -> None:
    _thing, stream = station(api)
    lake = api.made("FeaturesOfInterest", FEATURE)
    rows = [[1, "2026-05-04T12:01:00Z", lake], [2, "2026-05-04T12:02:00Z", None], [3, NOON, 99_999], [4, NOON, "x"]]
    components = ["result", "phenomenonTime", "FeatureOfInterest/id"]
    told = api.post("CreateObservations", [group(stream, *rows, components=components)])
    assert [text.startswith("error") for text in told.body] == [False, False, True, True]
    assert told.body[2] == "error: there is no FeaturesOfInterest(99999)"
    assert len(api.get(f"FeaturesOfInterest({lake})/Observations")["value"]) == 1


def test_several_properties(api: Api) -> None:
    body = {
        "name": "Wind", "description": "", "unitOfMeasurements": [IN_DEGREES] * 2,
        "multiObservationDataTypes": ["a", "b"], "Thing": THING, "Sensor": SENSOR,
        "ObservedProperties": [PROPERTY, PROPERTY],
    }  # fmt: skip
    id = api.made("MultiDatastreams", body)
    told = api.post("CreateObservations", [group(id, [NOON, [1, 2]], [NOON, 3], name="MultiDatastream")])
    assert [text.startswith("error") for text in told.body] == [False, True]


WRONG = [
    {},
    [5],
    [{}],
    [group(1) | {"MultiDatastream": {"@iot.id": 1}}],
    [group(1, components=["phenomenonTime"])],
    [group(1, components=["result", "result"])],
    [group(1, components=["result", "colour"])],
    [group(1, components="result")],
    [group(1, components=[5])],
    [group(1) | {"dataArray": 5}],
    [group(1) | {"Datastream": {}}],
    [group(1) | {"Datastream": {"@iot.id": "1"}}],
]


@pytest.mark.parametrize("body", WRONG)
def test_a_form_that_cannot_be_understood_is_refused(api: Api, body: Any) -> None:
    assert api.post("CreateObservations", body).status == 400


def test_nothing_is_an_answer_too(api: Api) -> None:
    assert (api.post("CreateObservations", []).status, api.post("CreateObservations", []).body) == (201, [])


def test_who_may_not_write_is_told_row_by_row(api: Api, city: Any) -> None:
    _thing, stream = station(api)
    stranger = Api("hub.write", organisation="usb")
    told = stranger.post("CreateObservations", [group(stream, [NOON, 1])])
    assert told.body == [f"error: Datastreams({stream}) is not yours to write to."]
    assert Latest.objects.get(pk=stream).count == 0


def test_ten_thousand_rows_are_quick(api: Api) -> None:
    _thing, stream = station(api)
    rows = [[f"2026-05-{1 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00Z", n / 10] for n in range(10_000)]
    begun = time.perf_counter()
    told = api.post("CreateObservations", [group(stream, *rows)])
    took = time.perf_counter() - begun
    assert (told.status, len(told.body), Latest.objects.get(pk=stream).count) == (201, 10_000, 10_000)
    assert took < 5, f"{took:.1f} s"
    print(f"10000 rows in {took:.2f} s")
