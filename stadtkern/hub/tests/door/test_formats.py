"""JSON formats and what becomes of their rows: good ones are samples, bad ones say where and why."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.core.problems import BadQuery, TooLarge
from stadtkern.hub.domain.store.slots import ORDINARY, UNIQUE
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.door.formats import data_array, json_rows, observation, rows
from stadtkern.hub.door.formats.rows import Content, Draft, RowsRefused
from stadtkern.hub.door.formats.samples import draft_of
from stadtkern.hub.door.formats.times import PRECISIONS
from stadtkern.hub.words import ObservationType, SameMoment

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT_NOON = "2026-05-04T12:00:00Z"


def stream(id: int = 1, **given: Any) -> Stream:
    usual: dict[str, Any] = {
        "thing_id": 1, "organisation_id": None, "observation_type": str(ObservationType.MEASUREMENT), "is_multi": False,
        "multi_types": [], "default_feature_id": 5, "same_moment": str(SameMoment.CORRECT), "open": True,
    }  # fmt: skip
    return Stream(id=id, **usual | given)


def draft(content: Content, *streams: Stream, features: set[int] = frozenset()) -> Draft:
    return draft_of(content, {known.id: known for known in streams or (stream(),)}, features)


def array(*data: Any, components: tuple[str, ...] = ("phenomenonTime", "result"), of: int = 1) -> dict[str, Any]:
    return {"Datastream": {"@iot.id": of}, "components": list(components), "dataArray": list(data)}


def read_array(*parts: Any) -> Content:
    return data_array.read(json.dumps(list(parts)).encode())


def one(**given: Any) -> Content:
    return observation.read(json.dumps({"Datastream": {"@iot.id": 1}, "phenomenonTime": AT_NOON} | given).encode())


def reasons(made: Draft) -> list[str]:
    assert made.samples == []
    return [row.reason for row in made.rejected]


def test_a_data_array_becomes_samples():
    made = draft(read_array(array([AT_NOON, 20.5], [AT_NOON, 21])))
    assert [(s.datastream_id, s.phenomenon_start, s.number, s.feature_id, s.slot) for s in made.samples] == [
        (1, NOON, 20.5, 5, ORDINARY),
        (1, NOON, 21, 5, ORDINARY),
    ]
    assert made.rejected == []


def test_components_come_in_any_order_and_several_groups_in_one_body():
    content = read_array(
        array([1.5, AT_NOON], components=("result", "phenomenonTime")),
        array([AT_NOON, 2.5], of=2),
    )
    made = draft(content, stream(1), stream(2))
    assert [(s.datastream_id, s.number) for s in made.samples] == [(1, 1.5), (2, 2.5)]


def test_all_columns_arrive():
    names = (
        "phenomenonTime",
        "result",
        "resultTime",
        "validTime",
        "resultQuality",
        "parameters",
        "FeatureOfInterest/id",
    )
    row = [f"{AT_NOON}/2026-05-04T13:00:00Z", 1, AT_NOON, f"{AT_NOON}/2026-05-05T00:00:00Z", "good", {"a": [1]}, 9]
    (sample,) = draft(read_array(array(row, components=names)), features={9}).samples
    hour = timedelta(hours=1)
    assert (sample.phenomenon_start, sample.phenomenon_end, sample.result_time) == (NOON, NOON + hour, NOON)
    assert (sample.valid_start, sample.valid_end) == (NOON, NOON + 12 * hour)
    assert (sample.quality, sample.parameters, sample.feature_id, sample.number) == ("good", {"a": [1]}, 9, 1)
    assert sample.slot not in (ORDINARY, UNIQUE)


def test_a_second_value_beside_the_first_has_a_slot_of_its_own():
    keeps = stream(same_moment=str(SameMoment.KEEP))
    (sample,) = draft(read_array(array([AT_NOON, 1.0])), keeps).samples
    assert sample.slot == UNIQUE


def test_an_interval_without_length_is_a_moment():
    (sample,) = draft(one(phenomenonTime=f"{AT_NOON}/{AT_NOON}", result=1.5)).samples
    assert (sample.phenomenon_start, sample.phenomenon_end, sample.slot) == (NOON, None, ORDINARY)


def test_an_observation_without_time_is_now():
    before = datetime.now(UTC)
    (sample,) = draft(observation.read(b'{"result": 3, "Datastream": {"@iot.id": 1}, "@iot.note": "ignored"}')).samples
    assert before <= sample.phenomenon_start <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2026-05-04T12:00:00", "has no zone"),
        ("2026-05-04", "has no zone"),
        ("noon", "is no time of ISO 8601"),
        (1777896000, "a time is a text"),
        (True, "a time is a text"),
        ("1969-12-31T23:59:59Z", "values are kept from 1970"),
        ("2999-01-01T00:00:00Z", "values are kept from 1970"),
        ("0001-01-01T00:00:00+14:00", "too far away"),
        ("9999-12-31T23:59:59-14:00", "too far away"),
        (f"{AT_NOON}/2026-05-04T11:00:00Z", "ends before it begins"),
        (f"{AT_NOON}/{AT_NOON}/{AT_NOON}", "an interval is start/end"),
    ],
)
def test_times_that_are_refused(time, reason):
    (found,) = reasons(draft(one(phenomenonTime=time, result=1.0)))
    assert reason in found


@pytest.mark.parametrize(
    ("kind", "result", "reason"),
    [
        (ObservationType.MEASUREMENT, "warm", "holds a number"),
        (ObservationType.MEASUREMENT, True, "holds a number"),
        (ObservationType.COUNT, 1.5, "a whole number"),
        (ObservationType.TRUTH, 1, "true or false"),
        (ObservationType.OBSERVATION, json.loads("[" * 40 + "]" * 40), "too deep"),
    ],
)
def test_results_that_do_not_fit(kind, result, reason):
    (found,) = reasons(draft(one(result=result), stream(observation_type=str(kind))))
    assert reason in found


def test_results_of_all_kinds():
    anything = stream(observation_type=str(ObservationType.OBSERVATION))
    for result, where in [("warm", "text"), ({"a": 1}, "json"), (False, "json"), (2.5, "number"), (2**60, "json")]:
        (sample,) = draft(one(result=result), anything).samples
        assert getattr(sample, where) == result
    (nothing,) = draft(one(result=None), anything).samples
    assert (nothing.number, nothing.text, nothing.json) == (None, None, None)


def test_several_properties_at_once():
    several = stream(is_multi=True, multi_types=["x", "y"], observation_type=str(ObservationType.COMPLEX))
    (sample,) = draft(one(result=[1, "a"]), several).samples
    assert sample.json == [1, "a"]
    assert "a list of 2 values" in reasons(draft(one(result=[1]), several))[0]


@pytest.mark.parametrize("quality", [{"nested": {"deep": 1}}, "good", None])
def test_more_than_the_result(quality):
    (sample,) = draft(one(result=1.5, resultQuality=quality, FeatureOfInterest={"@iot.id": 5})).samples
    assert (sample.quality, sample.feature_id, sample.slot) == (quality, 5, ORDINARY)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"FeatureOfInterest": {"@iot.id": 8}}, "there is no feature of interest 8"),
        ({"parameters": [1]}, "parameters is an object"),
        ({"validTime": AT_NOON}, "an interval is start/end"),
        ({"resultTime": "2026"}, "is no time"),
    ],
)
def test_what_stands_beside_the_result_is_checked_too(more, reason):
    assert reason in reasons(draft(one(result=1.5, **more)))[0]


def test_rows_say_where_they_stand():
    content = read_array(array([AT_NOON, 1.0], [AT_NOON]), array([AT_NOON, 2.0], "x", {}, of=3))
    made = draft(content)
    assert len(made.samples) == 1
    assert [(row.index, row.at, row.reason) for row in made.rejected] == [
        (1, "/0/dataArray/1", "a row has 2 values"),
        (2, "/1/dataArray/0", rows.UNKNOWN),
        (3, "/1/dataArray/1", rows.UNKNOWN),
        (4, "/1/dataArray/2", rows.UNKNOWN),
    ]
    assert RowsRefused(made).status == 422
    assert RowsRefused(Draft(rejected=made.rejected[1:])).status == 404
    assert RowsRefused(made).as_json()["rejected"][0] == {
        "index": 1, "at": "/0/dataArray/1", "reason": "a row has 2 values",
    }  # fmt: skip


def test_only_the_first_hundred_are_named():
    made = draft(read_array(array(*[["x", 1.0]] * 150)))
    assert len(made.rejected) == 150
    assert len(RowsRefused(made).as_json()["rejected"]) == 100


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"3", b"[3]", b"[NaN]", b"{}", b'{"result": 1}', b'{"Datastream": 1, "result": 1}',
        b'{"Datastream": {"@iot.id": "1"}, "result": 1}', b'{"Datastream": {"@iot.id": true}, "result": 1}',
        b'{"Datastream": {"@iot.id": 1}}', b'{"Datastream": {"@iot.id": 1}, "result": 1, "colour": 2}',
        b'{"Datastream": {"@iot.id": 1}, "result": 1, "FeatureOfInterest": {"name": "new"}}',
        b'{"Datastream": {"@iot.id": 1}, "result": 1e999}',
        b"[" * 2000, b"\xff",
    ],
)  # fmt: skip
def test_observations_that_cannot_be_read(body):
    with pytest.raises(BadQuery):
        observation.read(body)


@pytest.mark.parametrize(
    "part",
    [
        3,
        {"components": ["result"], "dataArray": []},
        array() | {"dataArray": 3},
        array() | {"components": "result"},
        array(components=("phenomenonTime",)),
        array(components=("result", "result")),
        array(components=("result", "colour")),
        array() | {"dataArray@iot.count": 3},
        array() | {"colour": 3},
        array() | {"MultiDatastream": {"@iot.id": 1}},
    ],
)
def test_data_arrays_that_cannot_be_read(part):
    with pytest.raises(BadQuery):
        data_array.read(json.dumps([part]).encode())


def test_plain_json_for_one_datastream():
    pairs = json_rows.read(f'[["{AT_NOON}", 1.5], ["{AT_NOON}", 2]]'.encode(), 1, None)
    assert [s.number for s in draft(pairs).samples] == [1.5, 2]
    objects = json_rows.read(
        f'[{{"time": "{AT_NOON}", "value": 1.5}}, {{"phenomenonTime": "{AT_NOON}", "result": 2.5}}]'.encode(), 1, None
    )
    assert [s.number for s in draft(objects).samples] == [1.5, 2.5]
    single = json_rows.read(b'{"time": 1777896000, "value": 1.5}', 1, PRECISIONS["s"])
    assert [s.phenomenon_start for s in draft(single).samples] == [NOON]


def test_numbers_are_times_only_when_precision_says_what_they_count():
    body = b"[[1777896000000, 1.5]]"
    assert [s.phenomenon_start for s in draft(json_rows.read(body, 1, PRECISIONS["ms"])).samples] == [NOON]
    assert "a time is a text" in reasons(draft(json_rows.read(body, 1, None)))[0]
    assert "no time" in reasons(draft(json_rows.read(b"[[999999999999999999, 1]]", 1, PRECISIONS["s"])))[0]


@pytest.mark.parametrize("body", [b"[]", b"3", b"[[1, 2], 3]", b'[{"colour": 1}]', b'[{"time": "x"}]'])
def test_plain_json_that_cannot_be_read(body):
    with pytest.raises(BadQuery):
        json_rows.read(body, 1, None)


def test_a_body_has_a_most(monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROWS", 2)
    for read in (observation.read, data_array.read, lambda body: json_rows.read(body, 1, None)):
        with pytest.raises(TooLarge):
            read(json.dumps([array([AT_NOON, 1], [AT_NOON, 1], [AT_NOON, 1])] * 3).encode())


def test_any_zone_is_the_same_moment():
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    (sample,) = draft(one(phenomenonTime=east, result=1.0)).samples
    assert sample.phenomenon_start == NOON


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**63), 2**63) | st.text(max_size=8)
    | st.sampled_from([AT_NOON, "2026-05-04T12:00:00", "/", f"{AT_NOON}/{AT_NOON}"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["Datastream", "@iot.id", "components", "dataArray", "result", "phenomenonTime", "parameters", "time"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(["observation", "array", "rows", "cells"]))
def test_whatever_comes_is_read_or_refused(value, kind):
    body = json.dumps(
        [array(value, components=("phenomenonTime", "result", "parameters"))] if kind == "cells" else value
    )
    readers = {"observation": observation.read, "rows": lambda body: json_rows.read(body, 1, PRECISIONS["ms"])}
    try:
        content = readers.get(kind, data_array.read)(body.encode())
    except (BadQuery, TooLarge):
        return
    made = draft(content, stream(observation_type=str(ObservationType.OBSERVATION)))
    assert len(made.samples) + len(made.rejected) == sum(len(group.rows) for group in content.groups)
    assert all(sample.phenomenon_start.tzinfo for sample in made.samples)
