"""$apply=aggregate(…) on observations: figures by interval instead of the values. Our extension.

Of `Datastreams(1)/Observations` the figures of this one; of `Observations` those of all the filter lets through, taken
together; `$select=Datastream` keeps them apart, each row with the link of its datastream. Values of different units are
not put together (but counted).

From rollups where these give the exact figures, else from the values; both stand in domain/store/aggregating.py. A
$filter speaks of phenomenonTime (which span) and of the datastream (which ones): `Datastream/Thing/name eq 'x' and
phenomenonTime ge now() sub duration'P7D'`. Bad values are left out of all figures but `count`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.choosing import APART, Chosen, choose
from stadtkern.hub.api.sta.entities import OBSERVATIONS
from stadtkern.hub.api.sta.formats import csv, json
from stadtkern.hub.api.sta.nodes import Aggregation, Request
from stadtkern.hub.api.sta.pieces import Head, Piece
from stadtkern.hub.api.sta.planning.listing import OF_STREAMS
from stadtkern.hub.api.sta.planning.plan import MOST, MOST_STREAMED
from stadtkern.hub.api.sta.planning.spans import TICK
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.printer import as_text
from stadtkern.hub.api.sta.rendering import Renderer
from stadtkern.hub.api.sta.resources import Resource
from stadtkern.hub.api.sta.times import moment, moments
from stadtkern.hub.domain.store import gaps
from stadtkern.hub.domain.store.aggregating import as_rows, filled, in_blocks, intervals

BLOCK = 5_000
NOTHING = "null"
DAYS_TO_NEXT = {"day": 2, "week": 8, "month": 32, "year": 367}

Block = list[tuple[Any, ...]]  # (datastream id, start, figures as asked)


def answer(request: Request, found: Resource, renderer: Renderer) -> Iterator[Piece]:
    """The rows, oldest first within each datastream. Raises BadQuery, NotFound."""
    _check(request, found)
    asked, options = request.options.apply, request.options
    assert asked is not None  # noqa: S101 (only such requests come here)
    world = renderer.world
    chosen = choose(world, found, options)
    most = MOST if request.result_format == "json" else MOST_STREAMED
    top = most if options.top is None else min(options.top, most)
    window = Window(options.skip, top)
    written: Iterator[bytes] = iter(())
    if chosen is not None:
        figures = Figures(asked, chosen, renderer)
        write = figures.lines if request.result_format == "csv" else figures.objects
        written = map(write, window.of(_blocks(world, chosen, asked)))
    if request.result_format == "csv":
        yield Head(csv.TYPE)
        yield csv.text([["Datastream/id", "phenomenonTime", *asked.functions]])
        yield from written
        return
    yield Head(json.TYPE)
    yield b'{"value":['
    for number, text in enumerate(written):
        yield b"," + text if number else text
    yield _closing(request, renderer, top) if window.more and top else b"]}"


def _check(request: Request, found: Resource) -> None:
    options = request.options
    if found.entities is not OBSERVATIONS or not found.is_collection or found.ending:
        raise BadQuery("$apply goes with a collection of Observations.")
    if found.way is not None and found.way not in OF_STREAMS:
        raise BadQuery("$apply goes with Observations and with those of a datastream.")
    if any((options.order, options.expand, options.count, options.after)) or options.select not in ((), APART):
        raise BadQuery("Only $filter, $top, $skip, $select=Datastream and $resultFormat go with $apply.")
    if request.result_format not in ("json", "csv"):
        raise BadQuery("$apply answers as json or csv.")


def _blocks(world: World, chosen: Chosen, asked: Aggregation) -> Iterator[Block]:
    found = in_blocks(
        world.connection,
        None if chosen.is_whole else chosen.ids,
        since=chosen.since,
        until=chosen.until,
        interval=asked.interval,
        functions=asked.functions,
        reader=world.reader,
        apart=chosen.apart,
        property_ids=chosen.properties,
    )
    if asked.gaps == gaps.LEAVE or asked.interval is None:
        yield from found
        return
    rows = filled(
        as_rows(found),
        since=chosen.since,
        until=chosen.until,
        interval=asked.interval,
        functions=asked.functions,
        way=asked.gaps,
    )
    while block := [(row.datastream_id, row.start, *row.values) for row in islice(rows, BLOCK)]:
        yield block


@dataclass(slots=True)
class Window:
    """What is given of all rows: `left` after the first `skip`; then `more` says whether there are others."""

    skip: int
    left: int
    more: bool = False

    def of(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            begin = min(self.skip, len(block))
            part = block[begin : begin + self.left]
            self.skip -= begin
            self.left -= len(part)
            self.more = begin + len(part) < len(block)
            if part:
                yield part
            if self.more:
                return


@dataclass(slots=True)
class Figures:
    """Blocks as they go out, made column by column: years of hours are asked for at once."""

    asked: Aggregation
    chosen: Chosen
    renderer: Renderer
    links: dict[int, str] = field(default_factory=dict)
    ends: dict[datetime, str] = field(default_factory=dict)

    def objects(self, block: Block) -> bytes:
        """JSON, joined by commas."""
        ids, starts, *columns = zip(*block, strict=True)
        self._note(ids)
        shape = '"phenomenonTime":"%s/%s"' + "".join(f',"{name}":%s' for name in self.asked.functions) + "}"
        texts = [*self._times(ids, starts), *map(_texts, columns)]
        if self.chosen.linked:
            shape, texts = "%s," + shape, [self._links(ids), *texts]
        return ",".join(map(("{" + shape).__mod__, zip(*texts, strict=True))).encode()

    def lines(self, block: Block) -> bytes:
        """CSV."""
        ids, starts, *columns = zip(*block, strict=True)
        self._note(ids)
        times = map("/".join, zip(*self._times(ids, starts), strict=True))
        cells = (["" if text == NOTHING else text for text in _texts(column)] for column in columns)
        return csv.text(list(zip(ids, times, *cells, strict=True)))

    def _times(self, ids: Sequence[int | None], starts: Sequence[datetime]) -> tuple[list[str], list[str]]:
        """When the intervals begin, and when they end."""
        interval, steps = self.asked.interval, len(starts) - 1
        is_whole = isinstance(interval, timedelta) and starts[-1] - starts[0] == steps * interval
        if is_whole and ids[0] == ids[-1]:  # one row after the other: an interval ends where the next begins
            texts = moments(starts[0], interval, steps + 2)
            return texts[:-1], texts[1:]
        return [moment(start) for start in starts], [self._end(start) for start in starts]

    def _end(self, start: datetime) -> str:
        interval = self.asked.interval
        if isinstance(interval, timedelta):
            return moment(start + interval)
        if start not in self.ends:
            self.ends[start] = moment(self._end_of_calendar(start, interval))
        return self.ends[start]

    def _end_of_calendar(self, start: datetime, interval: str | None) -> datetime:
        if interval is None:
            return self.chosen.until - TICK
        return intervals(start, start + timedelta(days=DAYS_TO_NEXT[interval]), interval)[1]

    def _links(self, ids: Sequence[int | None]) -> list[str]:
        for id in {*ids} - {*self.links}:
            kind = "MultiDatastream" if id in self.chosen.multi else "Datastream"
            address = orjson.dumps(f"{self.renderer.root}/{kind}s({id})").decode()
            self.links[id] = f'"{kind}@iot.navigationLink":{address}'
        return [self.links[id] for id in ids]

    def _note(self, ids: Sequence[int | None]) -> None:
        """What is not public is told to the access log."""
        if not self.chosen.closed or self.renderer.world.reader.is_anonymous:
            return
        for id, rows in Counter(ids).items():
            if of := self.chosen.closed if id is None else self.chosen.closed & {id}:
                self.renderer.told.closed += rows
                self.renderer.told.streams |= of


def _texts(figures: Sequence[float | None]) -> list[str]:
    """As JSON; a whole number has no .0, as in the results."""
    text = orjson.dumps(figures)[1:-1].decode()
    return f"{text},".replace(".0,", ",").split(",")[:-1]


def _closing(request: Request, renderer: Renderer, given: int) -> bytes:
    options = replace(request.options, skip=request.options.skip + given)
    address = as_text(replace(request, options=options, extra=()))
    return b'],"@iot.nextLink":' + orjson.dumps(f"{renderer.root}/{address}") + b"}"
