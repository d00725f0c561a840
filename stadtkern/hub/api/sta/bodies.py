"""The JSON of an entity, checked against a table, becomes a draft: its values, and what it is linked with.

Errors carry the JSON pointer (RFC 6901) of the spot. Annotations (`@iot.id`, `Things@iot.navigationLink`) are left
out, as a client may send back what it has read; any other unknown name is refused: it would be lost in silence.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.body_fields import FIELDS, Field, Wrong

MOST_ENTITIES = 10_000
LARGEST_ID = 2**63 - 1
ANNOTATION = "@iot."
ID_NAMES = ("@iot.id", "id")


class BadBody(BadQuery):
    """A body that is no entity (400). `at` is the JSON pointer of the spot; machines read it, so it is English."""

    def __init__(self, reason: str, at: str = "") -> None:
        super().__init__(f"body, at {at or '/'}: {reason}", fields={at or "/": reason})
        self.reason, self.at = reason, at


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation property; `inverse`: the name under which the other end knows this one."""

    name: str
    target: str
    many: bool = False
    required: bool = False
    inverse: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """An entity that is there, named by its id."""

    target: str
    id: int
    at: str = ""


@dataclass(slots=True)
class Draft:
    """An entity that is to come: the values of its properties (arguments of the verb), and its links by name."""

    target: str
    values: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list["Ref | Draft"]] = field(default_factory=dict)
    at: str = ""

    def one(self, name: str) -> "Ref | Draft | None":
        return next(iter(self.links.get(name, [])), None)


_STREAM = (
    Link("Thing", "Things", required=True),
    Link("Sensor", "Sensors", required=True),
)
LINKS: dict[str, tuple[Link, ...]] = {
    "Things": (
        Link("Locations", "Locations", True, inverse="Things"),
        Link("HistoricalLocations", "HistoricalLocations", True, inverse="Thing"),
        Link("Datastreams", "Datastreams", True, inverse="Thing"),
        Link("MultiDatastreams", "MultiDatastreams", True, inverse="Thing"),
    ),
    "Locations": (
        Link("Things", "Things", True, inverse="Locations"),
        Link("HistoricalLocations", "HistoricalLocations", True, inverse="Locations"),
    ),
    "HistoricalLocations": (
        Link("Thing", "Things", required=True),
        Link("Locations", "Locations", True, required=True, inverse="HistoricalLocations"),
    ),
    "Datastreams": (
        *_STREAM,
        Link("ObservedProperty", "ObservedProperties", required=True),
        Link("Observations", "Observations", True, inverse="Datastream"),
    ),
    "MultiDatastreams": (
        *_STREAM,
        Link("ObservedProperties", "ObservedProperties", True, required=True),
        Link("Observations", "Observations", True, inverse="MultiDatastream"),
    ),
    "Sensors": (
        Link("Datastreams", "Datastreams", True, inverse="Sensor"),
        Link("MultiDatastreams", "MultiDatastreams", True, inverse="Sensor"),
    ),
    "ObservedProperties": (
        Link("Datastreams", "Datastreams", True, inverse="ObservedProperty"),
        Link("MultiDatastreams", "MultiDatastreams", True, inverse="ObservedProperties"),
    ),
    "FeaturesOfInterest": (Link("Observations", "Observations", True, inverse="FeatureOfInterest"),),
    "Observations": (
        Link("Datastream", "Datastreams"),
        Link("MultiDatastream", "MultiDatastreams"),
        Link("FeatureOfInterest", "FeaturesOfInterest"),
    ),
}


def draft_of(target: str, body: Any, *, given: Collection[str] = (), at: str = "") -> Draft:
    """The draft of a new entity; `given`: links that the address or the entity around it says. Raises BadBody."""
    draft = _draft(target, body, given=given, at=at)
    if sum(1 for one in _walk(draft) if one.target != "Observations") > MOST_ENTITIES:
        raise BadBody(f"one request makes at most {MOST_ENTITIES} entities beside observations", at)
    return draft


