"""The table of rights: every action of every module, every role, how far it reaches."""

from dataclasses import dataclass
from typing import Any

from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope


@dataclass(frozen=True)
class Row:
    action: Action
    cells: list[tuple[Role, Scope]]


@dataclass(frozen=True)
class Group:
    """The actions of one module: what stands before the dot of their keys."""

    key: str
    rows: list[Row]


def roles() -> list[Role]:
    """The columns; MEMBER allows nothing by definition and needs none."""
    return [role for role in Role if role != Role.MEMBER]


def table() -> list[Group]:
    groups: dict[str, list[Row]] = {}
    for action in actions:
        row = Row(action, [(role, Scope(action.row.get(role, Scope.NONE))) for role in roles()])
        groups.setdefault(action.key.partition(".")[0], []).append(row)
    return [Group(key, rows) for key, rows in sorted(groups.items())]


def allowed(role: Role) -> list[tuple[Any, Scope]]:
    """What one role may do, for the form that gives it."""
    return [(action.label, action.row[role]) for action in actions if action.row.get(role, Scope.NONE) != Scope.NONE]
