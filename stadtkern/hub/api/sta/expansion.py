"""$expand both ways: Datastreams/Observations and Datastreams($expand=Observations($top=1)), mixed and merged.

Source: OGC 18-088 clause 9.3.2.1, OData 4.0 part 2 clause 5.1.2.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace

from stadtkern.hub.api.sta.lexer import Cursor, Token
from stadtkern.hub.api.sta.nodes import Expansion, Options

MOST_DEPTH = 5
MOST_TERMS = 20


def expansions(cursor: Cursor, nested: Callable[[Cursor], Options]) -> tuple[Expansion, ...]:
    """The terms from the cursor on; equal names are one term. `nested` reads what stands in parentheses."""
    found = [_term(cursor, nested)]
    while cursor.skip(","):
        found.append(_term(cursor, nested))
        if len(found) > MOST_TERMS:
            raise cursor.problem(f"$expand has at most {MOST_TERMS} terms", found[-1].at)
    return _merged(found, cursor)


def checked(cursor: Cursor, terms: tuple[Expansion, ...]) -> tuple[Expansion, ...]:
    """Not deeper than five levels, not more than twenty terms in all levels together."""
    level, depth, count = list(terms), 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > MOST_DEPTH:
            raise cursor.problem(f"$expand goes at most {MOST_DEPTH} levels deep", level[0].at)
        if count > MOST_TERMS:
            raise cursor.problem(f"$expand has at most {MOST_TERMS} terms, all levels together", level[-1].at)
        level = [inner for term in level for inner in term.query.expand]
    return terms


def _term(cursor: Cursor, nested: Callable[[Cursor], Options]) -> Expansion:
    token = cursor.next
    if token.kind != "word":
        raise cursor.expected("the name of related entities")
    path = _steps(cursor, cursor.take())
    query = Options()
    if cursor.skip("("):
        with cursor.deeper():
            query = nested(cursor)
            cursor.expect(")", "';' or ')'")
    name, at = path[-1]
    term = Expansion(name, query, at)
    for name, at in reversed(path[:-1]):
        term = Expansion(name, Options(expand=(term,)), at)
    return term


def _steps(cursor: Cursor, token: Token) -> list[tuple[str, int]]:
    """The names of a path and where each begins."""
    if token.text.count("/") >= MOST_DEPTH:
        raise cursor.problem(f"$expand goes at most {MOST_DEPTH} levels deep", token.at)
    steps, at = [], token.at
    for name in token.text.split("/"):
        steps.append((name, at))
        at += len(name) + 1
    return steps


def _merged(terms: Iterable[Expansion], cursor: Cursor) -> tuple[Expansion, ...]:
    by_name: dict[str, Expansion] = {}
    for term in terms:
        first = by_name.get(term.name)
        by_name[term.name] = replace(first, query=_joined(first, term, cursor)) if first else term
    return tuple(by_name.values())


def _joined(first: Expansion, second: Expansion, cursor: Cursor) -> Options:
    """Both queries as one: what only one of them says holds; what both say differently is refused."""
    plain = Options()
    joined = {"expand": _merged((*first.query.expand, *second.query.expand), cursor)}
    for name in (field.name for field in fields(Options) if field.name != "expand"):
        here, there = getattr(first.query, name), getattr(second.query, name)
        if here != there and getattr(plain, name) not in (here, there):
            raise cursor.problem(f"{first.name} is expanded twice, with different options each time", second.at)
        joined[name] = there if here == getattr(plain, name) else here
    return Options(**joined)
