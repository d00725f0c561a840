"""Nothing that can be sent raises anything but the one error, or takes long."""

import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stadtkern.hub.api.sta.grammar import parse
from stadtkern.hub.api.sta.nodes import Request
from stadtkern.hub.api.sta.parser import parse_expression
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.api.sta.syntax import SyntaxProblem

MOST_SECONDS = 1.0  # of processor time
SIGNS = """( ) , ; = - : * / ' '' " & && % %2 %20 %27 %2B + (1) ? # . .. ~ \u00fc \U0001f333 \u0663 \x7f"""
WORDS = """$top $filter $expand= $select $apply= aggregate( interval= not and or eq in in( add mul a A/B b/c @iot.id
 1 -5 1.5e+3 2024-01-01 T00:00:00Z 2024-01-01T00:00:00+02:00 12:00 duration' P1D' geography' POINT(1 1)' SRID=4326;
 st_within( now() any( d:d true null Things Things(1) $ref"""
PIECES = [" ", *SIGNS.split(), *WORDS.split()]
soup = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
queries = st.one_of(
    soup,
    st.tuples(
        st.sampled_from(["$filter", "$orderby", "$select", "$expand", "$apply", "$skiptoken"]), soup | st.text()
    ).map("=".join),
    st.text(max_size=300),
    st.binary(max_size=300),
)


def answer(path: str | bytes, query: str | bytes) -> Request | SyntaxProblem:
    """What comes of an address; anything but the one error fails the test, and so does taking long."""
    start = time.process_time()
    try:
        found: Request | SyntaxProblem = parse(path, query)
    except SyntaxProblem as problem:
        found = problem
    assert time.process_time() - start < MOST_SECONDS
    return found


@settings(max_examples=600, deadline=None)
@given(path=st.one_of(st.just("Things"), soup, st.text(max_size=100), st.binary(max_size=100)), query=queries)
def test_anything_is_read_or_refused(path, query):
    found = answer(path, query)
    if isinstance(found, SyntaxProblem):
        assert found.status == 400
        assert str(found).startswith(f"{found.where}, character {found.at + 1}: ")
    else:
        assert as_text(answer(*as_text(found).partition("?")[::2])) == as_text(found)


MONSTERS = {
    "parentheses": "(" * 8000,
    "closed": ")" * 8000,
    "nots": "not " * 2000,
    "minuses": "-" * 8000,
    "quotes": "'" * 7999,
    "even quotes": "'" * 8000,
    "open text": "'" + "x''" * 2600,
    "words": "a" * 8000,
    "steps": "a/" * 4000,
    "dots": "a." * 4000,
    "letters before no quote": ("a" * 79 + " ") * 100,
    "digits": "1" * 8000,
    "digits and a letter": "1" * 7999 + "x",
    "dashes": "1-" * 4000,
    "days": "2024-01-01" * 800,
    "periods": "2024-01-01T00:00:00Z/" * 380,
    "blank offsets": "2024-01-01T00:00:00 02:00" * 320,
    "exponents": "1e" * 4000,
    "colons": "12:" * 2600,
    "calls": "concat(" * 1140,
    "lists": "a in (" + "1," * 3990,
    "sums": "1" + " add 1" * 499,
    "ands": "a" + " and a" * 499,
    "mixed chain": "a" + " or a and a" * 249,
    "one shape of many points": f"geography'LINESTRING ({','.join(f'{n % 9} {n % 7}' for n in range(1990))})'",
    "a crossed area": f"geography'POLYGON (({','.join(f'{n % 2 * 9} {n % 10}' for n in range(1980))},0 0))'",
    "many areas": f"geography'MULTIPOLYGON ({','.join(f'(({n % 9} 0,1 9,9 {n % 5},{n % 9} 0))' for n in range(330))})'",
    "many holes": f"geography'POLYGON ((0 0,0 9,9 9,9 0,0 0),{','.join(['(1 1,1 2,2 2,1 1)'] * 430)})'",
    "collections": f"geography'{'GEOMETRYCOLLECTION(' * 390}POINT(1 1){')' * 390}'",
    "many shapes": " or ".join(["st_within(l,geography'POINT(1 1)')"] * 200),
    "control characters": "\x01" * 8000,
}


@pytest.mark.parametrize("name", MONSTERS)
@pytest.mark.parametrize("option", ["$filter", "$orderby", "$select", "$expand", "$apply", "$skiptoken", "$top"])
def test_a_monster_is_answered_at_once(name, option):
    assert isinstance(answer("Things", f"{option}={MONSTERS[name]}"), Request | SyntaxProblem)


@pytest.mark.parametrize(
    "query",
    [
        "&" * 24_000,
        "$top=1&" * 3000,
        "x=1&" * 6000,
        "+" * 24_000,
        "$filter=" + "a+" * 3990,
        "$filter=" + "1e+" * 2600,
        "$filter=" + "12:00+" * 1300,
        "$filter=" + "%27+" * 5990,
        "%20" * 8000,
        "$expand=" + "A($expand=" * 790,
        "$expand=" + "A," * 3990,
        "$expand=" + "A/B/C/D/E," * 790,
        "$expand=" + ",".join(f"A{n}/B/C" for n in range(20)),
    ],
    ids=lambda query: query[:24],
)
def test_a_monstrous_query_is_answered_at_once(query):
    assert isinstance(answer("Things", query), Request | SyntaxProblem)


@pytest.mark.parametrize("path", ["/" * 24_000, "(" * 8000, "a/" * 4000, "%2F" * 2600, "A(1)/" * 1600, "$" * 8000])
def test_a_monstrous_path_is_refused_at_once(path):
    assert isinstance(answer(path, ""), Request | SyntaxProblem)


def test_the_deepest_text_needs_a_quarter_of_the_stack():
    deepest = "1 eq 1 add 1 mul (" * 4 + "(" * 10 + "length(" * 26 + "a" + ")" * 40
    done: list[str] = []
    before = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(before // 4)
        thread = threading.Thread(target=lambda: done.append(as_text(parse_expression(deepest))))
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(before)
    assert done == [as_text(parse_expression(deepest))]
