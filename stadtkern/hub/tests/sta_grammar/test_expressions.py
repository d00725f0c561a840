"""Operators, their precedence, functions and their arguments, and what the errors point at."""

import pytest

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.functions import FUNCTIONS
from stadtkern.hub.api.sta.nodes import Binary, Call, Literal, Path, Unary
from stadtkern.hub.api.sta.parser import LEVEL, parse_expression
from stadtkern.hub.api.sta.syntax import SyntaxProblem
from stadtkern.hub.tests.sta_grammar.bare import sketch

BINARY = sorted(set(LEVEL) - {"not", "in"})
ARGUMENTS = ("a", "'b'", "c", "d")

PRECEDENCE = [
    ("a or b and c", "[a or [b and c]]"),
    ("a and b or c", "[[a and b] or c]"),
    ("not a and b", "[[not a] and b]"),
    ("not a eq b", "[not [a eq b]]"),
    ("not not a", "[not [not a]]"),
    ("not (a and b) or c", "[[not [a and b]] or c]"),
    ("a and not b or not c", "[[a and [not b]] or [not c]]"),
    ("a eq b and c ne d", "[[a eq b] and [c ne d]]"),
    ("a gt b eq c lt d", "[[a gt b] eq [c lt d]]"),
    ("a eq b gt c", "[a eq [b gt c]]"),
    ("a lt b add c", "[a lt [b add c]]"),
    ("a add b mul c", "[a add [b mul c]]"),
    ("a mul b add c", "[[a mul b] add c]"),
    ("a sub b sub c", "[[a sub b] sub c]"),
    ("a sub (b sub c)", "[a sub [b sub c]]"),
    ("a div b mod c", "[[a div b] mod c]"),
    ("(a add b) mul c", "[[a add b] mul c]"),
    ("-a mul b", "[[- a] mul b]"),
    ("-(a mul b)", "[- [a mul b]]"),
    ("a sub -5", "[a sub -5]"),
    ("a sub - 5", "[a sub [- 5]]"),
    ("--5", "[- -5]"),
    ("not a in (1,2) and b", "[[not [a in (1 2)]] and b]"),
    ("a add 1 in (1, 2)", "[[a add 1] in (1 2)]"),
    ("a in ('x') eq true", "[[a in ('x')] eq True]"),
    ("a in (null, -1.5, 2024-01-01)", "[a in (None -1.5 datetime.date(2024, 1, 1))]"),
    ("a or b or c or d", "[[a or b] or [c or d]]"),
    ("a or (b or (c or d))", "[[a or b] or [c or d]]"),
    ("a and b and c", "[[a and b] and c]"),
    ("(a eq 1) eq (b eq 2)", "[[a eq 1] eq [b eq 2]]"),
    ("((a))", "a"),
    ("eq eq ne", "[eq eq ne]"),
    ("A EQ 1 AND Not b", "[[A eq 1] and [not b]]"),
    ("a\teq\n1", "[a eq 1]"),
    ("\u00fcber eq 'Stra\u00dfe'", "[\u00fcber eq 'Stra\u00dfe']"),
    ("Datastream/@iot.id eq 1", "[Datastream/@iot.id eq 1]"),
    ("properties/dcat:theme/0/my-key.x eq 1", "[properties/dcat:theme/0/my-key.x eq 1]"),
    ("year(phenomenonTime) mod 4 eq 0", "[[year(phenomenonTime) mod 4] eq 0]"),
    ("concat(concat(a, ', '), b) eq 'x, y'", "[concat(concat(a ', ') b) eq 'x, y']"),
    ("subStringOf('x', name)", "substringof('x' name)"),
    ("time (a) lt 12:00", "[time(a) lt datetime.time(12, 0)]"),
    (
        "geo.distance(location,geography'POINT (7.2 51.4)') lt 0.1",
        "[geo.distance(location POINT (7.2 51.4)) lt 0.1]",
    ),
]

WRONG = [
    ("", 1, "expected a value, found the end"),
    ("result gt )", 11, "expected a value after 'gt', found ')'"),
    ("result gt", 10, "expected a value after 'gt', found the end"),
    ("a eq 1 b", 8, "expected an operator such as 'eq' or 'and' after '1', found 'b'"),
    ("(a eq 1", 8, "expected an operator or ')' after '1', found the end"),
    ("a eq 1)", 7, "found ')'"),
    ("()", 2, "expected a value after '('"),
    ("a eq not b", 6, "'not' binds looser"),
    ("a and or b", 10, "expected an operator such as 'eq' or 'and' after 'or', found 'b'"),
    ("5-3", 2, "found '-3'"),
    ("a in ()", 7, "expected a plain value after '(', found ')'"),
    ("a in 5", 6, "expected a list such as (1, 2) after 'in', found '5'"),
    ("a in (b)", 7, "expected a plain value"),
    ("a in (1 2)", 9, "expected ',' or ')' after '1', found '2'"),
    ("a in (geography'POINT (1 1)')", 7, "no places"),
    ("a eq 1 and substringof('x')", 12, "substringof takes 2 arguments, not 1"),
    ("now(1)", 1, "now takes no arguments, not 1"),
    ("substring(a)", 1, "substring takes 2 or 3 arguments, not 1"),
    ("length(a b)", 10, "expected an operator, ',' or ')'"),
    ("length(a,)", 10, "expected a value after ','"),
    ("st_whithin(a, b)", 1, "there is no function 'st_whithin'; the nearest is 'st_within'"),
    ("qqqqqq(a)", 1, "there is no function 'qqqqqq'"),
    ("Datastreams/any(d:d/name eq 'x')", 1, "any() and all() are OData"),
    ("a eq 1 and Things/all(t:t/id gt 2)", 12, "any() and all() are OData"),
    ("a # b", 3, "the character '#' has no meaning here"),
    ("a eq 5x", 6, "this is no number"),
    ("a + b", 3, "'+'"),
    ("a eq 1;b", 7, "found ';'"),
    ("Datastreams/$count gt 1", 12, "'/'"),
    ("a eq 'x\0'", 1, "no database keeps"),
    ("a eq '\ud800'", 1, "no database keeps"),
]