def changes_of(target: str, body: Any) -> Draft:
    """As `draft_of` for a change: nothing is required, and links name entities that are there. Raises BadBody."""
    draft = _draft(target, body, given=None, at="")
    for links in draft.links.values():
        for one in links:
            if isinstance(one, Draft):
                raise BadBody('a change links what is there: {"@iot.id": 1}', one.at)
    return draft


def values_of(target: str, body: dict[str, Any], *, at: str = "") -> dict[str, Any]:
    """The properties alone, without a look at links or whether all are there. Raises BadBody."""
    known = {one.name: one for one in FIELDS[target]}
    found = {}
    for name, value in body.items():
        if name in known:
            kept = _checked(known[name], value, f"{at}/{name}")
            if known[name].argument:
                found[known[name].argument] = kept
    return found


def ref_of(link: Link, body: Any, at: str) -> Ref | None:
    """The entity named by id, if the object does that. Raises BadBody for an id that cannot be."""
    if not isinstance(body, dict):
        raise BadBody(f'expected an object: {link.target}, or {{"@iot.id": 1}}', at)
    named = [name for name in ID_NAMES if name in body]
    if not named:
        return None
    id = body[named[0]]
    if isinstance(id, bool) or not isinstance(id, int) or not 0 < id <= LARGEST_ID:
        raise BadBody("an id is a whole number from 1", f"{at}/{named[0]}")
    return Ref(link.target, id, at)


def pointer(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _draft(target: str, body: Any, *, given: Collection[str] | None, at: str) -> Draft:
    if not isinstance(body, dict):
        raise BadBody(f"expected an object: {target}", at)
    links = {one.name: one for one in LINKS[target]}
    _refuse_strangers(target, body, links, at)
    draft = Draft(target, values_of(target, body, at=at), at=at)
    for name, link in links.items():
        if name in body:
            draft.links[name] = list(_linked(link, body[name], f"{at}/{name}"))
    if given is not None:
        _check_complete(draft, body, given)
    return draft


def _refuse_strangers(target: str, body: dict[str, Any], links: dict[str, Link], at: str) -> None:
    known = {one.name for one in FIELDS[target]} | links.keys()
    for name in body:
        if name not in known and ANNOTATION not in name and name not in ID_NAMES:
            raise BadBody(
                f"{target} have no '{name[:40]}'; they have {', '.join(sorted(known))}", f"{at}/{pointer(name)[:80]}"
            )


def _linked(link: Link, body: Any, at: str) -> Iterator[Ref | Draft]:
    if not link.many:
        yield _end(link, body, at)
        return
    if not isinstance(body, list):
        raise BadBody(f"expected a list of {link.target}", at)
    for place, one in enumerate(body):
        yield _end(link, one, f"{at}/{place}")


def _end(link: Link, body: Any, at: str) -> Ref | Draft:
    given = (link.inverse,) if link.inverse else ()
    return ref_of(link, body, at) or _draft(link.target, body, given=given, at=at)


def _checked(known: Field, value: Any, at: str) -> Any:
    try:
        return known.check(value)
    except Wrong as error:
        raise BadBody(f"expected {error}", at) from None


def _check_complete(draft: Draft, body: dict[str, Any], given: Collection[str]) -> None:
    missing = [one.name for one in FIELDS[draft.target] if one.required and one.name not in body]
    missing += [
        one.name
        for one in LINKS[draft.target]
        if one.required and not draft.links.get(one.name) and one.name not in given
    ]
    if draft.target == "Observations":
        _check_stream(draft, given)
    if missing:
        raise BadBody(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing", draft.at)


def _check_stream(draft: Draft, given: Collection[str]) -> None:
    """An observation belongs to a Datastream or to a MultiDatastream."""
    said = {name for name in ("Datastream", "MultiDatastream") if draft.links.get(name) or name in given}
    if len(said) != 1:
        raise BadBody("an observation has one Datastream or one MultiDatastream", draft.at)


def _walk(draft: Draft) -> Iterator[Draft]:
    waiting = [draft]
    while waiting:
        one = waiting.pop()
        yield one
        for links in one.links.values():
            waiting += [other for other in links if isinstance(other, Draft)]
