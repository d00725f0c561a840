"""What an answer is made of on its way out: a head, then bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    content_type: str = "application/json"
    status: int = 200


Piece = Head | bytes
