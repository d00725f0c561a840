"""Resource paths, percent-decoding, and the plus in query strings."""

import pytest

from stadtkern.hub.api.sta.grammar import parse, parse_address
from stadtkern.hub.api.sta.nodes import Segment
from stadtkern.hub.api.sta.syntax import SyntaxProblem
from stadtkern.hub.tests.sta_grammar.bare import sketch

PATHS = [
    ("", ()),
    ("/", ()),
    ("Things", (Segment("Things"),)),
    ("/Things/", (Segment("Things", None, 1),)),
    ("Things(1)", (Segment("Things", 1),)),
    ("Things%281%29", (Segment("Things", 1),)),
    (f"Things({2**63 - 1})", (Segment("Things", 2**63 - 1),)),
    (
        "Things(1)/Datastreams(2)/Observations",
        (Segment("Things", 1), Segment("Datastreams", 2, 10), Segment("Observations", None, 25)),
    ),
    ("Things/$ref", (Segment("Things"), Segment("$ref", None, 7))),
    ("Things(1)/name", (Segment("Things", 1), Segment("name", None, 10))),
    ("Things(1)/name/$value", (Segment("Things", 1), Segment("name", None, 10), Segment("$value", None, 15))),
    ("Things/%24count", (Segment("Things"), Segment("$count", None, 7))),
    (
        "Things(1)/properties/my%20key%2Fpart",
        (Segment("Things", 1), Segment("properties", None, 10), Segment("my key/part", None, 21)),
    ),
    ("a+b%2B%2525", (Segment("a+b+%25"),)),
    ("$batch", (Segment("$batch"),)),
]

WRONG_PATHS = [
    ("Things(0)", 7, "ids are whole numbers from 1"),
    ("Things(-1)", 7, "ids are whole numbers"),
    ("Things('a')", 7, "ids are whole numbers"),
    ("Things(%27a%27)", 7, "ids are whole numbers"),
    ("Things()", 7, "ids are whole numbers"),
    ("Things(id=1)", 7, "ids are whole numbers"),
    ("Things(\u0661)", 7, "ids are whole numbers"),
    (f"Things({2**63})", 7, "ids are whole numbers"),
    ("Things(1", 1, "an id stands in parentheses"),
    ("Things(1)(2)", 1, "an id stands in parentheses"),
    ("Things(1)x", 1, "an id stands in parentheses"),
    ("(1)", 1, "expected a name"),
    ("Things//name", 8, "expected a name"),
    ("//", 2, "expected a name"),
    ("$ref", 1, "stands at the end"),
    ("Things/$ref/name", 8, "stands at the end"),
    ("Things/$batch", 8, "there is no '$batch' here"),
    ("$metadata", 1, "there is no '$metadata' here"),
    ("$ref(1)", 5, "ids are whole numbers"),
    ("Things%2", 7, "two hexadecimal digits"),
    ("Things%ff", 1, "not UTF-8"),
    ("Things%00", 1, "NUL"),
    ("/".join(["a"] * 41), 1, "at most 40 parts"),
    ("a" * 8001, 1, "longer than 8000"),
    ("a" * 24001, 1, "longer than 24000"),
    ("\ud800", 1, "not UTF-8"),
    (b"\xff", 1, "not UTF-8"),
]

PLUSES = [
    ("$filter=result+gt+5+and+name+eq+%27a%2Bb%27", "[[result gt 5] and [name eq 'a+b']]"),
    ("$filter=name+eq+'a+b'", "[name eq 'a b']"),
    ("$filter=name%20eq%20'a+b'", "[name eq 'a+b']"),
    ("$filter=name eq 'a+b'", "[name eq 'a+b']"),
    ("$filter=startswith(name,'a+b')", "startswith(name 'a+b')"),
    ("$filter=startswith(name,'a+b')&$orderby=name+desc", "startswith(name 'a b')"),
    ("$filter=date(t)%20eq%202024-01-01", "[date(t) eq datetime.date(2024, 1, 1)]"),
    ("$filter=result%20gt%201e+3", "[result gt 1000.0]"),
    ("$filter=result+gt+1e+3", "[result gt 1000.0]"),
    ("$filter=name%20eq%20'100%2525'", "[name eq '100%25']"),
    ("%24filter=name%20eq%20'M%C3%BCll'", "[name eq 'M\u00fcll']"),
    ("$filter=name%20eq%20'M\u00fcll'", "[name eq 'M\u00fcll']"),
    ("$filter=name%20eq%20'a%26b%3Dc'", "[name eq 'a&b=c']"),
    ("$filter=name%20eq%20'a=b'", "[name eq 'a=b']"),
]

MOMENTS = [
    "$filter=t%20gt%202024-01-01T00:00:00+02:00",
    "$filter=t%20gt%202024-01-01T00:00:00%2B02:00",
    "$filter=t%20gt%202024-01-01T00%3A00%3A00%2B02%3A00",
    "$filter=t+gt+2024-01-01T00:00:00+02:00",
    "$filter=t+gt+2024-01-01T00:00:00.000%2B02:00",
    "$filter=t+gt+2024-01-01T00:00:00.000+02:00",
    "$filter=t%20gt%202024-01-01T00:00+02:00",
    "$filter=t%20gt%202024-01-01T00:00:00%2002:00",
]


@pytest.mark.parametrize(("raw", "path"), PATHS, ids=[raw for raw, _ in PATHS])
def test_a_path_is_its_parts(raw, path):
    assert parse(raw).path == path


@pytest.mark.parametrize(("raw", "character", "part"), WRONG_PATHS, ids=[repr(raw[:30]) for raw, *_ in WRONG_PATHS])
def test_a_wrong_path_is_refused_at_its_place(raw, character, part):
    with pytest.raises(SyntaxProblem) as caught:
        parse(raw)
    assert (caught.value.where, caught.value.at + 1) == ("path", character)
    assert part in caught.value.reason


@pytest.mark.parametrize(("query", "tree"), PLUSES, ids=[query for query, _ in PLUSES])
def test_a_text_is_decoded_once_and_a_plus_is_what_its_client_meant(query, tree):
    assert sketch(parse("Things", query).options.filter) == tree


@pytest.mark.parametrize("query", MOMENTS)
def test_the_plus_of_an_offset_is_read_however_it_comes(query):
    node = parse("Things", query).options.filter
    assert node.right.value.isoformat() == "2024-01-01T00:00:00+02:00"


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("$filter=a%zz", "two hexadecimal digits"),
        ("$filter=%C3", "not UTF-8"),
        ("$filter=%00", "NUL"),
        ("$filter=\0", "NUL"),
        ("$filter=" + "%20" * 8001, "longer than 24000"),
        ("$filter=" + " " * 8001, "longer than 8000"),
        (b"$filter=\xff", "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(query, part):
    with pytest.raises(SyntaxProblem, match=part):
        parse("Things", query)


def test_bytes_are_read_as_utf_8():
    assert parse(b"Things(1)", "$filter=name%20eq%20'\u00fc'".encode()) == parse(
        "Things(1)", "$filter=name%20eq%20'\u00fc'"
    )


def test_an_address_is_path_and_query_in_one_text():
    assert parse_address("Things(1)/Datastreams?$top=1") == parse("Things(1)/Datastreams", "$top=1")
    assert parse_address("Things") == parse("Things", "")
