"""PATCH and PUT: a document is merged, patched or replaced, checked like a new one, and the differences are written."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson

from stadtkern.core.problems import Conflict, NotAllowed, NotFound, OtherMedia
from stadtkern.hub.api.sta.affected import check_change, check_stream_of
from stadtkern.hub.api.sta.bodies import LINKS, BadBody, Draft, Ref, changes_of, values_of
from stadtkern.hub.api.sta.body_fields import FIELDS
from stadtkern.hub.api.sta.deep_insert import Insertion
from stadtkern.hub.api.sta.documents import column_of, document_of, document_of_sample, values_of_sample
from stadtkern.hub.api.sta.merging import JSON, JSON_PATCH, MERGE_PATCH, merged, patched
from stadtkern.hub.api.sta.observation_drafts import sample_at
from stadtkern.hub.api.sta.relinking import relink
from stadtkern.hub.api.sta.writer import Need, Writer
from stadtkern.hub.domain.amending import amend
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.correcting import NoObservation, correct, held
from stadtkern.hub.domain.geometry import BadGeometry
from stadtkern.hub.domain.registering import Unfit, check_several
from stadtkern.hub.domain.store.changing import MomentTaken
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.streams import read_streams

PUT = "PUT"
KEPT_BY_PUT = {"phenomenonTime"}  # without one, an observation stays where it is in time


@dataclass(frozen=True, slots=True)
class Change:
    """What a request asks for: `how` is a media type of PATCH, or PUT."""

    how: str
    body: Any

    @classmethod
    def of(cls, method: str, content_type: str, body: Any) -> "Change":
        """Raises OtherMedia for what is no patch (RFC 5789, clause 2.2)."""
        if method == PUT:
            return cls(PUT, body)
        kind = content_type.partition(";")[0].strip().lower() or JSON
        if kind not in (JSON, MERGE_PATCH, JSON_PATCH):
            raise OtherMedia(f"a PATCH is {JSON}, {MERGE_PATCH} or {JSON_PATCH}")
        return cls(kind, body)


def change_entity(writer: Writer, target: str, id: int, change: Change) -> None:
    """Write the differences. Raises BadBody, BadQuery, NotFound, NotAllowed, Conflict."""
    with writing():
        if target == "Observations":
            _change_observation(writer, id, change)
            return
        entity = writer.find(target, id, Need.MANAGE)
        check_change(writer, target, id)
        _check_reads(change, lambda: writer.find(target, id, Need.SEE))
        values, links = _outcome(target, document_of(target, entity), change)
        if target == "MultiDatastreams":
            _check_several(entity, values)
        columns = {column_of(name): value for name, value in values.items()}
        columns |= relink(Insertion(writer), entity, links)
        try:
            amend(entity, **columns)
        except BadGeometry as error:
            raise BadBody(str(error), "/feature" if target == "FeaturesOfInterest" else "/location") from None


def _change_observation(writer: Writer, id: int, change: Change) -> None:
    try:
        old = held(here(), id)
    except NoObservation:
        raise NotFound(f"there is no Observations({id})") from None
    check_stream_of(writer, old.datastream_id, id, Need.WRITE)
    _check_reads(change, lambda: check_stream_of(writer, old.datastream_id, id, Need.SEE))
    values, links = _outcome("Observations", document_of_sample(old), change)
    new = _new_sample(writer, old, values_of_sample(old) | values, links)
    try:
        correct(here(), old, new)
    except MomentTaken as error:
        raise Conflict(str(error)) from None


def _check_reads(change: Change, look: Callable[[], object]) -> None:
    """A JSON Patch tells what is there: by its tests, and by the sentences of its errors. Raises NotAllowed."""
    if change.how != JSON_PATCH:
        return
    try:
        look()
    except NotFound:
        raise NotAllowed("A JSON Patch needs the right to read; send a merge patch.") from None


def _new_sample(writer: Writer, old: Sample, values: dict[str, Any], links: Draft) -> Sample:
    doing = Insertion(writer)
    stream = doing.one(links, "Datastream", {}) or doing.one(links, "MultiDatastream", {})
    stream_id = stream.pk if stream else old.datastream_id
    feature = links.one("FeatureOfInterest")
    feature_id = doing.linked(feature, Need.SEE).pk if isinstance(feature, Ref) else old.feature_id
    new = sample_at(read_streams(here(), writer.reader, {stream_id})[stream_id], values, feature_id, "")
    if _what_a_slot_is_of(new) == _what_a_slot_is_of(old):
        new.slot = old.slot  # the thing may have moved since: that makes no other observation of it
    return new


def _what_a_slot_is_of(sample: Sample) -> tuple[Any, ...]:
    return (
        sample.datastream_id,
        sample.phenomenon_start,
        sample.phenomenon_end,
        sample.result_time,
        sample.feature_id,
    )


def _outcome(target: str, document: dict[str, Any], change: Change) -> tuple[dict[str, Any], Draft]:
    """The values that are to be written, by argument, and the links."""
    if change.how == JSON_PATCH:
        after = patched(document, change.body)
        changes_of(target, after)
        touched = {name for name in after.keys() | document.keys() if not _same(name, after, document)}
        return _settled(target, after, touched), Draft(target)
    links = changes_of(target, change.body)
    own = {name: value for name, value in change.body.items() if name not in {link.name for link in LINKS[target]}}
    if change.how == PUT:
        return _settled(target, own, {one.name for one in FIELDS[target]} - (KEPT_BY_PUT - own.keys())), links
    whole = {one.name for one in FIELDS[target] if one.whole} if change.how == JSON else ()
    return _settled(target, merged(document, own, whole=whole), own.keys()), links


def _settled(target: str, after: dict[str, Any], touched: Collection[str]) -> dict[str, Any]:
    """Values of the touched properties; one that is gone gets its default. Raises BadBody when it must not be gone."""
    fields = [one for one in FIELDS[target] if one.name in touched and one.argument]
    if missing := [one.name for one in fields if one.required and one.name not in after]:
        raise BadBody(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    return values_of(target, {one.name: after.get(one.name) for one in fields})


def _same(name: str, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """As JSON: to Python, true is 1."""
    return name in one and name in other and orjson.dumps(one[name]) == orjson.dumps(other[name])


def _check_several(entity: Any, values: dict[str, Any]) -> None:
    units, types = values.get("units", entity.unit), values.get("types", entity.multi_types)
    try:
        check_several(entity.observed_properties.count(), len(units), len(types))
    except Unfit as error:
        raise BadBody(str(error)) from None
