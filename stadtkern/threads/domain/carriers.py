"""The port of a channel that can carry several notifications in one message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from stadtkern.core.registry import Registry
from stadtkern.threads.models import Contact, Delivery

Given = Sequence[Delivery]


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """`carry(contact, deliveries)` hands them over in one message, and raises when it could not."""

    key: str
    carry: Callable[[Contact, Given], None]


class NotWanted(Exception):
    """Nobody is there to receive it (any more)."""


class GiveUp(Exception):
    """The other side will never take it."""


class NotNow(Exception):
    """The other side asks to come back after `wait`."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


carriers: Registry[Carrier] = Registry("carriers of notifications")
