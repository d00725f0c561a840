"""Links in a PATCH or PUT: an entity hangs at others from now on. All ends are there already (bodies.changes_of)."""

from typing import Any

from stadtkern.hub.api.sta.bodies import BadBody, Draft, Ref
from stadtkern.hub.api.sta.deep_insert import NEEDS, Insertion
from stadtkern.hub.api.sta.writer import Need
from stadtkern.hub.domain.amending import amend
from stadtkern.hub.domain.moving import move_thing

# Links to one: the column of the entity. Links to many: the column of those that hang at it.
ONE = {
    ("Datastreams", "Thing"): "thing",
    ("Datastreams", "Sensor"): "sensor",
    ("Datastreams", "ObservedProperty"): "observed_property",
    ("MultiDatastreams", "Thing"): "thing",
    ("MultiDatastreams", "Sensor"): "sensor",
    ("HistoricalLocations", "Thing"): "thing",
}
MANY = {
    ("Things", "Datastreams"): "thing",
    ("Things", "MultiDatastreams"): "thing",
    ("Things", "HistoricalLocations"): "thing",
    ("Sensors", "Datastreams"): "sensor",
    ("Sensors", "MultiDatastreams"): "sensor",
    ("ObservedProperties", "Datastreams"): "observed_property",
}


def relink(doing: Insertion, entity: Any, draft: Draft) -> dict[str, Any]:
    """Follow the links; those to one are returned as columns, to be written with the rest. Raises BadBody."""
    columns = {}
    for name, ends in draft.links.items():
        refs = [end for end in ends if isinstance(end, Ref)]
        if column := ONE.get((draft.target, name)):
            columns[column] = doing.linked(refs[0], NEEDS.get((draft.target, name), Need.SEE))
        elif column := MANY.get((draft.target, name)):
            _hang_here(doing, entity, refs, column)
        else:
            _at_places(doing, entity, draft, name, refs)
    return columns


def _hang_here(doing: Insertion, entity: Any, refs: list[Ref], column: str) -> None:
    for ref in refs:
        other = doing.linked(ref, Need.MANAGE)
        if getattr(other, f"{column}_id") != entity.pk:
            amend(other, **{column: entity})


def _at_places(doing: Insertion, entity: Any, draft: Draft, name: str, refs: list[Ref]) -> None:
    if (draft.target, name) == ("Things", "Locations"):
        _move(entity, [doing.linked(ref, Need.SEE) for ref in refs])
    elif (draft.target, name) == ("Locations", "Things"):
        for ref in refs:
            thing = doing.linked(ref, Need.MANAGE)
            if not thing.locations.filter(pk=entity.pk).exists():
                move_thing(thing.pk, locations=[entity])
    elif (draft.target, name) == ("HistoricalLocations", "Locations") and refs:
        entity.locations.set([doing.linked(ref, Need.SEE) for ref in refs])
    else:
        raise BadBody(f"the {name} of {draft.target} cannot be linked anew here", f"/{name}")


def _move(thing: Any, places: list[Any]) -> None:
    if {place.pk for place in places} != set(thing.locations.values_list("pk", flat=True)):
        move_thing(thing.pk, locations=places)
