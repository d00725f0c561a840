"""A draft becomes entities, with everything that stands inside it: one transaction, whatever the depth.

What an entity needs (to-one links) comes before it, what hangs at it (to-many links) after it. OGC 18-088, clause 10.2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stadtkern.core.problems import NotFound
from stadtkern.hub.api.sta.bodies import LINKS, BadBody, Draft, Link, Ref
from stadtkern.hub.api.sta.observation_drafts import record_drafts
from stadtkern.hub.api.sta.writer import Need, Writer
from stadtkern.hub.domain.amending import amend
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.geometry import BadGeometry
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.domain.registering import (
    Unfit,
    register_datastream,
    register_feature,
    register_location,
    register_multi_datastream,
    register_property,
    register_sensor,
    register_thing,
)
from stadtkern.hub.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)

Given = Mapping[str, Sequence[Any]]
NOTHING: Given = {}
# What a writer must be allowed to do with an entity it links; others it only has to see.
NEEDS = {
    ("Datastreams", "Thing"): Need.MANAGE,
    ("MultiDatastreams", "Thing"): Need.MANAGE,
    ("HistoricalLocations", "Thing"): Need.MANAGE,
    ("Locations", "Things"): Need.MANAGE,
    ("Locations", "HistoricalLocations"): Need.MANAGE,
    ("Sensors", "Datastreams"): Need.MANAGE,
    ("Sensors", "MultiDatastreams"): Need.MANAGE,
    ("ObservedProperties", "Datastreams"): Need.MANAGE,
    ("Observations", "Datastream"): Need.WRITE,
    ("Observations", "MultiDatastream"): Need.WRITE,
}


def insert(writer: Writer, draft: Draft, given: Given = NOTHING) -> int:
    """Make the entity and all that is inside; returns its id. `given`: entities the address links, by link name.

    Raises BadBody, NotAllowed.
    """
    with writing():
        made = Insertion(writer).make(draft, given)
    return made if isinstance(made, int) else int(made.pk)


@dataclass(slots=True)
class Insertion:
    """One request's insertion: who does it, and the linked entities it has looked up."""

    writer: Writer
    known: dict[tuple[str, int, Need], Any] = field(default_factory=dict)

    def make(self, draft: Draft, given: Given = NOTHING) -> Any:
        """The new entity; of an observation its id."""
        if draft.target == "Observations":
            return self.observe([draft], given)[0]
        self.writer.check_makes()
        made = self.made_of(draft, lambda: _MAKERS[draft.target](self, draft, given))
        self._hang(draft, made)
        return made

    def observe(self, drafts: Sequence[Draft], given: Given) -> list[int]:
        """Record these observations at once; their ids in the order given."""
        return record_drafts(self, drafts, given)

    def one(self, draft: Draft, name: str, given: Given) -> Any:
        """The entity at a to-one link; None when nobody says."""
        found = self.many(draft, name, given)
        if len(found) > 1:
            raise BadBody(f"the address says the {name} already", f"{draft.at}/{name}")
        return found[0] if found else None

    def many(self, draft: Draft, name: str, given: Given) -> list[Any]:
        """The entities at a link: those of the address, and those of the body that are not among them."""
        found = list(given.get(name, ()))
        for end in draft.links.get(name, ()):
            if isinstance(end, Ref):
                entity = self.linked(end, NEEDS.get((draft.target, name), Need.SEE))
            else:
                entity = self.make(end)
            if entity not in found:
                found.append(entity)
        return found

    def linked(self, ref: Ref, need: Need) -> Any:
        """An entity named by its id. Raises BadBody when it is not there for the writer, NotAllowed."""
        key = (ref.target, ref.id, need)
        if key not in self.known:
            try:
                self.known[key] = self.writer.find(*key)
            except NotFound as error:
                raise BadBody(str(error), ref.at) from None
        return self.known[key]

    def made_of(self, draft: Draft, make: Callable[[], Any]) -> Any:
        """What `make` makes of a draft; errors of the verbs get the place in the body they are about."""
        try:
            return make()
        except BadGeometry as error:
            name = "feature" if draft.target == "FeaturesOfInterest" else "location"
            raise BadBody(str(error), f"{draft.at}/{name}") from None
        except Unfit as error:
            raise BadBody(str(error), draft.at) from None

    def _hang(self, draft: Draft, made: Any) -> None:
        """Make or link what hangs at the new entity."""
        for link in LINKS[draft.target]:
            ends = draft.links.get(link.name)
            if not ends or not link.many or not link.inverse or (draft.target, link.name) in _TAKEN_ALONG:
                continue
            around = {link.inverse: [made]}
            if link.target == "Observations":
                self.observe([_new(end) for end in ends], around)
                continue
            for end in ends:
                if isinstance(end, Ref):
                    self._hook(draft.target, link, end, made)
                else:
                    self.make(end, around)

    def _hook(self, target: str, link: Link, ref: Ref, made: Any) -> None:
        """An entity that is there hangs at the new one from now on."""
        column = _COLUMNS.get((target, link.name))
        if column is None:
            raise BadBody(f"{link.target} are made here, not linked", ref.at)
        amend(self.linked(ref, NEEDS[target, link.name]), **{column: made})


