"""Boxes: where in a picture something has to be hidden. Pure geometry, no pixels.

A box is given in fractions of the upright picture (0..1 from the left and from the top), so that one box
fits every rendition and the original alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from stadtkern.media.words import BoxKind

LEAST_SIDE = 0.002
MOST_BOXES = 200


@dataclass(frozen=True, slots=True)
class Box:
    """One thing to hide. `score` is the detector's belief (0..1); a person's box has 1."""

    kind: str
    x: float
    y: float
    w: float
    h: float
    score: float = 1.0

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def as_json(self) -> dict[str, Any]:
        return {key: round(value, 4) if isinstance(value, float) else str(value) for key, value in asdict(self).items()}


def box_from_json(row: dict[str, Any]) -> Box:
    """Read one box as stored or sent; ValueError names what is wrong with it."""
    try:
        x, y, w, h = (float(row[side]) for side in ("x", "y", "w", "h"))
        score = float(row.get("score", 1.0))
        kind = BoxKind(row.get("kind", BoxKind.OTHER))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a box: {row!r}") from error
    if not all(math.isfinite(number) for number in (x, y, w, h, score)):
        raise ValueError("a box needs finite numbers")
    box = Box(kind.value, x, y, w, h, score=min(max(score, 0.0), 1.0))
    clamped = clamp(box)
    if clamped is None:
        raise ValueError("a box must lie inside the picture")
    return clamped


def clamp(box: Box) -> Box | None:
    """The part of the box inside the picture, or None when (almost) nothing of it is."""
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.right, 1.0), min(box.bottom, 1.0)
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        return None
    return replace(box, x=left, y=top, w=right - left, h=bottom - top)


def grow(box: Box, *, by: float) -> Box:
    """The same box, each side `1 + by` times as long, about its centre; may stick out of the picture."""
    more_w, more_h = box.w * by, box.h * by
    return replace(box, x=box.x - more_w / 2, y=box.y - more_h / 2, w=box.w + more_w, h=box.h + more_h)


def overlap(one: Box, other: Box) -> float:
    """Shared area as a fraction of the smaller box: 1 when one lies in the other."""
    wide = min(one.right, other.right) - max(one.x, other.x)
    high = min(one.bottom, other.bottom) - max(one.y, other.y)
    if wide <= 0 or high <= 0:
        return 0.0
    return min(wide * high / min(one.w * one.h, other.w * other.h), 1.0)


def union(one: Box, other: Box) -> Box:
    """The smallest box around both; the kind and score of the surer one."""
    surer = max(one, other, key=lambda box: box.score)
    left, top = min(one.x, other.x), min(one.y, other.y)
    right, bottom = max(one.right, other.right), max(one.bottom, other.bottom)
    return Box(surer.kind, left, top, right - left, bottom - top, surer.score)


def merge(boxes: Iterable[Box], *, from_overlap: float = 0.6) -> list[Box]:
    """Join boxes of one kind that mostly cover each other; nothing once covered is uncovered by it."""
    left = [inside for box in boxes if (inside := clamp(box))]
    merged: list[Box] = []
    while left:
        box = left.pop()
        twin = next((b for b in left if b.kind == box.kind and overlap(b, box) >= from_overlap), None)
        if twin is None:
            merged.append(box)
        else:
            left[left.index(twin)] = union(twin, box)
    return sorted(merged, key=lambda box: (box.y, box.x, box.kind))
