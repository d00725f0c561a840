"""What one caller wants written, and the key that makes a repetition harmless."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from stadtkern.hub.domain.store.port import Sample


@dataclass(frozen=True, slots=True)
class Token:
    """An Idempotency-Key: the same key and content again gets the remembered answer and writes nothing.

    `scope`: whose key it is; `fingerprint`: of the content; `more`: what the answer says besides the counts.
    """

    scope: str
    key: str
    fingerprint: str
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str]:
        return self.scope, self.key


@dataclass(eq=False, slots=True)
class Entry:
    """All of it is written, or nothing. `outcome`: Appended; with a token the answer (dict); or the exception.

    `told`, `lane` and `streams` (those it holds in its lane) belong to GroupCommit.
    """

    samples: Sequence[Sample]
    token: Token | None = None
    outcome: Any = None
    told: "asyncio.Future[Any] | None" = None
    lane: int = 0
    streams: Collection[int] = ()
