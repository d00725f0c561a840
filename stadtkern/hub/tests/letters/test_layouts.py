"""Layouts: the built-in ones give what their makers say, the language is strict, and no bytes can break the reading."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.hub.domain.decoders.builtin import all_builtin, install_builtin
from stadtkern.hub.domain.decoders.layout import BadLayout
from stadtkern.hub.domain.decoders.layout_parsing import parse
from stadtkern.hub.domain.decoders.layout_reading import read
from stadtkern.hub.domain.decoders.payload import Payload, Undecodable
from stadtkern.hub.models import Decoder

EXAMPLES = [
    pytest.param(one["layout"], example, id=f"{one['key']}-{number}")
    for one in all_builtin()
    for number, example in enumerate(one["examples"])
]


def values(body: dict[str, Any], data: str, *, port: int = 1) -> dict[str, Any]:
    (own, *others) = read(parse({"messages": [body]}), Payload(bytes.fromhex(data), port))
    assert others == []
    return own.values


@pytest.mark.parametrize(("layout", "example"), EXAMPLES)
def test_the_makers_examples(layout: Any, example: dict[str, Any]) -> None:
    own, *others = read(parse(layout), Payload(bytes.fromhex(example["bytes"]), example["port"]))
    assert own.values == example["values"]
    assert [reading.values for reading in others] == example.get("readings", [])
    assert example["source"], "whence do we know?"


def test_there_are_the_promised_ones() -> None:
    assert [one["key"] for one in all_builtin()] == [
        *("cayenne-lpp", "dragino-lht65", "dragino-lse01", "elsys", "milesight-em300"),
    ]


@pytest.mark.django_db
def test_they_are_installed_once_and_kept_up_to_date() -> None:
    Decoder.objects.all().delete()  # loading the pack installs them
    mine = Decoder.objects.create(key="elsys", name="Meiner", language=Decoder.Language.LAYOUT)
    assert install_builtin() == len(all_builtin())
    Decoder.objects.filter(key="cayenne-lpp").update(layout={"old": True})
    install_builtin()
    assert Decoder.objects.get(key="cayenne-lpp").layout == all_builtin()[0]["layout"]
    assert Decoder.objects.filter(is_builtin=True).count() == len(all_builtin()) - 1
    mine.refresh_from_db()
    assert (mine.name, mine.is_builtin) == ("Meiner", False)


@pytest.mark.parametrize(
    ("field", "data", "expected"),
    [
        ({"length": 2}, "0110", 272),
        ({"length": 2, "order": "little"}, "0110", 4097),
        ({"length": 2, "type": "int"}, "FFD7", -41),
        ({"length": 2, "type": "int", "factor": 0.1}, "FFD7", -4.1),
        ({"length": 2, "factor": 0.1}, "0110", 27.2),
        ({"length": 1, "factor": 0.5, "offset": -40}, "FF", 87.5),
        ({"length": 2, "bits": [0, 14]}, "CBF6", 3062),
        ({"length": 2, "bits": [14, 2]}, "CBF6", 3),
        ({"length": 1, "bits": [4, 4], "type": "int"}, "F0", -1),
        ({"length": 1, "type": "bool", "bits": [7, 1]}, "80", True),
        ({"length": 4, "type": "float"}, "41AC0000", 21.5),
        ({"length": 2, "type": "float", "order": "little"}, "0051", 40.0),
        ({"length": 8, "type": "float"}, "4035800000000000", 21.5),
        ({"length": 3, "type": "hex"}, "0A0B0C", "0a0b0c"),
        ({"enum": {"0": "dry", "1": "wet"}}, "01", "wet"),
        ({"enum": {"0": "dry"}}, "07", 7),
    ],
)
def test_a_field(field: dict[str, Any], data: str, expected: Any) -> None:
    assert values({"fields": [{"name": "x", "at": 0} | field]}, data) == {"x": expected}


@pytest.mark.parametrize(
    "field",
    [
        {"length": 2, "missing": [0x7FFF]},
        {"length": 4, "type": "float", "at": 2},  # not a number
        {"length": 2, "at": 60, "optional": True},
    ],
)
def test_a_value_that_is_not_there(field: dict[str, Any]) -> None:
    assert values({"fields": [{"name": "x", "at": 0} | field]}, "7FFF7FC00000") == {}


def test_the_port_and_the_length_choose_the_message() -> None:
    layout = parse(
        {
            "messages": [
                {"ports": [2], "lengths": [1], "fields": [{"name": "short", "at": 0}]},
                {"ports": [2, 3], "fields": [{"name": "long", "at": 1}]},
            ]
        }
    )
    assert read(layout, Payload(b"\1", 2))[0].values == {"short": 1}
    assert read(layout, Payload(b"\1\2", 3))[0].values == {"long": 2}
    with pytest.raises(Undecodable, match="Port 9 mit 2 Bytes"):
        read(layout, Payload(b"\1\2", 9))


def test_a_byte_chooses_the_rest_and_its_kinds_may_lie_in_each_other() -> None:
    body = {
        "fields": [{"name": "kind", "at": 0}],
        "cases": {
            "at": 0,
            "mask": 0xF0,
            "of": {"16": {"cases": {"at": 1, "of": {"1": {"fields": [{"name": "a", "at": 2}]}}, "else": {}}}},
        },
    }
    assert values(body, "1F0107") == {"kind": 31, "a": 7}
    assert values(body, "1F0907") == {"kind": 31}
    with pytest.raises(Undecodable, match="Byte 0: unbekannte Art 32"):
        values(body, "2F0107")


def test_records_know_their_channel_and_a_name_that_comes_again_gets_a_number() -> None:
    kinds = [
        {"type": 1, "length": 1, "fields": [{"name": "t_{channel}", "at": 0}]},
        {"type": 1, "channel": 9, "length": 1, "fields": [{"name": "special", "at": 0}]},
    ]
    body = {"records": {"kinds": kinds}}
    assert values(body, "0301AA 0301AB 0901AC") == {"t_3": 170, "t_3_2": 171, "special": 172}
    with pytest.raises(Undecodable, match="Byte 3: unbekannter Typ 03 02"):
        values(body, "0301AA 0302AB")
    with pytest.raises(Undecodable, match="Byte 5: 1 Bytes erwartet, 0 sind noch da"):
        values(body, "0301AA 0301")
    assert values({"records": {"kinds": kinds, "unknown": "stop"}}, "0301AA 0302AB") == {"t_3": 170}


def test_what_is_kept_by_the_device_stands_beside_with_its_own_time() -> None:
    fields = [{"name": "at", "at": 0, "length": 4}, {"name": "t", "at": 4}]
    layout = parse({"messages": [{"repeat": {"length": 5, "fields": fields, "time": "at"}}]})
    readings = read(layout, Payload(bytes.fromhex("60065F97 01 60065FBE 02"), 1))
    assert [(r.values, r.time) for r in readings] == [
        ({}, ""),
        ({"at": 0x60065F97, "t": 1}, "at"),
        ({"at": 0x60065FBE, "t": 2}, "at"),
    ]


@pytest.mark.parametrize(
    ("layout", "complaint"),
    [
        (None, "layout: an object"),
        ({}, "messages: a list of 1"),
        ({"messages": [{"colour": 1}]}, r"messages\[0\].colour: this is not known"),
        ({"messages": [{"fields": [{"at": 0}]}]}, r"messages\[0\].fields\[0\].name: a text"),
        ({"messages": [{"fields": [{"name": "x", "at": -1}]}]}, r"fields\[0\].at: a whole number"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "length": 9}]}]}, "length: a whole number from 1 to 8"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "length": 3, "type": "float"}]}]}, "2, 4 or 8"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "bits": [4, 5]}]}]}, "within 8 bits"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "factor": "0.1"}]}]}, "factor: a number"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "enum": {"a": "b"}}]}]}, "whole numbers as names"),
        ({"messages": [{"repeat": {"length": 1, "fields": [{"name": "x", "at": 1}]}}]}, "ends behind"),
        ({"messages": [{"records": {"kinds": [{"type": 1, "length": 1, "time": "t"}]}}]}, "no field has this name"),
        ({"messages": [{"records": {"head": ["x"], "kinds": []}}]}, "head"),
        ({"messages": [{"records": {"head": 5, "kinds": []}}]}, "head"),
        ({"messages": [{"cases": {"at": 0, "of": {"--5": {}}}}]}, "whole numbers as names"),
        ({"messages": [{"cases": {"at": 0, "of": {"9" * 5_000: {}}}}]}, "whole numbers as names"),
        ({"messages": [{"fields": [{"name": "x", "at": 0, "factor": float("inf")}]}]}, "factor: a number"),
        ({"messages": [{"cases": {"at": 0, "of": {}}, "repeat": {"length": 1}}]}, "only one of"),
        ({"messages": [{"ports": ["2"]}]}, "ports: a list of whole numbers"),
    ],
)  # fmt: skip
def test_a_wrong_layout_says_where(layout: Any, complaint: str) -> None:
    with pytest.raises(BadLayout, match=complaint):
        parse(layout)


def test_cases_end_somewhere() -> None:
    body: dict[str, Any] = {}
    for _ in range(10):
        body = {"cases": {"at": 0, "of": {"0": body}}}
    with pytest.raises(BadLayout, match="more than 5 inside each other"):
        parse({"messages": [body]})


@given(data=st.binary(max_size=255), port=st.integers(0, 223), which=st.integers(0, len(all_builtin()) - 1))
def test_any_bytes_give_values_or_a_reason(data: bytes, port: int, which: int) -> None:
    readings = []
    with suppress(Undecodable):
        readings = read(parse(all_builtin()[which]["layout"]), Payload(data, port))
    assert all(value == value for reading in readings for value in reading.values.values())


NAMES = ["messages", "fields", "cases", "records", "kinds", "of", "repeat", "name", "at", "length", "bits"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(NAMES),
        inner,
        max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@given(layout=JSON, data=st.binary(max_size=20))
def test_any_json_is_a_layout_or_is_refused(layout: Any, data: bytes) -> None:
    readings = None
    with suppress(BadLayout, Undecodable):
        readings = read(parse(layout), Payload(data, 1))
    assert readings is None or readings[0].time == ""
