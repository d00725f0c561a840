"""A registry is a named place where modules and plugins add their parts."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Part(Protocol):
    """Anything with a key of its own."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Part)


class Registry(Generic[T]):
    """Parts by key; a second part with the same key stops the start."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        self._parts: dict[str, T] = {}

    def add(self, part: T) -> T:
        if part.key in self._parts:
            raise RuntimeError(f"{self.purpose}: {part.key!r} is taken by {self._parts[part.key]!r}")
        self._parts[part.key] = part
        return part

    def get(self, key: str) -> T | None:
        return self._parts.get(key)

    def __getitem__(self, key: str) -> T:
        if key not in self._parts:
            raise KeyError(f"{self.purpose}: no part {key!r}; known: {', '.join(sorted(self._parts))}")
        return self._parts[key]

    def __contains__(self, key: str) -> bool:
        return key in self._parts

    def __iter__(self) -> Iterator[T]:
        return iter([self._parts[key] for key in sorted(self._parts)])

    def __len__(self) -> int:
        return len(self._parts)
