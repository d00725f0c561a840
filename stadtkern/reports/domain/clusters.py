"""The map of all reports, fast: cells of every zoom counted once, then read from memory.

The finest cells are counted by one SQL query; coarser zooms add four cells into one. A grid is at most
FRESH_SECONDS old: when something changed it is counted anew beside the old one, so no reader waits for it.
Nearer than zoom CLOSEST every report stands alone and comes from the table itself.
"""

import math
import threading
import time
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from django.db import connection, connections

from stadtkern.core import quick
from stadtkern.core.problems import BadQuery
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.queries import ListQuery, where
from stadtkern.reports.words import Status

FARTHEST, CLOSEST = 9, 16
CELLS_PER_TILE = 4  # a tile of 256 or 512 pixels has 4 x 4 cells
FRESH_SECONDS = 20.0
KEPT_GRIDS = 16
MOST_FEATURES = 400
SHIFT = 26  # x and y of a cell in one number
MERCATOR_LIMIT = 85.0511

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of the map: so many reports around it; with one report alone its number, category and status."""

    lat: float
    lon: float
    count: int
    id: int
    category: str
    status: str


@dataclass(slots=True)
class Level:
    """The cells of one zoom, sorted by row and column: number, sums of the coordinates, one packed report."""

    keys: array  # type: ignore[type-arg]
    counts: array  # type: ignore[type-arg]
    lats: array  # type: ignore[type-arg]
    lons: array  # type: ignore[type-arg]
    samples: array  # type: ignore[type-arg]

    def between(self, columns: range, rows: range) -> Iterator[int]:
        """The places of the cells in these columns and rows."""
        for row in rows:
            first = bisect_left(self.keys, (row << SHIFT) + columns.start)
            yield from range(first, bisect_left(self.keys, (row << SHIFT) + columns.stop, first))


STATUSES = tuple(str(status) for status in Status)


@dataclass(slots=True)
class Grid:
    """All zooms of one filter. A packed report is its id, its category's place in `categories`, its status' place."""

    categories: tuple[str, ...]
    levels: dict[int, Level]
    pulse: str
    checked_at: float

    def mark(self, level: Level, place: int) -> Mark:
        count, packed = level.counts[place], level.samples[place]
        category = self.categories[(packed >> 4) & 0xFFF]
        return Mark(
            level.lats[place] / count, level.lons[place] / count, count, packed >> 16, category, STATUSES[packed & 0xF]
        )


_grids: OrderedDict[ListQuery, Grid] = OrderedDict()
_lock = threading.Lock()
_busy: set[ListQuery] = set()
_CELLS = """
select (floor({y}) ::bigint << {shift}) + floor({x})::bigint as cell, count(*), sum(lat), sum(lon),
 min((id << 16) + (array_position(%s, category_id::text) << 4) + array_position(%s, status::text) - 1)
from (select r.id, r.lat, r.lon, r.category_id, r.status from reports_report r
 where {condition} and r.lat between -85 and 85) places
