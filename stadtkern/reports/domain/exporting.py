"""Exports: reports as CSV, GeoJSON or Parquet, without personal data: no contact, no message, the public text only."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from stadtkern.core import parquet
from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.outcomes import outcome_of
from stadtkern.reports.models import Report
from stadtkern.reports.words import Visibility

Row = dict[str, Any]
CHUNK = 2_000
NUMBERS = {"id": "integer", "support_count": "integer", "lat": "number", "lon": "number"}
MOMENTS = dict.fromkeys(("filed_at", "due_at", "closed_at"), "datetime")
COLUMNS: dict[str, str] = {
    "id": "number of the report",
    "kind": "defect, idea or praise",
    "category": "key of the category (Open311 service_code)",
    "category_name": "German name of the category",
    "status": "received, checked, assigned, in_work, waiting, done, rejected, reopened",
    "reason": "reason of a no",
    "outcome": "done, referral (somebody else is in charge), duplicate or declined; empty while it is open",
    "organisation": "who owns the report",
    "district": "key of the district",
    "address": "address or description of the place",
    "lat": "latitude, degrees, EPSG:4326",
    "lon": "longitude, degrees, EPSG:4326",
    "filed_at": "when it was filed, UTC",
    "due_at": "due, UTC",
    "closed_at": "when it was closed, UTC",
    "support_count": "how many said me too",
    "text": "public text; empty when it is not public",
}
FIELDS = (
    "pk", "kind", "category_id", "status", "reason_id", "owner_id", "district", "address", "lat", "lon",
    "filed_at", "due_at", "closed_at", "support_count", "text", "public_text", "visibility",
)  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": parquet.MEDIA_TYPE,
}


def rows(reports: QuerySet[Report]) -> Iterator[Row]:
    """Plain rows in the order of COLUMNS, read in chunks."""
    book = catalogue()
    names = {key: pick(category.name, "de") for key, category in book.categories.items()}
    for row in reports.order_by("pk").values(*FIELDS).iterator(chunk_size=CHUNK):
        public = row["visibility"] == Visibility.PUBLIC
        yield {
            "id": row["pk"],
            "kind": row["kind"],
            "category": row["category_id"],
            "category_name": names[row["category_id"]],
            "status": row["status"],
            "reason": row["reason_id"] or "",
            "outcome": outcome_of(row["status"], book.reasons.get(row["reason_id"])),
            "organisation": book.organisations[row["owner_id"]].key,
            "district": row["district"],
            "address": row["address"],
            "lat": row["lat"],
            "lon": row["lon"],
            "filed_at": row["filed_at"],
            "due_at": row["due_at"],
            "closed_at": row["closed_at"],
            "support_count": row["support_count"],
            "text": (row["public_text"] or row["text"]) if public else "",
        }


def as_csv(found: Iterator[Row]) -> Iterator[bytes]:
    """UTF-8 with byte order mark (spreadsheets), comma, ISO 8601 times; formulas are defused."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, row in enumerate(found, start=1):
        writer.writerow([_cell(value) for value in row.values()])
        if number % CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _cell(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value:
        return f"'{value}"
    return value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def as_geojson(found: Iterator[Row]) -> Iterator[bytes]:
    """RFC 7946; reports without a place have a null geometry."""
    yield b'{"type":"FeatureCollection","features":['
    for number, row in enumerate(found):
        point = None if row["lat"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        properties = {name: _plain(value) for name, value in row.items() if name not in {"lat", "lon"}}
        feature = {"type": "Feature", "id": row["id"], "geometry": point, "properties": properties}
        yield (b"," if number else b"") + json.dumps(feature, ensure_ascii=False).encode()
    yield b"]}"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def as_parquet(found: Iterator[Row]) -> Iterator[bytes]:
    """Typed columns, cells as they are: what reads Parquet runs no formulas."""
    return parquet.as_parquet(found, dict.fromkeys(COLUMNS, "string") | NUMBERS | MOMENTS)


WRITERS = {"csv": as_csv, "geojson": as_geojson, "parquet": as_parquet}


def public_reports() -> QuerySet[Report]:
    """What may be open data."""
    return Report.objects.filter(visibility=Visibility.PUBLIC)
