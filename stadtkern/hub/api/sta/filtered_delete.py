"""DELETE of a collection with $filter (our extension): in steps, each committed by itself, so that nobody is held up.

Only what the writer manages is matched. The answer says how many went, how many had to stay because others depend on
them, and whether there are more: then ask again.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from stadtkern.core.problems import BadQuery, NotAllowed, NotFound
from stadtkern.hub.api.sta.entities import OBSERVATIONS, OBSERVED_PROPERTIES, EntitySet
from stadtkern.hub.api.sta.nodes import Options, Request
from stadtkern.hub.api.sta.old_months import table_for
from stadtkern.hub.api.sta.planning.listing import listing
from stadtkern.hub.api.sta.planning.sql import Sql, all_of, filled, named, sql, value
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.removal import remove_entity
from stadtkern.hub.api.sta.resources import Resource, parent_id, resource
from stadtkern.hub.api.sta.snapshot import snapshot
from stadtkern.hub.api.sta.writer import Writer
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.correcting import remove_observations

STEP = 5_000
MOST_ENTITIES = 1_000
MOST_SECONDS = 50.0  # then the answer says "more"


@dataclass(slots=True)
class Removed:
    """How many went and how many stayed; `more`: time or number ran out before all were looked at."""

    removed: int = 0
    refused: int = 0
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"removed": self.removed, "refused": self.refused, "more": self.more}


def remove_matching(writer: Writer, request: Request) -> Removed:
    """Remove what the path and $filter name. Raises BadQuery without a $filter, NotAllowed, NotFound."""
    options = request.options
    if options.filter is None:
        raise BadQuery("DELETE of a collection needs a $filter that says which ones, as $filter=id gt 0.")
    if options != Options(filter=options.filter):
        raise BadQuery("DELETE of a collection takes $filter and nothing else.")
    if not (writer.reader.manages_all or writer.reader.manages):
        raise NotAllowed("This key may not remove anything; it needs the scope hub.manage.")
    found = resource(request.path)
    if found.entities is OBSERVATIONS:
        return _remove_observations(writer, found, request)
    return _remove_entities(writer, found, request)


def _remove_observations(writer: Writer, found: Resource, request: Request) -> Removed:
    done = Removed()
    end = time.monotonic() + MOST_SECONDS
    while ids := _matching(writer, found, request, STEP):
        if time.monotonic() > end:
            done.more = True
            break
        with writing() as connection:
            done.removed += remove_observations(connection, ids)
    return done


def _remove_entities(writer: Writer, found: Resource, request: Request) -> Removed:
    done = Removed()
    ids = _matching(writer, found, request, MOST_ENTITIES + 1)
    end = time.monotonic() + MOST_SECONDS
    for id in ids[:MOST_ENTITIES]:
        if time.monotonic() > end:
            done.more = True
            return done
        _remove_one(writer, found.entities.name, id, done)
    done.more = len(ids) > MOST_ENTITIES
    return done


def _remove_one(writer: Writer, target: str, id: int, done: Removed) -> None:
    try:
        remove_entity(writer, target, id)
        done.removed += 1
    except NotAllowed:
        done.refused += 1
    except NotFound:  # gone with one before it
        done.removed += 1


def _matching(writer: Writer, found: Resource, request: Request, most: int) -> list[int]:
    """Ids of what the path and the filter name and the writer manages, also in archived months (old_months.py)."""
    with snapshot() as connection:
        world = World(connection, writer.reader, timezone.now(), table_for(connection, request, found))
        parent = parent_id(world, found)
        key = Sql("") if parent is None else value(parent, "bigint")
        asked = listing(world, found.entities, request.options, way=found.way if parent else None, key=key)
        conditions = [*asked.conditions, _mine(world, found.entities, asked.scope.alias, writer)]
        statement = sql("select {}.id from {} where {}", Sql(asked.scope.alias), asked.scope.source, all_of(conditions))
        return [id for (id,) in world.ask(sql("{} limit {}", statement, value(most, "bigint")))]


def _mine(world: World, entities: EntitySet, alias: str, writer: Writer) -> Sql:
    if entities is OBSERVED_PROPERTIES:  # of nobody: removal.py looks at each
        return Sql("true")
    guard = filled(entities.guard, world.marks(alias)).text
    return named(writer.reader.manages_owned(guard), writer.reader.parameters)
