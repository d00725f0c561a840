"""The line protocol: what each sign means, and that a broken line is rejected alone."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.core.problems import BadQuery, TooLarge
from stadtkern.hub.door.formats import lines, rows
from stadtkern.hub.door.formats.times import PRECISIONS

MOMENT = datetime(2026, 5, 4, 12, tzinfo=UTC)
NS = 1_777_896_000_000_000_000


def read(text: str, precision: str = "ns") -> dict[int | str, tuple[object, object]]:
    """series -> (moment, value); nothing may be broken."""
    content = lines.read(text.encode(), PRECISIONS[precision])
    assert content.broken == []
    return {group.series: tuple(group.rows[0]) for group in content.groups}


def broken(text: str) -> str:
    (only,) = lines.read(text.encode(), PRECISIONS["ns"]).broken
    return only.reason


def test_every_field_is_a_value_of_its_own_series():
    assert read(f"weather,station=7 temp=21.5,hum=55i {NS}") == {
        "weather,station=7 temp": (MOMENT, 21.5),
        "weather,station=7 hum": (MOMENT, 55),
    }


def test_tags_are_in_order_whatever_order_they_come_in():
    assert read(f"w,b=2,a=1 v=1 {NS}").keys() == read(f"w,a=1,b=2 v=1 {NS}").keys() == {"w,a=1,b=2 v"}


@pytest.mark.parametrize(("unit", "per_second"), [("ns", 10**9), ("us", 10**6), ("u", 10**6), ("ms", 1000), ("s", 1)])
def test_the_time_counts_as_precision_says(unit, per_second):
    assert read(f"w v=1 {1_777_896_000 * per_second}", unit) == {"w v": (MOMENT, 1.0)}


def test_a_line_without_time_is_now():
    before = datetime.now(UTC)
    moment, _value = read("w v=1")["w v"]
    assert before <= moment <= datetime.now(UTC)


def test_the_tag_datastream_names_the_series_and_is_no_part_of_it():
    assert read(f"w,datastream=42,a=1 v=1.5 {NS}") == {42: (MOMENT, 1.5)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0), ("-1.5e3", -1500.0), (".5", 0.5), ("7i", 7), ("-7i", -7), ("7u", 7),
        ("t", True), ("TRUE", True), ("false", False), ("F", False),
        ('"hot, very = hot"', "hot, very = hot"), (r'"a \"quote\" and \\"', 'a "quote" and \\'), ('""', ""),
    ],
)  # fmt: skip
def test_values(text, value):
    ((_moment, found),) = read(f"w v={text} {NS}").values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["18446744073709551616u", "-9223372036854775809i"])
def test_a_whole_number_has_64_bits(text):
    assert text in broken(f"w v={text} {NS}")


def test_a_backslash_hides_a_sign():
    assert read(rf"my\ weather,place=a\,b\=c temp\ in\ C=1 {NS}").keys() == {r"my\ weather,place=a\,b\=c temp\ in\ C"}


def test_quotes_in_tags_are_just_signs():
    assert read(f'w,name="x v=1 {NS}').keys() == {'w,name="x v'}


def test_comments_and_empty_lines_are_passed_over():
    assert len(read(f"# hello\n\nw v=1 {NS}\r\n  \nw x=2 {NS}\n")) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("w", "a line is measurement, fields and time"),
        ("w v=1 soon", "is no time"),
        ("w v=1 1 2", "a line is measurement"),
        ("w v=nan", "'nan' is no value"),
        ("w v=1_000", "is no value"),
        ("w v=inf", "is no value"),
        ("w v=0x10", "is no value"),
        ("w v=", "is no value"),
        ('w v="open', "no closing quote"),
        ("w =1", "is no field"),
        ("w v", "is no field"),
        (",a=1 v=1", "begins with measurement"),
        ("w,a v=1", "begins with measurement"),
        ("w,datastream=x v=1", "the tag datastream is a number"),
        ("w,datastream=0 v=1", "the tag datastream is a number"),
        ("w,datastream=7 v=1,x=2", "has one field"),
    ],
)
def test_a_broken_line_says_why(line, reason):
    assert reason in broken(line)


def test_a_broken_line_is_rejected_alone_and_keeps_its_place():
    content = lines.read(f"w a=1,b=2 {NS}\nw oops\nw c=3 {NS}".encode(), PRECISIONS["ns"])
    assert [group.place(0) for group in content.groups] == [(0, "line 1"), (1, "line 1"), (3, "line 3")]
    assert [(row.index, row.at) for row in content.broken] == [(2, "line 2")]


def test_what_is_no_text_or_empty_is_refused_as_a_whole():
    with pytest.raises(BadQuery, match="UTF-8, at byte 2"):
        lines.read(b"w \xff", PRECISIONS["ns"])
    with pytest.raises(BadQuery, match="no line"):
        lines.read(b"\n# nothing\n", PRECISIONS["ns"])


def test_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    with pytest.raises(TooLarge, match="3 values, not 4"):
        lines.read(b"w a=1,b=2\nw c=3,d=4", PRECISIONS["ns"])


@given(st.text(alphabet='w,= "\\\n1t.ie-#ä\x00', max_size=60))
def test_whatever_comes_is_read_or_refused(text):
    try:
        content = lines.read(text.encode(), PRECISIONS["ns"])
    except (BadQuery, TooLarge):
        return
    places = [group.place(0)[0] for group in content.groups] + [row.index for row in content.broken]
    assert sorted(places) == list(range(len(places)))
    assert all(re.fullmatch(r"line \d+", group.place(0)[1]) for group in content.groups)
