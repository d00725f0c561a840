"""What was read a moment ago."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K")
FRESH_SECONDS = 5.0
MOST_KEPT = 200_000


@dataclass(slots=True)
class Lately(Generic[K]):
    """Numbers by key, all of them forgotten together after a few seconds. For one thread."""

    since: float = 0.0
    kept: dict[K, int] = field(default_factory=dict)

    def held(self, keys: Collection[K]) -> tuple[dict[K, int], set[K]]:
        """Those that are kept and fresh, and those that have to be read."""
        if time.monotonic() - self.since > FRESH_SECONDS or len(self.kept) > MOST_KEPT:
            self.kept, self.since = {}, time.monotonic()
        found = {key: self.kept[key] for key in keys if key in self.kept}
        return found, {key for key in keys if key not in found}

    def keep(self, fresh: Mapping[K, int]) -> None:
        self.kept.update(fresh)

    def forget(self) -> None:
        self.kept = {}
