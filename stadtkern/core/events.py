"""Events: what happened, told to every follower exactly when the change exists.

`emit` defers one job per follower inside the open transaction (the outbox):
no change, no job; a job outlives every process. Followers must be idempotent.
"""

import typing
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from types import NoneType, UnionType
from typing import Any, TypeVar, dataclass_transform

from django.db import transaction

from stadtkern.core.jobs import job

PLAIN = {int, str, bool, float, NoneType}

_types: dict[str, type] = {}
_followers: dict[str, dict[str, Callable[[Any], None]]] = {}

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[[Any], None])


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str) -> Callable[[C], C]:
    """Declare an event: a frozen, keyword-only telegram of plain values, named `module.past_tense`."""

    def declare(cls: C) -> C:
        if name in _types:
            raise RuntimeError(f"event {name!r} is declared twice: {_types[name]} and {cls}")
        made: Any = dataclass(frozen=True, kw_only=True, slots=True)(cls)
        for field, kind in typing.get_type_hints(made).items():
            if not _is_plain(kind):
                raise TypeError(f"event {name!r}: field {field!r} is not a plain value")
        made.event_name = name
        _types[name] = made
        return made  # type: ignore[no-any-return]

    return declare


def _is_plain(kind: Any) -> bool:
    if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union:
        return all(_is_plain(part) for part in typing.get_args(kind))
    return kind in PLAIN


def follow(kind: type) -> Callable[[F], F]:
    """Have the function called, in a job of its own, for every event of this kind."""

    def add(function: F) -> F:
        key = f"{function.__module__}.{function.__qualname__}"
        mine = _followers.setdefault(name_of(kind), {})
        if key in mine:
            raise RuntimeError(f"{key} follows {name_of(kind)} twice")
        mine[key] = function
        return function

    return add


def emit(happened: Any) -> None:
    """Tell every follower, in the transaction that is open now: one queued job each."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("emit() needs an open transaction: an event exists exactly when its change does")
    name = name_of(type(happened))
    if followers := _followers.get(name):
        data = asdict(happened)
        jobs: list[Any] = [{"name": name, "follower": key, "data": data} for key in sorted(followers)]
        deliver.batch_defer(*jobs)


@job("core.deliver", retry=8)
def deliver(name: str, follower: str, data: dict[str, Any]) -> None:
    """Hand one event to one follower."""
    known = {field.name for field in fields(_types[name])}
    happened = _types[name](**{key: value for key, value in data.items() if key in known})
    _followers[name][follower](happened)


def name_of(kind: type) -> str:
    return str(kind.event_name)  # type: ignore[attr-defined]


def known_events() -> dict[str, type]:
    return dict(_types)
