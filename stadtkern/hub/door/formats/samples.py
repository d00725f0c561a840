"""Rows become samples. Most rows are a moment and a number; these take the short way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stadtkern.hub.domain.recording import LARGEST_EXACT, UnfitResult, sample_of
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store.ids import month_of
from stadtkern.hub.domain.store.port import BeyondTime, Sample
from stadtkern.hub.domain.store.slots import ORDINARY, UNIQUE
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.door.formats import rows as names
from stadtkern.hub.door.formats.json_body import is_too_deep
from stadtkern.hub.door.formats.rows import RESULT, TIME, UNKNOWN, Content, Draft, Group
from stadtkern.hub.door.formats.times import BadTime, instant, instant_or_interval, interval
from stadtkern.hub.words import ObservationType, SameMoment

FIRST, AHEAD = datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=3_000)  # well inside of what the store keeps
EXACT = float(LARGEST_EXACT)
NUMBERS = (float, int)
ISO = datetime.fromisoformat


class BadValue(ValueError):
    """A value that cannot be written; the text says why."""


def draft_of(content: Content, streams: Mapping[int | str, Stream], features: Collection[int]) -> Draft:
    """`streams`: those that may be written, by number or source key; `features`: those that may be named."""
    drafting = Drafting(features, datetime.now(UTC), Draft(rejected=list(content.broken)))
    for group in content.groups:
        stream = streams.get(group.series)
        if stream is None:
            drafting.draft.reject_all(group, UNKNOWN)
        elif _is_plain(stream) and set(group.columns) == {TIME, RESULT}:
            drafting.take_pairs(group, stream)
        else:
            drafting.take_rows(group, stream)
    return drafting.draft


def _is_plain(stream: Stream) -> bool:
    return stream.observation_type == ObservationType.MEASUREMENT and not stream.is_multi


@dataclass(slots=True)
class Drafting:
    """Makes samples of one body. `now`: the moment of a value that brings none."""

    features: Collection[int]
    now: datetime
    draft: Draft

    def take_pairs(self, group: Group, stream: Stream) -> None:
        """Moment and number: no call per value. Whatever is not just that goes the long way."""
        time, result, keep, read = (
            group.columns.index(TIME),
            group.columns.index(RESULT),
            self.draft.samples.append,
            ISO,
        )
        id, feature, last = stream.id, stream.default_feature_id, self.now + AHEAD
        slot = UNIQUE if stream.same_moment == SameMoment.KEEP else ORDINARY
        for number, row in enumerate(group.rows):
            try:
                moment, value = row[time], row[result]
                if moment.__class__ is str:
                    moment = read(moment)
                plain = (
                    value.__class__ in NUMBERS and -EXACT <= value <= EXACT and len(row) == 2 and FIRST < moment < last
                )
            except (TypeError, ValueError, LookupError):
                plain = False
            if plain:
                keep(Sample(datastream_id=id, phenomenon_start=moment, number=value, feature_id=feature, slot=slot))
            else:
                self._take_row(group, number, stream)

    def take_rows(self, group: Group, stream: Stream) -> None:
        for number in range(len(group.rows)):
            self._take_row(group, number, stream)

    def _take_row(self, group: Group, number: int, stream: Stream) -> None:
        row = group.rows[number]
        if not isinstance(row, list) or len(row) != len(group.columns):
            self.draft.reject(group, number, f"a row has {len(group.columns)} values")
            return
        try:
            given = dict(zip(group.columns, row, strict=True))
            self.draft.samples.append(_sample(given, stream, self.features, self.now))
        except (BadTime, BadValue, BeyondTime, UnfitResult) as error:
            self.draft.reject(group, number, str(error))


def _sample(given: dict[str, Any], stream: Stream, features: Collection[int], now: datetime) -> Sample:
    start, end = instant_or_interval(given[TIME]) if given.get(TIME) is not None else (now, None)
    months.check([month_of(start)])
    more: dict[str, Any] = {}
    if given.get(names.RESULT_TIME) is not None:
        more["result_time"] = instant(given[names.RESULT_TIME])
    if given.get(names.VALID_TIME) is not None:
        more["valid_start"], more["valid_end"] = interval(given[names.VALID_TIME])
    if given.get(names.FEATURE) is not None:
        more["feature_id"] = _feature(given[names.FEATURE], stream, features)
    if given.get(names.PARAMETERS) is not None:
        more["parameters"] = _object(given[names.PARAMETERS])
    more["quality"] = _bounded(given.get(names.QUALITY))
    return sample_of(stream, result=_bounded(given[RESULT]), start=start, end=end, **more)


def _feature(id: Any, stream: Stream, features: Collection[int]) -> int:
    if isinstance(id, int) and (id == stream.default_feature_id or id in features):
        return id
    raise BadValue(f"there is no feature of interest {str(id)[:20]} that this key may name")


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadValue("parameters is an object")
    _bounded(value)
    return value


def _bounded(value: Any) -> Any:
    if isinstance(value, list | dict) and is_too_deep(value):
        raise BadValue("lists and objects lie in each other too deep")
    return value
