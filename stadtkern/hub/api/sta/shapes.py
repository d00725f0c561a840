"""geography'POINT (7.2 51.4)': well-known text, checked before any statement sees it (OGC 06-103r4, EWKT's SRID)."""

import re

from stadtkern.hub.api.sta.nodes import Shape
from stadtkern.hub.api.sta.syntax import Source

MOST_POINTS = 10_000
KINDS = {
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
}
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)


def shape(written: str, at: int, source: Source) -> Shape:
    """A shape in longitude and latitude (EPSG:4326). `at` is where the literal began."""
    srid = _SRID.match(written)
    if srid and srid[1] != "4326":
        raise source.problem(f"places are in EPSG:4326 (longitude latitude), not in {srid[1]}", at)
    wkt = written[srid.end() if srid else 0 :].strip()
    if fault := _fault(wkt):
        raise source.problem(fault, at)
    return Shape(wkt, at)


def _fault(wkt: str) -> str:
    """Why this is no usable shape; "" if it is one."""
    import shapely

    try:
        found = shapely.from_wkt(wkt)
    except (shapely.errors.ShapelyError, NotImplementedError, ValueError) as error:
        return f"this is no well-known text such as POINT (7.2 51.4): {str(error).strip()[:80]}"
    if found is None or found.geom_type not in KINDS or found.is_empty:
        return "a place is a point, line, area or a collection of them, and not empty"
    points = shapely.get_coordinates(found, include_z=found.has_z)
    if len(points) > MOST_POINTS:
        return f"a place has at most {MOST_POINTS} points"
    if not (abs(points) < float("inf")).all():
        return "a coordinate is not a finite number"
    if (abs(points[:, :2]) > (180, 90)).any():
        return "longitude is between -180 and 180, latitude between -90 and 90; longitude comes first"
    return "" if shapely.is_valid(found) else f"this shape is not valid: {shapely.is_valid_reason(found)[:80]}"
