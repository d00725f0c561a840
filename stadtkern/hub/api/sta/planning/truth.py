"""Conditions: and, or, not, and what they mean where related entities are many.

A comparison holds or does not: null counts as not (OData 4.0 part 2, clause 5.1.1.1), so `not` is the complement.
A condition on related entities means that there is one for which it holds. Conditions joined by `and` that speak of
the same relation speak of the same related entity, as in SQL: `Datastreams/name eq 'x' and Datastreams/id gt 5` asks
for one datastream with both. Neither `or` nor `not` ties them together.
"""

from collections.abc import Iterator

from stadtkern.hub.api.sta.entities import Kind, set_named
from stadtkern.hub.api.sta.nodes import Binary, Call, Literal, Node, Path, Unary, paths_of
from stadtkern.hub.api.sta.planning.comparing import COMPARISONS, compared, contained
from stadtkern.hub.api.sta.planning.expressions import evaluate
from stadtkern.hub.api.sta.planning.places import placed
from stadtkern.hub.api.sta.planning.scope import Bound, Prefix, Scope
from stadtkern.hub.api.sta.planning.sql import FALSE, Sql, all_of, any_of, joined, sql
from stadtkern.hub.api.sta.planning.values import as_kind, loose


def condition(node: Node, scope: Scope) -> Sql:
    """The condition of a filter, over the rows of the scope. Raises SyntaxProblem."""
    match node:
        case Binary("and"):
            return _conjunction(list(_parts(node, "and")), scope)
        case Binary("or"):
            return any_of([condition(part, scope) for part in _parts(node, "or")])
        case Unary("not"):
            return sql("(({}) is not true)", condition(node.operand, scope))
        case _:
            return _conjunction([node], scope)


def _parts(node: Node, word: str) -> Iterator[Node]:
    if isinstance(node, Binary) and node.operator == word:
        yield from _parts(node.left, word)
        yield from _parts(node.right, word)
    else:
        yield node


def _conjunction(parts: list[Node], scope: Scope) -> Sql:
    """Parts that speak of the same relation share one EXISTS; alone, `or` and `not` make their own."""
    plain: list[Sql] = []
    groups: list[tuple[set[Prefix], list[Node]]] = []
    for part in parts:
        if many := set(_relations(part, scope)):
            _gather(groups, many, part)
        else:
            plain.append(_single(part, scope))
    return all_of([*plain, *(_related(prefixes, members, scope) for prefixes, members in groups)])


def _gather(groups: list[tuple[set[Prefix], list[Node]]], many: set[Prefix], part: Node) -> None:
    """Put a part to the groups it shares a relation with; these become one."""
    members = [part]
    for group in [group for group in groups if group[0] & many]:
        groups.remove(group)
        many |= group[0]
        members = group[1] + members
    groups.append((many, members))


def _related(prefixes: set[Prefix], members: list[Node], scope: Scope) -> Sql:
    alone = members[0] if len(members) == 1 else None
    if isinstance(alone, Binary) and alone.operator == "or":
        return condition(alone, scope)
    if isinstance(alone, Unary) and alone.operator == "not":
        return condition(alone, scope)
    return _exists(prefixes, members, scope)


def _exists(prefixes: set[Prefix], members: list[Node], scope: Scope) -> Sql:
    """One row of each relation for which all members hold."""
    bound: dict[Prefix, Bound] = {}
    inner = scope.inside(bound)
    sources, links = [], []
    for prefix in sorted(prefixes):
        source, link = _bind(prefix, inner)
        sources.append(source)
        links.append(link)
    held = _conjunction(members, inner)
    source = joined([joined(sources, " cross join "), *inner.joins], "\n")
    return sql("exists (select 1 from {} where {})", source, all_of([*links, held]))


def _bind(prefix: Prefix, inner: Scope) -> tuple[Sql, Sql]:
    """FROM and WHERE of the rows of a to-many relation; its parent is reached by to-one joins."""
    parent = inner.source_of(Path((*prefix[:-1], "id")))
    entities, alias = parent
    way = entities.navigations[prefix[-1]]
    target = set_named(way.target)
    assert target is not None  # noqa: S101 (the entity table is closed in itself)
    fresh, world = inner.world.alias("m"), inner.world
    inner.bound[prefix] = (target, fresh)
    link = world.related(way, fresh, Sql(f"{alias}.id"))
    return world.rows(target, fresh), all_of([link, world.visible(target, fresh)])


def _relations(node: Node, scope: Scope) -> Iterator[Prefix]:
    """The first to-many relation of each path in the node that is not bound yet."""
    for path in paths_of(node):
        if (found := _first_many(path, scope)) is not None:
            yield found


def _first_many(path: Path, scope: Scope) -> Prefix | None:
    bound = scope.knows(())
    assert bound is not None  # noqa: S101 (every scope begins with its own rows)
    entities = bound[0]
    for length in range(1, len(path.steps) + 1):
        way = entities.navigations.get(path.steps[length - 1])
        if way is None:
            return None
        if way.many and scope.knows(path.steps[:length]) is None:
            return path.steps[:length]
        target = set_named(way.target)
        assert target is not None  # noqa: S101 (the entity table is closed in itself)
        entities = target
    return None


def _single(node: Node, scope: Scope) -> Sql:
    match node:
        case Binary("and" | "or") | Unary("not"):
            return condition(node, scope)
        case Binary("in"):
            return contained(evaluate(node.left, scope), node.right, scope.where)
        case Binary("lt" | "le", Call("geo.distance"), Literal(int() | float() as most)):
            near = placed(node.left, lambda argument: evaluate(argument, scope), scope, within=float(most))
            return compared(node.operator, near, evaluate(node.right, scope), scope.where)
        case Binary(operator) if operator in COMPARISONS:
            return compared(operator, evaluate(node.left, scope), evaluate(node.right, scope), scope.where)
    return _truth(node, scope)


def _truth(node: Node, scope: Scope) -> Sql:
    """A value that is true or false by itself."""
    if isinstance(node, Literal) and node.value is None:
        return FALSE
    found = evaluate(node, scope)
    if loose(found):
        found = as_kind(found, Kind.TRUTH)
    if found.kind != Kind.TRUTH:
        raise found.misfit("a condition", scope.where)
    return found.sql
