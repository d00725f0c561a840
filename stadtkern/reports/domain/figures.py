"""Figures that cost seconds: worked out at night, kept in the database, read from memory."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction

from stadtkern.core import clock
from stadtkern.reports.domain import times
from stadtkern.reports.models import Figure

FRESH_SECONDS = 300.0
SOON_SECONDS = 5.0  # what is not there yet is looked for again soon
TIMES = "times"


class Kept(NamedTuple):
    """A figure and when it was worked out."""

    content: Any
    made_at: datetime


_memory: dict[str, tuple[float, Kept | None]] = {}
_lock = threading.Lock()


def keep(key: str, content: Any) -> None:
    """Replace the figure; other processes see it within FRESH_SECONDS."""
    Figure.objects.update_or_create(key=key, defaults={"content": content, "made_at": clock.now()})
    with _lock:
        _memory.pop(key, None)


def kept(key: str) -> Kept | None:
    """The figure as it was worked out last, None when it never was."""
    known = _memory.get(key)
    if known and known[0] > time.monotonic():
        return known[1]
    row = Figure.objects.filter(pk=key).first()
    found = Kept(row.content, row.made_at) if row else None
    with _lock:
        _memory[key] = (time.monotonic() + (FRESH_SECONDS if found else SOON_SECONDS), found)
    return found


def kept_or(key: str, make: Callable[[], Any]) -> Kept:
    """The kept figure; the very first reader works it out."""
    if (found := kept(key)) is not None:
        return found
    try:
        with transaction.atomic():
            keep(key, make())
    except DatabaseError:  # two first readers at once: the other one kept it
        with _lock:
            _memory.pop(key, None)
    return kept(key) or Kept(make(), clock.now())


def kept_times() -> dict[str, list[int]]:
    """The honest times of every category and owner."""
    return dict(kept_or(TIMES, times.spans).content)


def forget() -> None:
    with _lock:
        _memory.clear()
