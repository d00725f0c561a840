"""Entities as flat rows, for tables: own properties, then those of related entities under Datastream/name."""

from collections.abc import Sequence
from typing import Any

import orjson

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.planning.columns import ID, Row, Shown
from stadtkern.hub.api.sta.planning.plan import Child, Plan
from stadtkern.hub.api.sta.rendering import Renderer


def check_flat(plan: Plan, name: str) -> None:
    """Raises BadQuery for an expansion that brings several entities."""
    for child in plan.children:
        if child.way.many:
            raise BadQuery(f"$resultFormat={name} is flat; '{child.way.name}' are many and cannot be expanded there.")
        check_flat(child.plan, name)


def names(plan: Plan, prefix: str = "", without: frozenset[str] = frozenset()) -> list[str]:
    """The headings. `without`: properties that stand elsewhere."""
    columns = plan.listing.columns
    own = [f"{prefix}id"] if columns.with_id else []
    own += [prefix + "/".join((shown.name, *shown.path)) for shown in kept(plan, without)]
    return own + [name for child in plan.children for name in names(child.plan, f"{prefix}{child.way.name}/", without)]


def cells(
    plan: Plan, rows: Sequence[Row], renderer: Renderer, without: frozenset[str] = frozenset()
) -> list[list[Any]]:
    """The values under the headings, one list for each row."""
    columns = plan.listing.columns
    wanted = kept(plan, without)
    made = []
    for row in rows:
        renderer.told.note(row)
        values = [row[ID]] if columns.with_id else []
        values += [shown.build(*row[shown.start : shown.start + shown.width]) for shown in wanted]
        made.append(values)
    for child in plan.children:
        _add(child, rows, made, renderer, without)
    return made


def bare(value: Any) -> str:
    """A JSON value where it stands alone: a text as it is, all else as JSON."""
    text = orjson.dumps(value)
    return str(orjson.loads(text)) if text.startswith(b'"') else text.decode()


def kept(plan: Plan, without: frozenset[str]) -> list[Shown]:
    return [shown for shown in plan.listing.columns.shown if shown.name not in without]


def _add(child: Child, rows: Sequence[Row], made: list[list[Any]], renderer: Renderer, without: frozenset[str]) -> None:
    found = renderer.ones(child, rows)
    empty = [None] * len(names(child.plan, without=without))
    below = dict(zip((row[ID] for row in found), cells(child.plan, found, renderer, without), strict=True))
    for row, values in zip(rows, made, strict=True):
        values.extend(below.get(row[child.column], empty))