@pytest.mark.parametrize(("text", "tree"), PRECEDENCE, ids=[text for text, _ in PRECEDENCE])
def test_each_operator_takes_its_own_operands(text, tree):
    assert sketch(parse_expression(text)) == tree


@pytest.mark.parametrize("word", BINARY)
def test_every_binary_operator_is_one_node(word):
    assert parse_expression(f"a {word} 5") == Binary(word, Path(("a",), 0), Literal(5, 3 + len(word)), 0)


@pytest.mark.parametrize("word", ["not", "-"])
def test_the_signs_in_front_are_one_node(word):
    assert parse_expression(f"{word} a") == Unary(word, Path(("a",), len(word) + 1), 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_takes_exactly_its_arguments(name):
    least, most = FUNCTIONS[name]
    for count in range(len(ARGUMENTS) + 1):
        text = f"{name}({', '.join(ARGUMENTS[:count])})"
        if least <= count <= most:
            node = parse_expression(text)
            assert isinstance(node, Call)
            assert (node.name, len(node.arguments)) == (name, count)
        else:
            with pytest.raises(SyntaxProblem, match=f"{name} takes"):
                parse_expression(text)


def test_the_functions_are_those_of_the_standard_and_the_relations_of_periods():
    standard = """substringof contains endswith startswith length indexof substring tolower toupper trim concat
        year month day hour minute second fractionalseconds date time totaloffsetminutes now mindatetime maxdatetime
        round floor ceiling geo.distance geo.length geo.intersects st_equals st_disjoint st_touches st_within
        st_overlaps st_crosses st_intersects st_contains st_relate"""
    periods = "before after meets during overlaps starts finishes"
    assert set(FUNCTIONS) == {*standard.split(), *periods.split()}


@pytest.mark.parametrize(("text", "character", "part"), WRONG, ids=[repr(text) for text, *_ in WRONG])
def test_an_error_says_what_was_expected_what_was_found_and_where(text, character, part):
    with pytest.raises(SyntaxProblem) as caught:
        parse_expression(text)
    assert str(caught.value).startswith(f"$filter, character {character}: ")
    assert part in caught.value.reason
    assert caught.value.at == character - 1


def test_an_error_is_a_bad_query_in_plain_english_and_shows_the_spot():
    with pytest.raises(BadQuery) as caught:
        parse_expression("name eq 'a long name of a thing' and result gt ) or result lt 5 or result gt 10")
    assert caught.value.status == 400
    assert str(caught.value) == (
        "$filter, character 48: expected a value after 'gt', found ')'."
        " Here: ... a thing' and result gt >>>) or result lt 5 or resu..."
    )
    assert caught.value.as_json()["errors"] == {"$filter": "expected a value after 'gt', found ')'"}


def test_nodes_know_where_they_began():
    node = parse_expression("  a eq 1 and length(name) gt -5")
    assert (node.at, node.left.at, node.right.at) == (2, 2, 13)
    assert (node.right.left.arguments[0].at, node.right.right.at) == (20, 29)


@pytest.mark.parametrize(
    "deep",
    [
        lambda n: "(" * n + "a" + ")" * n,
        lambda n: "not " * n + "a",
        lambda n: "- " * n + "a",
        lambda n: "length(" * n + "a" + ")" * n,
        lambda n: "a" + " add 1" * n,
        lambda n: "a" + " eq 1" * n,
    ],
    ids=["parentheses", "not", "minus", "calls", "sums", "comparisons"],
)
def test_forty_levels_are_read_and_the_next_is_refused(deep):
    parse_expression(deep(40))
    with pytest.raises(SyntaxProblem, match="nested deeper than 40 levels"):
        parse_expression(deep(41))


def test_a_long_chain_is_no_deep_tree():
    node = parse_expression(" or ".join(f"id eq {number}" for number in range(250)))
    depth = 0
    while isinstance(node, Binary):
        node, depth = node.left, depth + 1
    assert depth == 9


def test_a_chain_keeps_its_order():
    tree = sketch(parse_expression(" and ".join(f"p{number}" for number in range(33))))
    assert tree.replace("[", "").replace("]", "") == " and ".join(f"p{number}" for number in range(33))


def test_a_list_of_two_hundred_values_is_the_longest():
    node = parse_expression(f"id in ({','.join(map(str, range(200)))})")
    assert [item.value for item in node.right.items] == list(range(200))
    with pytest.raises(SyntaxProblem, match="at most 200 values"):
        parse_expression(f"id in ({','.join(map(str, range(201)))})")


def test_a_text_has_at_most_eight_thousand_characters_and_a_thousand_tokens():
    parse_expression("'" + "x" * 7_998 + "'")
    with pytest.raises(SyntaxProblem, match="longer than 8000 characters"):
        parse_expression("'" + "x" * 7_999 + "'")
    with pytest.raises(SyntaxProblem, match="more than 1000 words and signs"):
        parse_expression(" or ".join(["a"] * 501))
