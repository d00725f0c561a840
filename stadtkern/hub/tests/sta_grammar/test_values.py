"""Literals: texts, numbers, moments, periods, durations and places."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from stadtkern.hub.api.sta.nodes import Interval, Literal, Shape
from stadtkern.hub.api.sta.parser import parse_expression
from stadtkern.hub.api.sta.syntax import SyntaxProblem

TWO = timezone(timedelta(hours=2))

GOOD = [
    ("'a'", "a"),
    ("''", ""),
    ("'it''s'", "it's"),
    ("''''", "'"),
    ("'a%2Bb + c'", "a%2Bb + c"),
    ("'M\u00fcll \U0001f333'", "M\u00fcll \U0001f333"),
    ("5", 5),
    ("-5", -5),
    ("007", 7),
    ("9223372036854775808", 2**63),
    ("1.50", 1.5),
    ("-0.25", -0.25),
    ("1e3", 1000.0),
    ("1.5E-3", 0.0015),
    ("2e+2", 200.0),
    ("true", True),
    ("FALSE", False),
    ("null", None),
    ("2024-02-29", date(2024, 2, 29)),
    ("12:30", time(12, 30)),
    ("23:59:59.25", time(23, 59, 59, 250_000)),
    ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
    ("2024-01-01t00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
    ("2024-01-01T12:00:00.5+02:00", datetime(2024, 1, 1, 12, microsecond=500_000, tzinfo=TWO)),
    ("2024-01-01T12:00:00 02:00", datetime(2024, 1, 1, 12, tzinfo=TWO)),
    ("2024-01-01T12:00:00-05:30", datetime(2024, 1, 1, 12, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
    ("2024-01-01T00:00:00.123456789012Z", datetime(2024, 1, 1, microsecond=123_456, tzinfo=UTC)),
    ("duration'P1DT2H'", timedelta(days=1, hours=2)),
    ("duration'PT0.5S'", timedelta(milliseconds=500)),
    ("duration'-PT90M'", timedelta(minutes=-90)),
    ("duration'P2W'", timedelta(weeks=2)),
    ("duration'PT0S'", timedelta(0)),
]

WRONG = [
    ("'a", "not closed by a '"),
    ("'''", "not closed by a '"),
    ("geography'POINT (1 1)", "not closed by a '"),
    ("1.", "no number"),
    ("5L", "no number"),
    ("1e", "no number"),
    ("1e400", "too large"),
    ("1" * 41, "at most 40 characters"),
    ("\u0663", "has no meaning"),
    ("2023-02-29", "there is no day 2023-02-29"),
    ("24:00", "a time of day"),
    ("12:00:60", "a time of day"),
    ("12:3", "a time of day"),
    ("2024-01-01T00:00:00", "needs its offset, such as 2024-01-01T00:00:00Z"),
    ("2024-01-01T00:00", "needs its offset"),
    ("2024-01-01 12:30", "is no moment"),
    ("2024-01-01T25:00:00Z", "there is no moment"),
    ("2024-01-01T00:00:60Z", "there is no moment"),
    ("2024-01-01T00:00:00+25:00", "there is no moment"),
    ("0001-01-01T00:00:00+14:00", "there is no moment"),
    ("9999-12-31T23:59:59-14:00", "there is no moment"),
    ("12024-01-01T00:00:00Z", "is no moment"),
    ("2024-01-01T00:00.5Z", "is no moment"),
    ("2024-02-01T00:00:00Z/2024-01-01T00:00:00Z", "ends before it starts"),
    ("2024-01-01/2024-02-01", "is no moment"),
    ("2024-01-01T00:00:00Z/", "the end of a period is no moment"),
    ("2024-01-01T00:00:00Z/2024-02-01T00:00:00", "needs its offset"),
    ("duration'P1Y'", "years and months have no fixed length"),
    ("duration'P1M'", "years and months have no fixed length"),
    ("duration'P'", "days, hours, minutes and seconds"),
    ("duration'PT'", "days, hours, minutes and seconds"),
    ("duration'P1DT'", "days, hours, minutes and seconds"),
    ("duration'P999999999DT999999999H'", "days, hours, minutes and seconds"),
    ("duration'1H'", "days, hours, minutes and seconds"),
    ("datetime'2024-01-01T00:00:00'", "a value datetime'...' is not known"),
    ("guid'x'", "a value guid'...' is not known"),
    ("geography''", "no well-known text"),
    ("geography'POINT (7 51'", "no well-known text"),
    ("geography'POINT (7 51) x'", "no well-known text"),
    ("geography'CIRCULARSTRING (0 0, 1 1, 2 0)'", "no well-known text"),
    ("geography'POINT EMPTY'", "not empty"),
    ("geography'LINEARRING (0 0, 1 1, 2 0, 0 0)'", "a place is a point, line, area"),
    ("geography'POINT (nan nan)'", "not a finite number"),
    ("geography'POINT (inf 1)'", "not a finite number"),
    ("geography'POINT (51.4 97.2)'", "longitude comes first"),
    ("geography'POINT (181 1)'", "longitude is between -180 and 180"),
    ("geography'SRID=25832;POINT (7 51)'", "not in 25832"),
    ("geography'POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))'", "this shape is not valid: Self-intersection"),
    ("geography'LINESTRING (1 1)'", "no well-known text"),
]


@pytest.mark.parametrize(("text", "value"), GOOD, ids=[text for text, _ in GOOD])
def test_a_literal_is_its_value(text, value):
    node = parse_expression(text)
    assert node == Literal(value)
    assert type(node.value) is type(value)


def test_the_offset_of_a_moment_stays_as_written():
    moment = parse_expression("2024-01-01T12:00:00+02:00").value
    assert moment.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(("text", "part"), WRONG, ids=[text for text, _ in WRONG])
def test_a_wrong_literal_is_refused_with_its_reason(text, part):
    with pytest.raises(SyntaxProblem) as caught:
        parse_expression(f"p eq {text}")
    assert part in caught.value.reason
    assert caught.value.at >= 5


def test_a_period_has_two_ends():
    assert parse_expression("2024-01-01T00:00:00Z/2024-02-01T02:00:00+02:00") == Interval(
        datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
    )


def test_a_period_survives_two_pluses_that_became_blanks():
    node = parse_expression("during(t, 2024-01-01T02:00:00 02:00/2024-02-01T02:00:00 02:00)")
    assert node.arguments[1] == Interval(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC), 10)


@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ("geography'POINT (7.2 51.4)'", "POINT (7.2 51.4)"),
        ("geometry'point(7.2 51.4)'", "point(7.2 51.4)"),
        ("geography'SRID=4326;POINT Z (7.2 51.4 100)'", "POINT Z (7.2 51.4 100)"),
        ("Geography' srid = 4326 ; POINT (7 51) '", "POINT (7 51)"),
        ("geography'POLYGON ((7 51, 8 51, 8 52, 7 52, 7 51))'", "POLYGON ((7 51, 8 51, 8 52, 7 52, 7 51))"),
        ("geography'MULTIPOINT (7 51, 8 52)'", "MULTIPOINT (7 51, 8 52)"),
    ],
)
def test_a_place_is_well_known_text_in_longitude_and_latitude(text, wkt):
    assert parse_expression(text) == Shape(wkt)
