"""resultQuality: what the client said of a value as it is, or, when our rules were asked too, a list with both.

Ours follow DQ_ConformanceResult of ISO 19157: `{"nameOfMeasure": "range", "pass": false}`. "checked" stands alone when
every rule was passed; "late" and "corrected" tell of the value's way and judge nothing; "bad": such a value is left out
of means and rollups.
"""

from functools import lru_cache
from typing import Any

from orjson import Fragment, dumps

from stadtkern.hub.words import Flag

NEUTRAL = Flag.LATE | Flag.CORRECTED


def quality_of(given: str | None, flags: int | None) -> Any:
    """None when nobody said anything. `given`: the client's JSON as text."""
    found = _findings(flags or 0)
    if not found:
        return None if given is None else Fragment(given)
    text = (given or "[]").strip()
    if text.startswith("["):
        text = text[1:-1].strip()
    return Fragment(f"[{','.join(part for part in (text, found) if part)}]")


@lru_cache(maxsize=4096)
def _findings(flags: int) -> str:
    """JSON objects with commas between them."""
    held = Flag(flags)
    named = [flag for flag in Flag if flag in held and flag != Flag.CHECKED]
    objects: list[dict[str, Any]] = [_told(flag) for flag in named]
    if Flag.CHECKED in held and not held & ~(Flag.CHECKED | NEUTRAL):
        objects.insert(0, {"nameOfMeasure": "checked", "pass": True})
    return ",".join(dumps(one).decode() for one in objects)


def _told(flag: Flag) -> dict[str, Any]:
    name = str(flag.name).lower()
    return {"nameOfMeasure": name} if flag in NEUTRAL else {"nameOfMeasure": name, "pass": False}
