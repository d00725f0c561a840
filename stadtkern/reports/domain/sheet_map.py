"""The small map of a work sheet: an SVG drawn from the pack's outlines and the gazetteer, without any network.

Left the whole city with its districts and the point, right the surroundings in metres: borders, places with names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import cos, radians
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from stadtkern.core.city import city
from stadtkern.places.domain.gazetteer import nearest
from stadtkern.places.domain.geometry import ground
from stadtkern.places.words import PlaceKind

WIDTH, HEIGHT = 900.0, 450.0
INSET = 300.0
METRES_PER_DEGREE = 111_320.0
MOST_NAMES = 9
ROW = 30.0
LETTER = 11.0
SCALE_M = 100
FONT = "Libertinus Serif"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where degrees fall on paper: `scale` drawing units per metre around a middle."""

    lat: float
    lon: float
    x: float
    y: float
    scale: float

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        east = (lon - self.lon) * METRES_PER_DEGREE * cos(radians(self.lat))
        north = (lat - self.lat) * METRES_PER_DEGREE
        return self.x + east * self.scale, self.y - north * self.scale


def small_map(lat: float, lon: float) -> str:
    """An SVG of 900 x 450 units; WGS84 degrees in, one unit is a metre in the right part."""
    near = Frame(lat, lon, INSET + (WIDTH - INSET) / 2, HEIGHT / 2, 1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="{FONT}">',
        f'<clipPath id="near"><rect x="{INSET:g}" y="0" width="{WIDTH - INSET:g}" height="{HEIGHT:g}"/></clipPath>',
        _inset(lat, lon),
        f'<g clip-path="url(#near)"><rect x="{INSET:g}" width="{WIDTH - INSET:g}" height="{HEIGHT:g}" fill="#f4f4f4"/>',
        *_borders(near),
        *_names(near),
        "</g>",
        _point(near.x, near.y, 11),
        _scale_bar(),
        "</svg>",
    ]
    return "".join(parts)


def places_near(lat: float, lon: float) -> list[str]:
    """The named places that the map shows, nearest first: the same as words."""
    near = Frame(lat, lon, 0, 0, 1.0)
    return [name for _x, _y, name in _shown(near, (WIDTH - INSET) / 2, HEIGHT / 2)]


def _inset(lat: float, lon: float) -> str:
    frame = _city_frame(city().folder)
    x, y = frame.place(lat, lon)
    return f"{_city(city().folder)}{_point(x, y, 9)}"


@lru_cache(maxsize=4)
def _city_frame(folder: Path) -> Frame:
    west, south, east, north = ground().boundary.bounds
    lat, lon = (south + north) / 2, (west + east) / 2
    wide = (east - west) * METRES_PER_DEGREE * cos(radians(lat))
    scale = min((INSET - 30) / wide, (HEIGHT - 30) / ((north - south) * METRES_PER_DEGREE))
    return Frame(lat, lon, (INSET - 10) / 2, HEIGHT / 2, scale)


@lru_cache(maxsize=4)
def _city(folder: Path) -> str:
    frame = _city_frame(folder)
    outlines = [district.shape.simplify(0.001) for district in ground().districts]
    return "".join(_path(frame, shape.boundary, width=1.5) for shape in outlines)


def _borders(frame: Frame) -> Iterator[str]:
    """Borders of districts that run through the surroundings."""
    window = _window(frame)
    for district in ground().districts:
        cut = district.shape.boundary.intersection(window)
        if not cut.is_empty:
            yield _path(frame, cut, width=3, dash="14 8")


def _window(frame: Frame) -> BaseGeometry:
    north = HEIGHT / METRES_PER_DEGREE
    east = (WIDTH - INSET) / METRES_PER_DEGREE / cos(radians(frame.lat))
    return shapely.box(frame.lon - east, frame.lat - north, frame.lon + east, frame.lat + north)


def _path(frame: Frame, lines: BaseGeometry, *, width: float, dash: str = "") -> str:
    runs = []
    for line in getattr(lines, "geoms", [lines]):
        points = [frame.place(lat, lon) for lon, lat, *_ in getattr(line, "coords", ())]
        if points:
            runs.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
    style = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{"".join(runs)}" fill="none" stroke="#555" stroke-width="{width:g}"{style}/>'


def _names(frame: Frame) -> Iterator[str]:
    for x, y, name in _shown(frame, (WIDTH - INSET) / 2, HEIGHT / 2):
        reaches_out = x + len(name) * LETTER > frame.x + (WIDTH - INSET) / 2
        anchor, step = ("end", -9) if reaches_out else ("start", 9)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#555"/>'
        yield f'<text x="{x + step:.1f}" y="{y + 7:.1f}" font-size="21" text-anchor="{anchor}">{escape(name)}</text>'


def _shown(frame: Frame, half_wide: float, half_high: float) -> list[tuple[float, float, str]]:
    """Nearest places first; whoever would stand on another's line is left out."""
    shown: list[tuple[float, float, str]] = []
    for name, lat, lon in _named(frame.lat, frame.lon):
        x, y = frame.place(lat, lon)
        inside = abs(x - frame.x) < half_wide - 20 and ROW < abs(y - frame.y) < half_high - 20
        if inside and all(abs(y - other) >= ROW for _x, other, _name in shown):
            shown.append((x, y, name))
    return shown[:MOST_NAMES]


def _named(lat: float, lon: float) -> Iterable[tuple[str, float, float]]:
    found = {hit.name or hit.label: hit for _m, hit in reversed(nearest(lat, lon, limit=60))}
    hits = [hit for hit in reversed(found.values()) if hit.kind != PlaceKind.ADDRESS]
    return [((hit.name or hit.label)[:40], hit.lat, hit.lon) for hit in hits]


def _point(x: float, y: float, size: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="#fff" stroke="#000" stroke-width="4"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size / 3:g}"/>'
    )


def _scale_bar() -> str:
    x, y = INSET + 16, HEIGHT - 16
    return (
        f'<path d="M{x:g} {y - 8:g}v8h{SCALE_M}v-8" fill="none" stroke="#000" stroke-width="2.5"/>'
        f'<text x="{x + SCALE_M + 8:g}" y="{y + 1:g}" font-size="19">{SCALE_M} m</text>'
    )
