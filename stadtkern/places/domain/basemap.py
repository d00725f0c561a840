"""The built-in base map: a MapLibre style drawn from the pack's own geometry, light or dark, without any tile.

With STADTKERN_TILES_URL the style shows those tiles instead (through our own proxy); STADTKERN_TILES_STYLE names a
style file that goes with vector tiles. Labels need no font server: MapLibre draws them with the page's fonts.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polylabel

from stadtkern.core.city import city
from stadtkern.places.domain import geometry, tiles
from stadtkern.places.words import Precision

FONT = ["Fira Sans", "Noto Sans Arabic", "sans-serif"]
# Colours a pack may leave out.
PLAIN = {
    "light": {"ground": "#eef1f4", "city": "#ffffff", "district_line": "#9db4ca", "boundary": "#00549f",
              "label": "#1d3a56", "label_halo": "#ffffff", "place": "#00549f"},
    "dark": {"ground": "#0d1620", "city": "#16222f", "district_line": "#4a6785", "boundary": "#7ab8ff",
             "label": "#dbe9f6", "label_halo": "#0d1620", "place": "#7ab8ff"},
}  # fmt: skip
Json = dict[str, Any]


def style(theme: str, *, tiles_url: str) -> Json:
    """The style for "light" or "dark". `tiles_url` is our proxy's address with {z}/{x}/{y}."""
    if settings.TILES_STYLE:
        return _given_style(Path(settings.TILES_STYLE), tiles_url)
    paint = colours(theme)
    pictures = tiles.has_pictures()
    base = _tile_layers(tiles_url) if pictures else _ground_layers(paint)
    sources = dict(_sources(city().folder)) | (_tile_source(tiles_url) if pictures else {})
    return {"version": 8, "name": f"{city().name} ({theme})", "sources": sources,
            "layers": base + _line_layers(paint) + ([] if pictures else _label_layers(paint))}  # fmt: skip


def colours(theme: str) -> dict[str, str]:
    theme = theme if theme in PLAIN else "light"
    own: dict[str, str] = city().read("basemap.toml").get(theme, {})
    return PLAIN[theme] | own


@lru_cache(maxsize=4)
def _sources(folder: Path) -> Json:
    """The pack's outlines and labels; worked out once per process."""
    note = _attribution(folder / "boundary.geojson")
    districts = [_feature(outline.geometry, name=outline.name) for outline in geometry.ground().districts]
    boundary = shapely.geometry.mapping(geometry.ground().boundary)
    return {
        "districts": _geojson(districts, note),
        "boundary": _geojson([_feature(boundary, name=city().name)], note),
        "labels": _geojson(_labels(), ""),
    }


def _labels() -> list[Json]:
    """District names in their middle; streets and places from the pack's gazetteer, the large before the small."""
    features = [_point(*_middle(outline.shape), name=outline.name, rank=0) for outline in geometry.ground().districts]
    for row in city().read("gazetteer.toml").get("place", []):
        rank = 2 if row.get("precision") == Precision.STREET else 1
        features.append(_point(row["lon"], row["lat"], name=row["name"], rank=rank))
    return features


def _ground_layers(paint: dict[str, str]) -> list[Json]:
    return [
        {"id": "ground", "type": "background", "paint": {"background-color": paint["ground"]}},
        {"id": "city", "type": "fill", "source": "boundary", "paint": {"fill-color": paint["city"]}},
    ]


def _line_layers(paint: dict[str, str]) -> list[Json]:
    return [
        _line("districts", "districts", paint["district_line"], 1.2),
        _line("boundary", "boundary", paint["boundary"], 2.4),
    ]


def _label_layers(paint: dict[str, str]) -> list[Json]:
    dots = {"circle-radius": 3.5, "circle-color": paint["place"], "circle-opacity": 0.75}
    return [
        {"id": "place-dots", "type": "circle", "source": "labels", "minzoom": 12.5,
         "filter": ["==", ["get", "rank"], 1], "paint": dots},
        _names("street-names", 2, 13.5, 12, paint),
        _names("place-names", 1, 12.5, 13, paint),
        _names("district-names", 0, 9, 17, paint),
    ]  # fmt: skip


def _names(key: str, rank: int, least_zoom: float, size: int, paint: dict[str, str]) -> Json:
    return {
        "id": key, "type": "symbol", "source": "labels", "minzoom": least_zoom, "filter": ["==", ["get", "rank"], rank],
        "layout": {"text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-max-width": 9,
                   "text-offset": [0, 0.9 if rank == 1 else 0], "text-anchor": "top" if rank == 1 else "center"},
        "paint": {"text-color": paint["label"], "text-halo-color": paint["label_halo"], "text-halo-width": 1.6},
    }  # fmt: skip


def _line(key: str, source: str, colour: str, width: float) -> Json:
    paint: Json = {"line-color": colour, "line-width": width}
    return {"id": f"{key}-line", "type": "line", "source": source, "layout": {"line-join": "round"}, "paint": paint}


def _tile_source(tiles_url: str) -> Json:
    return {"tiles": {"type": "raster", "tiles": [tiles_url], "tileSize": 256, "attribution": tiles.attribution()}}


def _tile_layers(tiles_url: str) -> list[Json]:
    return [{"id": "tiles", "type": "raster", "source": "tiles"}]


def _given_style(path: Path, tiles_url: str) -> Json:
    """An operator's style file: every tile source in it is led through our proxy."""
    given: Json = json.loads(path.read_text(encoding="utf-8"))
    for source in given.get("sources", {}).values():
        if source.get("type") in {"vector", "raster"}:
            source.pop("url", None)
            source["tiles"] = [tiles_url]
    return given


def _middle(area: BaseGeometry) -> tuple[float, float]:
    point = polylabel(max(_parts(area), key=lambda part: part.area), tolerance=0.0005)
    return round(point.x, 5), round(point.y, 5)


def _parts(area: BaseGeometry) -> list[Polygon]:
    return [part for part in getattr(area, "geoms", [area]) if isinstance(part, Polygon)]


def _attribution(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8")).get("attribution", ""))


def _geojson(features: list[Json], attribution: str) -> Json:
    source: Json = {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}
    return source | {"attribution": attribution} if attribution else source


def _feature(shape: Json, **properties: Any) -> Json:
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _point(lon: float, lat: float, **properties: Any) -> Json:
    return _feature({"type": "Point", "coordinates": [lon, lat]}, **properties)
