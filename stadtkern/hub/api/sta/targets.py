"""What a write is aimed at: an entity, or a collection that a new one joins, and by which links."""

from dataclasses import dataclass
from typing import Any

from stadtkern.core.problems import NotFound, OtherMethod
from stadtkern.hub.api.sta.bodies import LINKS, Link
from stadtkern.hub.api.sta.deep_insert import NEEDS
from stadtkern.hub.api.sta.path import parse_path
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.resources import Resource, parent_id, resource
from stadtkern.hub.api.sta.writer import Need, Writer

OF_COLLECTIONS, OF_ENTITIES, READING = "GET, HEAD, POST, DELETE", "GET, HEAD, PATCH, PUT, DELETE", "GET, HEAD"


@dataclass(frozen=True, slots=True)
class Spot:
    """An entity set, and where in it: `id` an entity; `parent` the one a collection hangs at, by `link`."""

    target: str
    id: int | None = None
    parent: Any = None
    link: Link | None = None

    @property
    def given(self) -> dict[str, list[Any]]:
        """The links of a new entity that the address says."""
        return {self.link.inverse: [self.parent]} if self.link else {}


def entity_at(world: World, path: str) -> tuple[str, int]:
    """Set and id; rights are not looked at when it stands alone. Raises NotFound, OtherMethod, SyntaxProblem."""
    found = _resource(path)
    if found.is_collection:
        raise OtherMethod(
            "PATCH and PUT go to one entity; DELETE also to a collection with $filter.", allow=OF_COLLECTIONS
        )
    return found.entities.name, _id(world, found)


def collection_at(world: World, writer: Writer, path: str) -> Spot:
    """The collection a new entity joins; its parent is one the writer may hang something at. Raises as entity_at."""
    found = _resource(path)
    if not found.is_collection:
        raise OtherMethod("POST goes to a collection, as Things or Things(1)/Datastreams.", allow=OF_ENTITIES)
    target = found.entities.name
    if not found.steps or found.way is None:
        return Spot(target)
    above = found.steps[-1].entities.name
    link = next(link for link in LINKS[above] if link.name == found.way.name)
    if not link.inverse:
        raise OtherMethod(f"The {link.name} of {above} are named when it is made.", allow=READING)
    need = NEEDS.get((target, link.inverse), Need.SEE)
    return Spot(target, parent=writer.find(above, _id(world, found), need), link=link)


def is_collection(path: str) -> bool:
    """Whether the path names many. Raises as entity_at."""
    return _resource(path).is_collection


def _resource(path: str) -> Resource:
    segments = parse_path(path)
    if not segments:
        raise OtherMethod("Nothing is written at the service root.", allow=READING)
    found = resource(segments)
    if found.part or found.ending:
        raise OtherMethod("Single properties and references are not written; PATCH the entity.", allow=READING)
    return found


def _id(world: World, found: Resource) -> int:
    """An entity named by its set and id alone is looked up by who wants it: writers may know more than readers."""
    if len(found.steps) == 1 and found.steps[0].id is not None:
        return found.steps[0].id
    id = parent_id(world, found)
    if id is None:
        raise NotFound("There is nothing here.")
    return id
