"""Settings that speak: each value has a name, a meaning and a check."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
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
    try:
        return read(given(name, default))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not usable: {error}. It means: {meaning}") from error


def given(name: str, default: str = "") -> str:
    """What the operator has said, as text; a NAME_FILE that cannot be read is a ValueError."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{name}_FILE names {path}: {error.strerror}") from error


def yes_no(text: str) -> bool:
    if text.lower() not in {"yes", "no"}:
        raise ValueError("say yes or no")
    return text.lower() == "yes"


def words(text: str) -> list[str]:
    """A list separated by commas or blanks."""
    return text.replace(",", " ").split()


def networks(text: str) -> list[IPv4Network | IPv6Network]:
    """Addresses of machines or of networks (CIDR), separated by commas or blanks."""
    return [ip_network(network, strict=False) for network in words(text)]


def whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError("say a whole number")
    return int(text)
