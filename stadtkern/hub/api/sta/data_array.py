"""CreateObservations: many observations of several datastreams at once, as rows of values (OGC 18-088, clause 12.2).

Each row is answered by the id of its observation or by a sentence that says what is wrong with it; good rows are kept
whatever the others are. A form that cannot be understood at all is refused as a whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stadtkern.core.problems import Problem
from stadtkern.hub.api.sta.bodies import LARGEST_ID, BadBody, Link, ref_of
from stadtkern.hub.api.sta.body_fields import FIELDS, Wrong
from stadtkern.hub.api.sta.observation_drafts import ids_of, sample_at
from stadtkern.hub.api.sta.writer import Need, Writer
from stadtkern.hub.domain.connection import cursor, here, writing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.streams import Stream, read_streams

Answer = int | str
FEATURE = "FeatureOfInterest/id"
FEATURE_NAMES = (FEATURE, "FeatureOfInterest/@iot.id")
STREAM_LINKS = (Link("Datastream", "Datastreams"), Link("MultiDatastream", "MultiDatastreams"))
CHECKS = {one.name: (one.argument, one.check) for one in FIELDS["Observations"]}
SEEN = "select f.id from hub_featureofinterest f where f.id = any(%(ids)s) and {sees}"


class BadRow(ValueError):
    """A row that is no observation; the text says why."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one datastream. `target`, `id`: whose; `readers`: for each column the argument and its check."""

    target: str
    id: int
    names: tuple[str, ...]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]
    rows: list[Any]
    at: str


def create_observations(writer: Writer, body: Any) -> list[Answer]:
    """Record the rows; for each its id, or what is wrong with it. Raises BadBody for the form as a whole."""
    groups = groups_of(body)
    with writing():
        streams = _streams_of(writer, groups)
        features = _features_of(writer, groups)
        made = [one for group in groups for one in _samples(group, streams[group.target, group.id], features)]
        samples = [one for one in made if isinstance(one, Sample)]
        kept = iter(ids_of(samples, record(here(), samples).samples)) if samples else iter(())
    return [next(kept) if isinstance(one, Sample) else one for one in made]


def groups_of(body: Any) -> list[Group]:
    """The groups of a body. Raises BadBody."""
    if not isinstance(body, list):
        raise BadBody("expected a list of objects with Datastream, components and dataArray")
    return [_group(one, f"/{place}") for place, one in enumerate(body)]


def _group(body: Any, at: str) -> Group:
    if not isinstance(body, dict):
        raise BadBody("expected an object with Datastream, components and dataArray", at)
    named = [link for link in STREAM_LINKS if link.name in body]
    if len(named) != 1:
        raise BadBody("a group has one Datastream or one MultiDatastream", at)
    ref = ref_of(named[0], body[named[0].name], f"{at}/{named[0].name}")
    if ref is None:
        raise BadBody('a datastream that is there is named: {"@iot.id": 1}', f"{at}/{named[0].name}")
    rows = body.get("dataArray")
    if not isinstance(rows, list):
        raise BadBody("expected a list of rows", f"{at}/dataArray")
    names = _names(body.get("components"), f"{at}/components")
    return Group(ref.target, ref.id, names, tuple(_reader(name) for name in names), rows, at)


def _names(given: Any, at: str) -> tuple[str, ...]:
    known = [*CHECKS, FEATURE]
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise BadBody(f"expected a list of names out of {', '.join(known)}", at)
    names = tuple(FEATURE if name in FEATURE_NAMES else name for name in given)
    if strange := [name for name in names if name not in known]:
        raise BadBody(f"there is no component '{strange[0][:40]}'; there are {', '.join(known)}", at)
    if len(set(names)) != len(names) or "result" not in names:
        raise BadBody("components name result, and none of them twice", at)
    return names


def _reader(name: str) -> tuple[str, Callable[[Any], Any]]:
    return (FEATURE, _feature_id) if name == FEATURE else CHECKS[name]


def _feature_id(given: Any) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= LARGEST_ID:
        raise Wrong("the id of a FeatureOfInterest")
    return given


def _streams_of(writer: Writer, groups: Sequence[Group]) -> dict[tuple[str, int], Stream | str]:
    """The datastream of each group, or why it cannot be written."""
    found: dict[tuple[str, int], Stream | str] = {}
    for key in dict.fromkeys((group.target, group.id) for group in groups):
        try:
            writer.find(*key, Need.WRITE)
            found[key] = ""
        except Problem as error:
            found[key] = str(error)
    streams = read_streams(here(), writer.reader, {id for (_target, id), reason in found.items() if not reason})
    return {key: reason or streams[key[1]] for key, reason in found.items()}


def _features_of(writer: Writer, groups: Sequence[Group]) -> set[int]:
    """Of the features the rows name, those the writer sees."""
    asked = set()
    for group in groups:
        if FEATURE in group.names:
            place = group.names.index(FEATURE)
            asked |= {
                row[place] for row in group.rows if isinstance(row, list) and len(row) > place and _is_id(row[place])
            }
    if not asked:
        return set()
    statement = SEEN.format(sees=writer.reader.sees_owned("f"))
    seen = cursor(here()).execute(statement, {"ids": sorted(asked), **writer.reader.parameters})
    return {id for (id,) in seen}


def _is_id(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 < given <= LARGEST_ID


def _samples(group: Group, stream: Stream | str, features: set[int]) -> list[Sample | str]:
    if isinstance(stream, str):
        return [stream] * len(group.rows)
    return [_sample(group, stream, features, row) for row in group.rows]


def _sample(group: Group, stream: Stream, features: set[int], row: Any) -> Sample | str:
    try:
        values = _values(group, row)
        feature_id = values.pop(FEATURE, None)
        if feature_id not in (None, stream.default_feature_id) and feature_id not in features:
            return f"there is no FeaturesOfInterest({feature_id})"
        return sample_at(stream, values, feature_id, "")
    except BadRow as error:
        return str(error)
    except BadBody as error:
        return error.reason


def _values(group: Group, row: Any) -> dict[str, Any]:
    if not isinstance(row, list) or len(row) != len(group.readers):
        raise BadRow(f"a row is a list of {len(group.readers)} values")
    values = {}
    for (argument, check), name, given in zip(group.readers, group.names, row, strict=True):
        try:
            values[argument] = check(given)
        except Wrong as error:
            raise BadRow(f"{name}: expected {error}") from None
    return values


def told(answers: Sequence[Answer], root: str) -> list[str]:
    """As the standard has it: the address of each observation, or a text that begins with "error"."""
    return [f"{root}/Observations({one})" if isinstance(one, int) else f"error: {one}" for one in answers]
