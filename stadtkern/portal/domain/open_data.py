"""Rows of the modules' open datasets as CSV, JSON, GeoJSON and Parquet, one row at a time."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from stadtkern.core import parquet
from stadtkern.core.csv_cells import harmless
from stadtkern.core.parts import DatasetSource

Row = Mapping[str, Any]
PLACE = ("lat", "lon")


def has_places(source: DatasetSource) -> bool:
    """Datasets with columns lat and lon can be shown on a map."""
    return all(name in source.columns for name in PLACE)


def as_csv(source: DatasetSource) -> Iterator[str]:
    """UTF-8 with a mark, so that spreadsheets read umlauts; the first line names the columns."""
    yield "\ufeff" + _line(list(source.columns))
    for row in source.rows():
        yield _line([_cell(row.get(name)) for name in source.columns])


def as_json(source: DatasetSource) -> Iterator[str]:
    """A list of objects."""
    return _list_of((_plain(source, row) for row in source.rows()), before="[", after="]")


def as_geojson(source: DatasetSource) -> Iterator[str]:
    """Points in WGS84 (RFC 7946); a row without a place has no geometry."""
    before = '{"type":"FeatureCollection","features":['
    return _list_of((_feature(_plain(source, row)) for row in source.rows()), before=before, after="]}")


def as_parquet(source: DatasetSource) -> Iterator[bytes]:
    """Typed columns, for analysis of the whole; cells as they are, nothing is defused."""
    return parquet.as_parquet(source.rows(), source.columns)


FORMS: dict[str, tuple[str, Callable[[DatasetSource], Iterator[str] | Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
    "geojson": ("application/geo+json", as_geojson),
    "parquet": (parquet.MEDIA_TYPE, as_parquet),
}


def forms_of(source: DatasetSource) -> list[str]:
    return [form for form in FORMS if form != "geojson" or has_places(source)]


def _list_of(items: Iterator[dict[str, Any]], *, before: str, after: str) -> Iterator[str]:
    yield before
    comma = ""
    for item in items:
        yield comma + json.dumps(item, ensure_ascii=False, default=str)
        comma = ",\n"
    yield after


def _plain(source: DatasetSource, row: Row) -> dict[str, Any]:
    return {name: _moment(row.get(name)) for name in source.columns}


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    lat, lon = row.pop("lat"), row.pop("lon")
    place = {"type": "Point", "coordinates": [lon, lat]} if lat is not None and lon is not None else None
    return {"type": "Feature", "geometry": place, "properties": row}


def _moment(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _cell(value: Any) -> Any:
    value = _moment(value)
    return harmless(value) if isinstance(value, str) else value


def _line(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow(cells)
    return buffer.getvalue()
