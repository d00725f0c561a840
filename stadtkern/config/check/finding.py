"""A finding: what was looked at, how it is, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor; a warning or a fault always has a remedy."""

    level: Level
    what: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.level != Level.GOOD and not self.remedy:
            raise ValueError(f"a finding without a remedy: {self.what}")


Check = Callable[[], Iterator[Finding]]


def good(what: str) -> Finding:
    return Finding(Level.GOOD, what)


def warning(what: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, what, remedy)


def fault(what: str, remedy: str) -> Finding:
    return Finding(Level.FAULT, what, remedy)
