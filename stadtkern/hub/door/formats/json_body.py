"""JSON as it comes in: orjson refuses NaN and Infinity; shapes are checked where they are used."""

from typing import Any

import orjson

from stadtkern.core.problems import BadQuery

DEEPEST = 32


def parsed(body: bytes) -> Any:
    """Raises BadQuery that says where."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"The body is no JSON: {error}.") from None


def is_too_deep(value: Any) -> bool:
    """True when lists and objects lie in each other deeper than PostgreSQL and readers should bear."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for whole in level if isinstance(whole, list | dict) for part in _parts(whole)]
        if not level:
            return False
    return True


def _parts(whole: "list[Any] | dict[str, Any]") -> Any:
    return whole.values() if isinstance(whole, dict) else whole


def entity_id(value: Any, at: str) -> int:
    """The number in {"@iot.id": 7}. Raises BadQuery."""
    number = value.get("@iot.id") if isinstance(value, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
        raise BadQuery(f'{at} is given as {{"@iot.id": number}}.')
    return number
