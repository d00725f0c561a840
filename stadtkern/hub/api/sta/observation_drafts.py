"""Drafts of observations become samples and are recorded together.

A value for a moment that has one already corrects it: the answer names the observation that was there (ADR 0012).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from stadtkern.hub.api.sta.bodies import BadBody, Draft, Ref
from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.recording import UnfitResult, record, sample_of
from stadtkern.hub.domain.registering import register_feature
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store.changing import key_of
from stadtkern.hub.domain.store.ids import month_of
from stadtkern.hub.domain.store.port import BeyondTime, Sample
from stadtkern.hub.domain.streams import Stream, read_streams

if TYPE_CHECKING:
    from stadtkern.hub.api.sta.deep_insert import Insertion

Given = Mapping[str, Sequence[Any]]


def record_drafts(doing: "Insertion", drafts: Sequence[Draft], given: Given) -> list[int]:
    """Record all in the open transaction; ids in the order given. Raises BadBody, NotAllowed."""
    pairs = [(draft, _stream_of(doing, draft, given)) for draft in drafts]
    found = read_streams(here(), doing.writer.reader, {stream.pk for _draft, stream in pairs})
    samples = []
    for draft, stream in pairs:
        feature_id = _feature_of(doing, draft, given, stream)
        samples.append(sample_at(found[stream.pk], draft.values, feature_id, draft.at))
    return ids_of(samples, record(here(), samples).samples)


def ids_of(samples: Iterable[Sample], recorded: Iterable[Sample]) -> list[int]:
    """The id under which each sample is kept: of two for the same moment, that of the later one."""
    kept = {key_of(sample): sample.id for sample in recorded}
    return [kept[key_of(sample)] for sample in samples]


def sample_at(stream: Stream, values: Mapping[str, Any], feature_id: int | None, at: str) -> Sample:
    """The sample of a draft's values; errors name the place in the body. Raises BadBody."""
    start, end = values["phenomenon"] if "phenomenon" in values else (timezone.now(), None)
    valid_start, valid_end = values.get("valid", (None, None))
    try:
        months.check([month_of(start)])
        return sample_of(
            stream,
            result=values["result"],
            start=start,
            end=end,
            result_time=values.get("result_time"),
            feature_id=feature_id,
            valid_start=valid_start,
            valid_end=valid_end,
            quality=values.get("quality"),
            parameters=values.get("parameters"),
        )
    except UnfitResult as error:
        raise BadBody(str(error), f"{at}/result") from None
    except BeyondTime as error:
        raise BadBody(str(error), f"{at}/phenomenonTime") from None


def _stream_of(doing: "Insertion", draft: Draft, given: Given) -> Any:
    return doing.one(draft, "Datastream", given) or doing.one(draft, "MultiDatastream", given)


def _feature_of(doing: "Insertion", draft: Draft, given: Given, stream: Any) -> int | None:
    """A feature described in the observation belongs to those the datastream belongs to: who writes may name it."""
    end = draft.one("FeatureOfInterest")
    if isinstance(end, Draft) and not given.get("FeatureOfInterest"):
        belonging = {"organisation_id": stream.organisation_id, "visibility": stream.visibility}
        return int(doing.made_of(end, lambda: register_feature(**end.values, **belonging)).pk)
    if isinstance(end, Ref) and end.id == stream.default_feature_id:
        return end.id  # its own place is no secret to who writes
    feature = doing.one(draft, "FeatureOfInterest", given)
    return feature.pk if feature else None
