"""Settings that speak: each value has a name, a meaning and a check."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


@dataclass(frozen=True)
class Known:
    """One setting of the environment, as the handbook lists it."""

    name: str
    default: str
    meaning: str


KNOWN: dict[str, Known] = {}


def env(name: str, default: str, meaning: str, read: Callable[[str], T]) -> T:
    """Read NAME, or the file that NAME_FILE points to; a wrong value stops the start with one sentence."""
    KNOWN[name] = Known(name, default, meaning)
    text = _raw(name, default)
    try:
        return read(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not usable: {error}. It means: {meaning}") from error


def _raw(name: str, default: str) -> str:
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def yes_no(text: str) -> bool:
    if text.lower() not in {"yes", "no"}:
        raise ValueError("say yes or no")
    return text.lower() == "yes"


def words(text: str) -> list[str]:
    """A list separated by commas or blanks."""
    return text.replace(",", " ").split()


def whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError("say a whole number")
    return int(text)
