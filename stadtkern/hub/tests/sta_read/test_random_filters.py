"""Filters made by chance choose the same entities as the oracle does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.api.sta.nodes import Binary, Call, Interval, List, Literal, Node, Path, Unary
from stadtkern.hub.api.sta.parser import parse_expression
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.model import model
from stadtkern.hub.tests.sta_read.oracle import holds
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db
NUMBERS, TEXTS, TIMES, JSON = "numbers", "texts", "times", "json"
PATHS = {
    "Things": {
        NUMBERS: ["id", "Datastreams/id", "Locations/id"],
        TEXTS: ["name", "Datastreams/name", "Datastreams/ObservedProperty/name", "Locations/name"],
        JSON: ["properties/owner", "properties/height", "properties/tags/0", "Datastreams/unitOfMeasurement/symbol"],
        TIMES: ["Datastreams/Observations/phenomenonTime"],
    },
    "Datastreams": {
        NUMBERS: ["id", "Thing/id"],
        TEXTS: ["name", "Thing/name", "Thing/Locations/name", "ObservedProperty/name"],
        JSON: ["Thing/properties/height", "Observations/result", "Observations/parameters/depth"],
        TIMES: ["Observations/phenomenonTime", "Observations/resultTime"],
    },
    "Observations": {
        NUMBERS: ["id", "Datastream/id", "Datastream/Thing/id"],
        TEXTS: ["Datastream/name", "Datastream/Thing/Locations/name"],
        JSON: ["result", "parameters/depth", "Datastream/Thing/properties/height", "result/level/1"],
        TIMES: ["phenomenonTime", "resultTime"],
    },
    "Locations": {
        NUMBERS: ["id", "Things/id"],
        TEXTS: ["name", "Things/Datastreams/name"],
        JSON: ["location/type"],
        TIMES: [],
    },
}
numbers = st.sampled_from([0, 1, 2, 3, 5, 7, 10.5, 12.5, -1, 2.5, 1.25, 0.0001, 1e300, -1e-300, 3000000000])
texts = st.sampled_from(
    ["", "bench", "pond", "bench air", "frozen", "a", "Park", "Wasser's Amt", "tall", "Ü", "%_\\", "air"]
)
moments = st.sampled_from(
    [NOON + timedelta(minutes=30 * n) for n in range(-2, 14)] + [datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)]
)
lengths = st.sampled_from([timedelta(hours=1), timedelta(days=-1), timedelta(seconds=1.5)])


def path(names: list[str]) -> st.SearchStrategy[Node]:
    return st.sampled_from([Path(tuple(name.split("/"))) for name in names])


def literal(values: st.SearchStrategy[object]) -> st.SearchStrategy[Node]:
    return values.map(Literal)  # type: ignore[arg-type]


def number(kinds: dict[str, list[str]]) -> st.SearchStrategy[Node]:
    base = st.one_of(path(kinds[NUMBERS]), path(kinds[JSON]), literal(numbers))
    return st.recursive(
        base,
        lambda inner: st.one_of(
            st.builds(Binary, st.sampled_from(["add", "sub", "mul", "div", "mod"]), inner, inner),
            st.builds(lambda one: Unary("-", one), st.one_of(path(kinds[NUMBERS]), path(kinds[JSON]))),
            st.builds(lambda name, one: Call(name, (one,)), st.sampled_from(["round", "floor", "ceiling"]), inner),
            st.builds(lambda one: Call("length", (one,)), path(kinds[TEXTS])),
            st.builds(lambda one, two: Call("indexof", (one, Literal(two))), path(kinds[TEXTS]), texts),
        ),
        max_leaves=4,
    )


def text(kinds: dict[str, list[str]]) -> st.SearchStrategy[Node]:
    base = st.one_of(path(kinds[TEXTS]), path(kinds[JSON]), literal(texts))
    places = st.integers(-2, 8).map(Literal)
    return st.recursive(
        base,
        lambda inner: st.one_of(
            st.builds(lambda name, one: Call(name, (one,)), st.sampled_from(["tolower", "toupper", "trim"]), inner),
            st.builds(lambda one, two: Call("concat", (one, two)), inner, inner),
            st.builds(lambda one, a: Call("substring", (one, a)), inner, places),
            st.builds(lambda one, a, b: Call("substring", (one, a, b)), inner, places, places),
        ),
        max_leaves=3,
    )


def when(kinds: dict[str, list[str]]) -> st.SearchStrategy[Node]:
    bases: list[st.SearchStrategy[Node]] = [literal(moments)]
    if kinds[TIMES]:
        bases += [path(kinds[TIMES]), st.builds(Interval, st.just(NOON), moments.filter(lambda at: at >= NOON))]
    base = st.one_of(*bases)
    return st.one_of(base, st.builds(Binary, st.sampled_from(["add", "sub"]), base, literal(lengths)))


def condition(kinds: dict[str, list[str]]) -> st.SearchStrategy[Node]:
    compare = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
    parts = ["year", "month", "day", "hour", "minute", "second", "fractionalseconds", "totaloffsetminutes"]
    any_path = path([name for names in kinds.values() for name in names])
    simple = [
        st.builds(Binary, compare, number(kinds), number(kinds)),
        st.builds(Binary, compare, text(kinds), text(kinds)),
        st.builds(
            lambda name, a, b: Call(name, (a, b)),
            st.sampled_from(["substringof", "contains", "startswith", "endswith"]),
            text(kinds),
            text(kinds),
        ),
        st.builds(
            lambda a, items: Binary("in", a, List(tuple(map(Literal, items)))),
            path(kinds[NUMBERS] + kinds[JSON]),
            st.lists(numbers, min_size=1, max_size=4),
        ),
        st.builds(
            lambda a, items: Binary("in", a, List(tuple(map(Literal, items)))),
            path(kinds[TEXTS] + kinds[JSON]),
            st.lists(st.one_of(texts, st.none()), min_size=1, max_size=4),
        ),
        st.builds(lambda word, a: Binary(word, a, Literal(None)), st.sampled_from(["eq", "ne", "gt"]), any_path),
        st.builds(Binary, compare, path(kinds[JSON]), path(kinds[JSON])),
    ]
    if kinds[TIMES]:
        simple += [
            st.builds(Binary, compare, when(kinds), when(kinds)),
            st.builds(
                lambda word, name, a, n: Binary(word, Call(name, (a,)), Literal(n)),
                compare,
                st.sampled_from(parts),
                when(kinds),
                st.sampled_from([0, 4, 5, 12, 13, 30, 2026]),
            ),
            st.builds(
                lambda word, a, d: Binary(word, Call("date", (a,)), Literal(d)),
                compare,
                when(kinds),
                st.sampled_from([date(2026, 5, 4), date(2026, 6, 13)]),
            ),
            st.builds(Binary, compare, path(kinds[TIMES]), literal(st.just(date(2026, 5, 5)))),
        ]
    return st.recursive(
        st.one_of(*simple),
        lambda inner: st.one_of(
            st.builds(Binary, st.sampled_from(["and", "or"]), inner, inner),
            st.builds(lambda one: Unary("not", one), inner),
        ),
        max_leaves=4,
    )


def wanted(name: str, node: Node) -> list[int]:
    return sorted(one["id"] for one in model()[name] if holds(node, one))


def check(sta: Sta, name: str, written: str) -> None:
    node = parse_expression(written)
    response = sta.raw(name, filter=written, select="id", top=1000)
    if response.status_code == 400 and b"cannot be compared" in response.body:
        return
    if response.status_code == 400 and (b"expected a" in response.body or b"does not go with" in response.body):
        return
    assert response.status_code == 200, (written, response.body)
    assert sorted(sta.ids(name, filter=written, select="id", top=1000)) == wanted(name, node), written


MANY = settings(max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", list(PATHS))
def test_the_same_entities_as_the_oracle(town: Town, sta: Sta, name: str) -> None:
    @MANY
    @given(condition(PATHS[name]).map(as_text))
    def same(written: str) -> None:
        check(sta, name, written)

    same()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Things", "Datastreams/name eq 'bench air' and Datastreams/ObservedProperty/name eq 'water'"),
        ("Things", "Datastreams/name eq 'bench air' and Datastreams/ObservedProperty/name eq 'air'"),
        ("Things", "not (Datastreams/name eq 'bench air')"),
        ("Things", "Datastreams/name eq 'bench air' and not (Datastreams/ObservedProperty/name eq 'water')"),
        ("Things", "Datastreams/name eq 'nothing' or name eq 'tree'"),
        ("Things", "Datastreams/name eq Locations/name or Datastreams/id gt Locations/id"),
        ("Things", "properties/owner eq null"),
        ("Things", "properties/since lt 2020-02-03T04:05:07Z"),
        ("Things", "properties/since ge 2020-02-04"),
        ("Things", "properties/wired"),
        ("Things", "properties/wired eq true and properties/height gt 2"),
        ("Things", "properties/height gt 'sm'"),
        ("Observations", "result/level/0 eq 1"),
        ("Observations", "result eq 'frozen' or result gt 15"),
        ("Observations", "phenomenonTime eq 2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"),
        ("Observations", "phenomenonTime ge 2026-05-04T12:00:00Z/2026-05-04T13:00:00Z"),
        ("Observations", "(result eq 11.5) eq true"),
        ("Observations", "phenomenonTime add duration'PT1H' gt 2026-05-04T14:00:00Z"),
        ("Observations", "resultTime eq null and Datastream/Thing/Locations/name eq 'lake'"),
    ],
)
def test_cases_worth_a_line(town: Town, sta: Sta, name: str, written: str) -> None:
    node = parse_expression(written)
    assert sorted(sta.ids(name, filter=written)) == wanted(name, node)
