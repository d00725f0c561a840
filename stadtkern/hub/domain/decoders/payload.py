"""What goes into a decoder, what comes out, and why nothing may come out."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of one message, the port it came by (LoRaWAN: 1 to 223), when the network received it."""

    data: bytes
    port: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Values of one moment. `time`: the name of the value that says when (seconds since 1970); "": now."""

    values: dict[str, Any] = field(default_factory=dict)
    time: str = ""


class Undecodable(ValueError):
    """The bytes are not what the decoder expects. The text is for the steward: which step, which byte.

    `at`: that byte, counted from 0; None when the fault lies at no single one.
    """

    def __init__(self, text: str, *, at: int | None = None) -> None:
        super().__init__(text)
        self.at = at
