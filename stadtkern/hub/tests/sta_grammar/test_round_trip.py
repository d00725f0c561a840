"""What is printed parses to the same nodes: any expression, any options, any request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stadtkern.hub.api.sta.aggregation import FUNCTIONS as AGGREGATES
from stadtkern.hub.api.sta.aggregation import GAPS
from stadtkern.hub.api.sta.functions import FUNCTIONS
from stadtkern.hub.api.sta.grammar import parse_address
from stadtkern.hub.api.sta.lexer import tokens_of
from stadtkern.hub.api.sta.nodes import (
    Aggregation,
    Binary,
    Call,
    Expansion,
    Interval,
    List,
    Literal,
    Options,
    Order,
    Path,
    Request,
    Segment,
    Shape,
    Unary,
)
from stadtkern.hub.api.sta.parser import CHAINS, LEVEL, balanced, parse_expression
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.api.sta.syntax import Source
from stadtkern.hub.tests.sta_grammar.bare import bare

RESERVED = {"not", "true", "false", "null"}
words = st.from_regex(r"[A-Za-z_\u00e4][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda w: w.lower() not in RESERVED)
inner_steps = st.from_regex(r"[A-Za-z0-9_@][A-Za-z0-9_.:@-]{0,6}", fullmatch=True)
paths = st.builds(
    lambda first, rest: Path((first, *rest)), words | st.just("@iot.id"), st.lists(inner_steps, max_size=3)
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=offsets).map(
    lambda moment: moment.replace(fold=0)
)
clocks = st.times().map(lambda clock: clock.replace(fold=0))
numbers = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(texts, numbers, st.booleans(), st.none(), moments, st.dates(), clocks, st.timedeltas())
literals = st.builds(Literal, scalars)
intervals = st.tuples(moments, moments).map(lambda ends: Interval(min(ends), max(ends)))
degrees = st.floats(-90, 90)
shapes = st.builds(lambda x, y: Shape(f"POINT ({x!r} {y!r})"), degrees, degrees)
leaves = literals | paths | intervals | shapes
lists = st.lists(literals, min_size=1, max_size=4).map(lambda items: List(tuple(items)))
PLAIN = sorted(set(LEVEL) - CHAINS - {"not", "in"})


def nodes(depth: int) -> st.SearchStrategy:
    if depth == 0:
        return leaves
    below = nodes(depth - 1)
    return st.one_of(
        leaves,
        st.builds(Unary, st.sampled_from(["not", "-"]), below),
        st.builds(Binary, st.sampled_from(PLAIN), below, below),
        st.builds(Binary, st.just("in"), below, lists),
        st.builds(balanced, st.sampled_from(sorted(CHAINS)), st.lists(below, min_size=2, max_size=5)),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda name: st.lists(below, min_size=FUNCTIONS[name][0], max_size=FUNCTIONS[name][1]).map(
                lambda arguments: Call(name, tuple(arguments))
            )
        ),
    )


intervals_of_time = st.timedeltas(min_value=timedelta(microseconds=1)) | st.sampled_from(
    ["day", "week", "month", "year"]
)
some_aggregates = st.lists(st.sampled_from(AGGREGATES), min_size=1, unique=True).map(tuple)
aggregations = st.builds(Aggregation, some_aggregates) | st.builds(
    Aggregation, some_aggregates, intervals_of_time, st.sampled_from(GAPS)
)
names = st.builds(lambda path: "/".join(path.steps), paths)


def options(depth: int) -> st.SearchStrategy:
    below = (
        st.lists(st.builds(Expansion, words, options(depth - 1)), max_size=2, unique_by=lambda term: term.name)
        if depth
        else st.just([])
    )
    plain = st.builds(
        Options,
        filter=st.none() | nodes(2),
        order=st.lists(st.builds(Order, nodes(1), st.booleans()), max_size=2).map(tuple),
        select=st.lists(names, max_size=3, unique=True).map(tuple),
        distinct=st.booleans(),
        expand=below.map(tuple),
        top=st.none() | st.integers(0, 10**9),
        skip=st.integers(0, 10**9),
        count=st.booleans(),
        apply=st.none() | aggregations,
    )
    sparse = st.builds(Options, expand=below.map(tuple))
    return (plain | sparse).map(_sound)


def _sound(made: Options) -> Options:
    return replace(made, distinct=made.distinct and bool(made.select))


keys = texts.filter(lambda text: text and not text.startswith("$") and "(" not in text and ")" not in text)
segments = st.builds(Segment, words, st.none() | st.integers(1, 2**63 - 1)) | st.builds(Segment, keys)
requests = st.builds(
    lambda path, last, query, after, kind: Request((*path, *last), _after(query, after), kind),
    st.lists(segments, min_size=1, max_size=4),
    st.sampled_from([(), (Segment("$ref"),), (Segment("$value"),), (Segment("$count"),)]),
    options(2),
    st.from_regex(r"[A-Za-z0-9._~=-]{0,20}", fullmatch=True),
    st.sampled_from(["json", "dataArray", "csv", "geojson"]),
)


def _after(query: Options, mark: str) -> Options:
    return replace(query, after=mark)


@settings(max_examples=400, deadline=None)
@given(nodes(3))
def test_any_expression_comes_back(node):
    assert repr(bare(parse_expression(as_text(node)))) == repr(bare(node))  # repr tells 5, 5.0 and True apart


@settings(max_examples=150, deadline=None)
@given(requests)
def test_any_request_comes_back(request_):
    assert repr(bare(parse_address(as_text(request_)))) == repr(bare(request_))


@pytest.mark.parametrize(
    "text",
    [
        "((((a or b) or (c)) and (((d)))))",
        "not ((a eq 1)) and (b sub (c sub d)) gt -(-5)",
        " or ".join(["a eq 1"] * 250),
        "(" * 40 + "a" + ")" * 40,
        "not " * 40 + "a",
    ],
)
def test_the_printed_text_needs_no_more_tokens_than_the_first(text):
    printed = as_text(parse_expression(text))
    assert len(tokens_of(Source("$filter", printed))) <= len(tokens_of(Source("$filter", text)))
    assert as_text(parse_expression(printed)) == printed


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Literal(datetime(2024, 1, 1, tzinfo=UTC)), "2024-01-01T00:00:00Z"),
        (Literal(timedelta(days=1, hours=2, seconds=0.5)), "duration'P1DT2H0.500000S'"),
        (Literal(timedelta(0)), "duration'P0D'"),
        (Literal(timedelta(minutes=-90)), "duration'-PT1H30M'"),
        (Aggregation(("mean", "max"), timedelta(minutes=15), "null"), "aggregate(mean,max;interval=PT15M;gaps=null)"),
        (Options(top=5, count=True), "$top=5;$count=true"),
        (Expansion("A", Options(expand=(Expansion("B", Options()),))), "A/B"),
        (Segment("my key(1)/a"), "my%20key%281%29%2Fa"),
    ],
)
def test_the_text_is_what_a_person_would_write(node, text):
    assert as_text(node) == text


def test_the_text_of_a_request_is_an_address_without_what_is_not_ours():
    request_ = parse_address("Things(1)/Datastreams?$filter=name eq 'a%2Bb%26'&key=secret&$top=1&resultFormat=CSV")
    assert as_text(request_) == "Things(1)/Datastreams?$filter=name%20eq%20'a%2Bb%26'&$top=1&$resultFormat=csv"


def test_what_is_no_node_has_no_text():
    with pytest.raises(TypeError, match="int has no text"):
        as_text(5)