group by 1 order by 1
"""


def marks(query: ListQuery, *, box: Box, zoom: float) -> list[Mark]:
    """What stands on the map in this box (west, south, east, north): clusters far away, single reports near by."""
    _prove(box)
    level = max(FARTHEST, math.floor(zoom))
    if level > CLOSEST:
        return _single(query, box)
    grid = _grid(query.first_page())
    cells = grid.levels[level]
    columns, rows = _cells_of(box, level)
    places = list(cells.between(columns, rows))
    if len(places) > MOST_FEATURES:
        places = nlargest(MOST_FEATURES, places, key=cells.counts.__getitem__)
    return [grid.mark(cells, place) for place in places]


def forget() -> None:
    """Count again at the next use (tests)."""
    with _lock:
        _grids.clear()


def _prove(box: Box) -> None:
    west, south, east, north = box
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadQuery("bbox=west,south,east,north")


def _cells_of(box: Box, level: int) -> tuple[range, range]:
    west, south, east, north = box
    left, top = _cell(north, west, level)
    right, bottom = _cell(south, east, level)
    return range(left, right + 1), range(top, bottom + 1)


def _cell(lat: float, lon: float, level: int) -> tuple[int, int]:
    """Column and row of a point (Web Mercator, EPSG:3857)."""
    count = (1 << level) * CELLS_PER_TILE
    bounded = math.radians(max(-MERCATOR_LIMIT, min(MERCATOR_LIMIT, lat)))
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(bounded)) / math.pi) / 2
    return min(count - 1, max(0, int(across * count))), min(count - 1, max(0, int(down * count)))


def _single(query: ListQuery, box: Box) -> list[Mark]:
    west, south, east, north = box
    condition, values = where(query)
    sql = (
        f"select r.lat, r.lon, 1, r.id, r.category_id, r.status from reports_report r where {condition} "  # noqa: S608
        "and r.lat between %s and %s and r.lon between %s and %s order by r.id desc limit %s"
    )
    return [Mark(*row) for row in quick.rows(sql, [*values, south, north, west, east, MOST_FEATURES])]


def _grid(query: ListQuery) -> Grid:
    """The kept grid; when it is old somebody in the background looks whether anything changed."""
    grid = _grids.get(query)
    if grid is None:
        grid = _count(query)
        _keep(query, grid)
    elif time.monotonic() - grid.checked_at > FRESH_SECONDS:
        _refresh(query, grid)
    return grid


def _keep(query: ListQuery, grid: Grid) -> None:
    with _lock:
        _grids[query] = grid
        _grids.move_to_end(query)
        while len(_grids) > KEPT_GRIDS:
            _grids.popitem(last=False)


def _refresh(query: ListQuery, grid: Grid) -> None:
    with _lock:
        if query in _busy:
            return
        _busy.add(query)
    threading.Thread(target=_refresh_now, args=(query, grid), name="clusters", daemon=True).start()


def _refresh_now(query: ListQuery, grid: Grid) -> None:
    try:
        if _pulse() == grid.pulse:
            grid.checked_at = time.monotonic()
        else:
            _keep(query, _count(query))
    finally:
        with _lock:
            _busy.discard(query)
        connections.close_all()  # a thread of its own has a connection of its own


def _pulse() -> str:
    """Changes with (nearly) every change; FRESH_SECONDS later the next look catches the rest."""
    with connection.cursor() as cursor:
        cursor.execute("select concat(max(changed_at), '/', max(id)) from reports_report")
        return str(cursor.fetchone()[0])


def _count(query: ListQuery) -> Grid:
    pulse = _pulse()
    condition, values = where(query)
    size = (1 << CLOSEST) * CELLS_PER_TILE
    x = f"(lon + 180) / 360 * {size}"
    y = f"(1 - asinh(tan(radians(lat))) / pi()) / 2 * {size}"
    with connection.cursor() as cursor:
        names = ("", *sorted(catalogue().categories))  # array_position counts from 1
        cursor.execute(
            _CELLS.format(x=x, y=y, shift=SHIFT, condition=condition), [list(names[1:]), list(STATUSES), *values]
        )
        finest = _level(cursor.fetchall())
    levels = {CLOSEST: finest}
    for level in range(CLOSEST - 1, FARTHEST - 1, -1):
        levels[level] = _coarser(levels[level + 1])
    return Grid(names, levels, pulse, time.monotonic())


def _level(rows: Iterable[tuple[Any, ...]]) -> Level:
    level = Level(array("q"), array("l"), array("d"), array("d"), array("q"))
    for key, count, lat, lon, sample in rows:
        level.keys.append(key)
        level.counts.append(count)
        level.lats.append(lat)
        level.lons.append(lon)
        level.samples.append(sample)
    return level


def _coarser(level: Level) -> Level:
    """Four cells become one."""
    sums: dict[int, list[Any]] = {}
    mask = (1 << SHIFT) - 1
    for place, key in enumerate(level.keys):
        parent = ((key >> SHIFT) >> 1 << SHIFT) + ((key & mask) >> 1)
        if (some := sums.get(parent)) is None:
            sums[parent] = [level.counts[place], level.lats[place], level.lons[place], level.samples[place]]
        else:
            some[0] += level.counts[place]
            some[1] += level.lats[place]
            some[2] += level.lons[place]
    return _level((key, *sums[key]) for key in sorted(sums))
