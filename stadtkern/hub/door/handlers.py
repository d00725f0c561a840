"""The addresses of ingest for values: read the body, ask who may write what, write, say what was done."""

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial

from stadtkern.core.problems import BadInput, BadQuery
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.door.entry import Token
from stadtkern.hub.door.formats import data_array, json_rows, lines, observation
from stadtkern.hub.door.formats.rows import Content, Draft, RowsRefused
from stadtkern.hub.door.formats.samples import draft_of
from stadtkern.hub.door.formats.times import PRECISIONS, precision_named
from stadtkern.hub.door.ingest import Ingest
from stadtkern.hub.door.keys import Caller
from stadtkern.hub.door.messages import MOST_BYTES, Answer, Request
from stadtkern.hub.door.routes import ROUTES, add_route

LARGE = 200_000  # bytes
Read = Callable[[bytes], Content]


async def take_observations(ingest: Ingest, request: Request) -> Answer:
    return await _take(ingest, request, observation.read)


async def take_data_array(ingest: Ingest, request: Request) -> Answer:
    return await _take(ingest, request, data_array.read)


async def take_lines(ingest: Ingest, request: Request) -> Answer:
    precision = precision_named(request.parameters.get("precision", "ns"))
    return await _take(ingest, request, lambda body: lines.read(body, precision))


async def take_rows(ingest: Ingest, request: Request) -> Answer:
    number, named = request.place["id"], request.parameters.get("precision")
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise BadQuery("A datastream is named by its number.")
    precision = precision_named(named) if named else None
    return await _take(ingest, request, lambda body: json_rows.read(body, int(number), precision))


async def show_help(ingest: Ingest, request: Request) -> Answer:
    offered = [{"method": route.method, "path": route.pattern, "says": route.says} for route in ROUTES.routes]
    body = {
        "routes": offered,
        "key": "Authorization: Bearer sk_... or X-Api-Key: sk_..., with the scope hub.write",
        "parameters": {
            "partial": "yes: keep the good values, name the others; else all or nothing",
            "precision": f"of times given as numbers: {', '.join(PRECISIONS)}",
        },
        "headers": {
            "Idempotency-Key": "8 to 200 signs: the same request again is done once",
            "Content-Encoding": "gzip",
        },
        "most_bytes": MOST_BYTES,
    }
    return Answer(body=body)


async def _take(ingest: Ingest, request: Request, read: Read) -> Answer:
    caller = await ingest.keys.caller(request)
    keeps_good_ones = _is_partial(request)
    body = await request.body()
    await ingest.in_work.enter(len(body))
    try:
        draft = await _draft(ingest, caller, body, read)
        if draft.rejected and not (keeps_good_ones and draft.samples):
            raise RowsRefused(draft)
        if token := _token(request, caller, body, draft):
            return Answer(201, await ingest.gate.write_once(draft.samples, token))
        done = await ingest.gate.write(draft.samples)
    finally:
        ingest.in_work.leave(len(body))
    return Answer(201, {"created": done.created, "corrected": done.corrected, "rejected": draft.named()})


async def _draft(ingest: Ingest, caller: Caller, body: bytes, read: Read) -> Draft:
    """A large body is taken apart by a thread, so that others are answered meanwhile."""
    if len(body) <= LARGE:
        content = read(body)
        return draft_of(content, *await _allowed(ingest, caller, content))
    run = partial(asyncio.get_running_loop().run_in_executor, ingest.workshop)
    content = await run(read, body)
    return await run(draft_of, content, *await _allowed(ingest, caller, content))


async def _allowed(ingest: Ingest, caller: Caller, content: Content) -> tuple[dict[int | str, Stream], set[int]]:
    """The datastreams, by number and by source key, that the caller may write to, and the features it may name."""
    keys, named = content.keys, content.features
    by_key = await ingest.gate.series(keys) if keys else {}
    by_id = await ingest.gate.streams(caller.reader, content.ids.union(by_key.values()))
    streams: dict[int | str, Stream] = dict(by_id)  # type: ignore[arg-type]
    streams.update((key, by_id[id]) for key, id in by_key.items() if id in by_id)
    return streams, await ingest.gate.features(caller.reader, named) if named else set()


def _is_partial(request: Request) -> bool:
    given = request.parameters.get("partial", "no") if request.query else "no"
    if given not in ("yes", "no"):
        raise BadQuery("partial is yes or no.")
    return given == "yes"


def _token(request: Request, caller: Caller, body: bytes, draft: Draft) -> Token | None:
    key = request.header("idempotency-key")
    if not key:
        return None
    if not 8 <= len(key) <= 200:
        raise BadInput("An Idempotency-Key has 8 to 200 signs.")
    content = hashlib.sha256(b"%s?%s\n%s" % (request.path.encode(), request.query, body))
    return Token(f"ingest:{caller.prefix}", key, content.hexdigest(), {"rejected": draft.named()})


add_route("GET", "/ingest/", show_help, "what there is")
add_route("POST", "/ingest/observations", take_observations, "one SensorThings observation, or a list of them")
add_route("POST", "/ingest/data-array", take_data_array, "a SensorThings data array")
add_route("POST", "/ingest/lines", take_lines, "InfluxDB line protocol")
add_route(
    "POST",
    "/ingest/datastreams/{id}",
    take_rows,
    'JSON for one datastream: [[time, value], ...] or [{"time", "value"}]',
)
