"""Pieces of SQL that carry their parameters: text is ours, values are never text.

`sql("{} = {}", column, value(5, "int8"))` joins pieces in the order of the text; `%s` in a text stands for the next
parameter, as psycopg binds them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_NAMED = re.compile(r"%\((\w+)\)s")
_MARK = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement and the values of its placeholders, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Sql("")
TRUE, FALSE, NULL = Sql("true"), Sql("false"), Sql("null")


def sql(template: str, *parts: Sql) -> Sql:
    """The template with each `{}` replaced by a piece; braces of SQL itself are doubled."""
    return Sql(template.format(*(part.text for part in parts)), tuple(p for part in parts for p in part.params))


def value(given: Any, kind: str) -> Sql:
    """A parameter with the name of its PostgreSQL type: the server never guesses."""
    return Sql(f"%s::{kind}", (given,))


def joined(parts: Iterable[Sql], by: str) -> Sql:
    """The pieces that are not empty, with `by` between them."""
    held = [part for part in parts if part]
    return Sql(by.join(part.text for part in held), tuple(p for part in held for p in part.params))


def all_of(conditions: Iterable[Sql]) -> Sql:
    """`and` of conditions, each in parentheses; "true" when there is none."""
    return joined([sql("({})", one) for one in conditions if one and one != TRUE], " and ") or TRUE


def any_of(conditions: Iterable[Sql]) -> Sql:
    return joined([sql("({})", one) for one in conditions if one], " or ") or FALSE


def named(text: str, values: Mapping[str, Any]) -> Sql:
    """A text with %(name)s placeholders, as the conditions of a reader are."""
    names = _NAMED.findall(text)
    return Sql(_NAMED.sub("%s", text), tuple(values[name] for name in names))


def filled(template: str, marks: Mapping[str, Sql]) -> Sql:
    """A template of the entity table with its marks ({t} the alias, {k} the parent's key ...) replaced by pieces."""
    params: list[Any] = []

    def piece(found: re.Match[str]) -> str:
        part = marks[found[1]]
        params.extend(part.params)
        return part.text

    return Sql(_MARK.sub(piece, template), tuple(params))