Maker = Callable[[Insertion, Draft, Given], Any]
_COLUMNS = {
    ("Sensors", "Datastreams"): "sensor",
    ("Sensors", "MultiDatastreams"): "sensor",
    ("ObservedProperties", "Datastreams"): "observed_property",
}
# Links a maker follows itself.
_TAKEN_ALONG = {("Things", "Locations"), ("HistoricalLocations", "Locations"), ("Locations", "Things")}
_TAKEN_ALONG |= {("Locations", "HistoricalLocations")}


def _thing(doing: Insertion, draft: Draft, given: Given) -> Thing:
    places = doing.many(draft, "Locations", given)
    return register_thing(**draft.values, locations=places, **doing.writer.belonging)


def _location(doing: Insertion, draft: Draft, given: Given) -> Location:
    place = register_location(**draft.values, **doing.writer.belonging)
    for thing in doing.many(draft, "Things", given):
        move_thing(thing.pk, locations=[place])
    for end in draft.links.get("HistoricalLocations", ()):
        if isinstance(end, Draft):
            doing.make(end, {"Locations": [place]})
        else:
            doing.linked(end, Need.MANAGE).locations.add(place)
    for entry in given.get("HistoricalLocations", ()):
        entry.locations.add(place)
    return place


def _history(doing: Insertion, draft: Draft, given: Given) -> HistoricalLocation:
    thing = doing.one(draft, "Thing", given)
    return move_thing(thing.pk, locations=doing.many(draft, "Locations", given), at=draft.values["time"])


def _datastream(doing: Insertion, draft: Draft, given: Given) -> Datastream:
    return register_datastream(
        thing=doing.one(draft, "Thing", given),
        sensor=doing.one(draft, "Sensor", given),
        observed_property=doing.one(draft, "ObservedProperty", given),
        **draft.values,
        **doing.writer.said,
    )


def _multi_datastream(doing: Insertion, draft: Draft, given: Given) -> Datastream:
    return register_multi_datastream(
        thing=doing.one(draft, "Thing", given),
        sensor=doing.one(draft, "Sensor", given),
        observed_properties=doing.many(draft, "ObservedProperties", given),
        **draft.values,
        **doing.writer.said,
    )


def _sensor(doing: Insertion, draft: Draft, given: Given) -> Sensor:
    return register_sensor(**draft.values, **doing.writer.belonging)


def _property(doing: Insertion, draft: Draft, given: Given) -> ObservedProperty:
    return register_property(**draft.values)


def _feature(doing: Insertion, draft: Draft, given: Given) -> FeatureOfInterest:
    return register_feature(**draft.values, **doing.writer.belonging)


def _new(end: Ref | Draft) -> Draft:
    if isinstance(end, Ref):
        raise BadBody("observations are made here, not linked", end.at)
    return end


_MAKERS: dict[str, Maker] = {
    "Things": _thing,
    "Locations": _location,
    "HistoricalLocations": _history,
    "Datastreams": _datastream,
    "MultiDatastreams": _multi_datastream,
    "Sensors": _sensor,
    "ObservedProperties": _property,
    "FeaturesOfInterest": _feature,
}
