"""Numbers as sources write them: decimal comma or point, thousands, empty cells."""

import math
import re
from collections.abc import Iterable
from typing import Any

COMMA, POINT = ",", "."
WITH_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})*,\d+|[+-]?\d+,\d+")
WITH_POINT = re.compile(r"[+-]?\d{1,3}(,\d{3})*\.\d+|[+-]?\d+\.\d+")


class NoNumber(ValueError):
    """The text is no number."""


def with_point(told: Any) -> float:
    """A number with a decimal point; raises NoNumber. Commas, digit groups by _, nan and infinity are none."""
    try:
        number = float(told)
    except (TypeError, ValueError):
        raise NoNumber from None
    if not math.isfinite(number) or (told.__class__ is str and "_" in told):
        raise NoNumber
    return number


def with_comma(told: Any) -> float:
    """A number as Germans write it: 1.234,5."""
    if isinstance(told, str):
        if told.count(COMMA) > 1:
            raise NoNumber
        told = told.replace(POINT, "").replace(COMMA, POINT) if COMMA in told else told
    return with_point(told)


READERS = {COMMA: with_comma, POINT: with_point}


def guess_decimal(examples: Iterable[Any]) -> str:
    """The decimal sign of these examples; a point when nothing says otherwise."""
    told = [one.strip() for one in examples if isinstance(one, str)]
    commas = sum(bool(WITH_COMMA.fullmatch(one)) for one in told)
    points = sum(bool(WITH_POINT.fullmatch(one)) for one in told)
    return COMMA if commas > points else POINT
