"""GET: from a parsed request to the bytes of its answer, inside one snapshot.

`answer` is a generator: first a Head, then the body piece by piece. What goes wrong before the first piece is an error
answer; what goes wrong after it breaks the connection off, so that half an answer never looks whole.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import orjson
from django.utils import timezone

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta import aggregates
from stadtkern.hub.api.sta.entities import OBSERVATIONS
from stadtkern.hub.api.sta.formats import csv, data_array, geojson, json
from stadtkern.hub.api.sta.formats.cells import bare
from stadtkern.hub.api.sta.nodes import Options, Request
from stadtkern.hub.api.sta.old_months import table_for
from stadtkern.hub.api.sta.paging import Page
from stadtkern.hub.api.sta.pieces import Head, Piece
from stadtkern.hub.api.sta.planning.columns import SELF_LINK, Row
from stadtkern.hub.api.sta.planning.counting import Count, count
from stadtkern.hub.api.sta.planning.plan import MOST, MOST_STREAMED, Plan, plan, usual_top
from stadtkern.hub.api.sta.planning.sql import value
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.api.sta.rendering import Entity, Renderer, Told
from stadtkern.hub.api.sta.resources import Resource, attempts, chain, not_there, parent_id, resource
from stadtkern.hub.api.sta.snapshot import most_milliseconds, only_read, snapshot
from stadtkern.hub.domain.access_log import note_access
from stadtkern.hub.domain.readers import Reader

TEXT = "text/plain; charset=utf-8"
INTERFACE = "sta"


def answer(request: Request, reader: Reader, root: str) -> Generator[Piece]:
    """A Head, then the body. `root`: the address of the service. Raises Problems and what the database raises."""
    found = resource(request.path)
    told = Told()
    try:
        with snapshot() as connection:
            observations = table_for(connection, request, found)
            world = World(connection, reader, timezone.now(), observations, most_milliseconds())
            renderer = Renderer(world, root, told)
            if request.options.apply is not None:
                yield from aggregates.answer(request, found, renderer)
            else:
                only_read(connection)
                yield from _answer(request, found, renderer)
    finally:
        if told.closed:
            query = as_text(request)
            note_access(reader, interface=INTERFACE, query=query, rows=told.closed, datastream_ids=told.streams)


def one_entity(world: World, root: str, address: str, id: int) -> Entity:
    """An entity as GET answers it, for the answer to a POST; `address` is the name of its set. Raises NotFound."""
    from stadtkern.hub.api.sta.nodes import Segment

    found = resource([Segment(address, id)])
    return _entity(found, Options(), Renderer(world, root))


def _answer(request: Request, found: Resource, renderer: Renderer) -> Iterator[Piece]:
    if found.is_collection:
        yield from _collection(request, found, renderer)
        return
    _check_entity(request)
    if found.part:
        yield from _property(found, renderer)
        return
    options = replace(request.options, select=(SELF_LINK,)) if found.ending == "$ref" else request.options
    entity = _entity(found, options, renderer)
    yield Head()
    yield orjson.dumps(entity)


def _collection(request: Request, found: Resource, renderer: Renderer) -> Iterator[Piece]:
    world, form = renderer.world, request.result_format
    id = parent_id(world, found)
    key = value(id, "bigint")
    if found.ending == "$ref":
        request = replace(request, options=replace(request.options, select=(SELF_LINK,), expand=()))
    planned = _plan(request, found, world, key if found.way else None)
    counted = count(planned.listing, way=found.way, key=key) if request.options.count else None
    if found.ending == "$count":
        yield Head(TEXT)
        yield str(count(planned.listing, way=found.way, key=key).number).encode()
        return
    page = Page(world, planned, request)
    kind, body = _body(form, page, renderer, counted)
    yield Head(kind)
    yield from body


def _plan(request: Request, found: Resource, world: World, key: Any) -> Plan:
    form = request.result_format
    if form == "dataArray" and found.entities is not OBSERVATIONS:
        raise BadQuery("$resultFormat=dataArray goes with Observations only.")
    most = MOST if form == "json" else MOST_STREAMED
    given = {"way": found.way, "key": key} if key is not None else {}
    shape = {"most": most, "usual": usual_top(form), "grouped": form == "dataArray"}
    planned = plan(world, found.entities, request.options, **shape, **given)
    if form == "geojson":
        geojson.read_places(world, planned)
    return planned


def _body(form: str, page: Page, renderer: Renderer, counted: Count | None) -> tuple[str, Iterator[bytes]]:
    if form == "csv":
        return csv.TYPE, csv.table(page, renderer)
    make = {"json": json.collection, "dataArray": data_array.arrays, "geojson": geojson.features}[form]
    return {"geojson": geojson.TYPE}.get(form, json.TYPE), make(page, renderer, counted)


def _check_entity(request: Request) -> None:
    options = request.options
    asked = (options.filter, options.order, options.skip, options.count, options.top, options.distinct, options.apply)
    if any(asked) or options.after:
        raise BadQuery("This is one entity; only $select and $expand go with it.")
    if request.result_format != "json":
        raise BadQuery(f"$resultFormat={request.result_format} goes with collections only.")


def _row(found: Resource, options: Options, world: World) -> tuple[Plan, Row]:
    for by_month in attempts(found):
        planned = plan(
            world,
            found.entities,
            options,
            only=lambda alias, by_month=by_month: chain(world, found.steps, alias, by_month=by_month),
        )
        rows = world.ask(planned.listing.page(limit=1, skip=0, following=value(True, "boolean")))
        if rows:
            return planned, rows[0]
    raise not_there(found)


def _entity(found: Resource, options: Options, renderer: Renderer) -> Entity:
    planned, row = _row(found, options, renderer.world)
    return renderer.entities(planned, [row])[0]


def _property(found: Resource, renderer: Renderer) -> Iterator[Piece]:
    name = "/".join(found.part)
    planned, row = _row(found, Options(select=(name,)), renderer.world)
    renderer.told.note(row)
    if found.part == ("id",):
        kept, name = row[0], "@iot.id"
    else:
        shown = planned.listing.columns.shown[0]
        kept, name = shown.build(*row[shown.start : shown.start + shown.width]), found.part[-1]
    if kept is None:
        yield Head(status=204)
        return
    if found.ending == "$value":
        yield Head(TEXT)
        yield (kept if isinstance(kept, str) else bare(kept)).encode()
        return
    yield Head()
    yield orjson.dumps({name: kept})
