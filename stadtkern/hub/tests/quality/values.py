"""Dull builders: values every five minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.tests.cast import NOON

FIVE = timedelta(minutes=5)


def at(minutes: float, number: float | None = 0.0, *, datastream_id: int = 1, **more: Any) -> Sample:
    """A value so many minutes after noon."""
    return Sample(datastream_id=datastream_id, phenomenon_start=moment(minutes), number=number, **more)


def moment(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def series(numbers: Sequence[float | None], *, datastream_id: int = 1) -> list[Sample]:
    return [at(5 * place, number, datastream_id=datastream_id) for place, number in enumerate(numbers)]
