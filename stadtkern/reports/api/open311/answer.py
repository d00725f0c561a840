"""How GeoReport v2 answers look, in XML and in JSON, from the same plain values.

An answer is a tree of dicts, lists and plain values. XML: every key an element, the members of a list named by
ITEMS. JSON: the "Spark" way, so a root that holds only a list becomes that list and an empty element becomes null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from stadtkern.reports.api.open311.errors import Fault
from stadtkern.reports.api.open311.grammar import NOT_XML

TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
MIME = ("text/xml", "application/json")
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "notes": "note",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
    "value": "item",
}
NEEDS_CARE = re.compile(f"[&<>{NOT_XML.pattern[1:]}")


class Request(NamedTuple):
    """A service request as everybody may see it. Moments are written in UTC, the place is WGS84."""

    id: int
    open: bool
    status_notes: str
    service_code: str
    service_name: str
    description: str
    agency: str
    notice: str
    requested: str
    updated: str
    expected: str | None
    address: str
    lat: float | None
    lon: float | None
    media_url: str
    more: Mapping[str, Any] | None = None


class Update(NamedTuple):
    """One public step or answer of a request."""

    id: int
    request_id: int
    open: bool
    status: str
    at: str
    description: str


def when(moment: datetime | None) -> str | None:
    """A moment as the standard wants it, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def requests(rows: Sequence[Request]) -> dict[str, Any]:
    return {"service_requests": [_request(row) for row in rows]}


def _request(row: Request) -> dict[str, Any]:
    shown = {
        "service_request_id": str(row.id),
        "status": "open" if row.open else "closed",
        "status_notes": row.status_notes or None,
        "service_name": row.service_name,
        "service_code": row.service_code,
        "description": row.description or None,
        "agency_responsible": row.agency or None,
        "service_notice": row.notice or None,
        "requested_datetime": row.requested,
        "updated_datetime": row.updated,
        "expected_datetime": row.expected,
        "address": row.address or None,
        "address_id": None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": row.media_url or None,
    }
    return shown if row.more is None else {**shown, **row.more}


def filed(number: int | None, token: str | None, notice: str) -> dict[str, Any]:
    """The answer to a new request: its number, or a token for it."""
    known: dict[str, Any] = {"token": token} if number is None else {"service_request_id": str(number)}
    return {"service_requests": [known | {"service_notice": notice or None, "account_id": None}]}


def resolved(number: int, token: str) -> dict[str, Any]:
    return {"service_requests": [{"service_request_id": str(number), "token": token}]}


def noted(update_id: int) -> dict[str, Any]:
    return {"service_request_updates": [{"update_id": str(update_id)}]}


def updates(rows: Sequence[Update]) -> dict[str, Any]:
    return {
        "service_request_updates": [
            {
                "update_id": str(row.id),
                "service_request_id": str(row.request_id),
                "status": "open" if row.open else "closed",
                "external_status_code": row.status or None,
                "updated_datetime": row.at,
                "description": row.description or None,
                "media_url": None,
            }
            for row in rows
        ]
    }


def errors(faults: Sequence[Fault]) -> dict[str, Any]:
    return {"errors": [{"code": fault.code, "description": fault.description} for fault in faults]}


def render(tree: Mapping[str, Any], form: str) -> bytes:
    """The bytes of an answer; the tree has one key, its root element. (Plain lists of requests: rows.render.)"""
    (root, value), *_none = tree.items()
    if form == "json":
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    out = [HEAD]
    _write(root, value, out)
    return "".join(out).encode("utf-8", "replace")


def _write(name: str, value: Any, out: list[str]) -> None:
    """Append one element; texts are escaped and lose what XML cannot carry."""
    if isinstance(value, str) and value:
        out.append(f"<{name}>{safe(value) if NEEDS_CARE.search(value) else value}</{name}>")
    elif value is None or value in ("", [], {}):
        out.append(f"<{name}/>")
    elif isinstance(value, bool):
        out.append(f"<{name}>{'true' if value else 'false'}</{name}>")
    elif isinstance(value, Mapping):
        out.append(f"<{name}>")
        for key, inner in value.items():
            _write(key, inner, out)
        out.append(f"</{name}>")
    elif isinstance(value, list | tuple):
        item = ITEMS[name]
        out.append(f"<{name}>")
        for inner in value:
            _write(item, inner, out)
        out.append(f"</{name}>")
    else:
        out.append(f"<{name}>{value}</{name}>")


def safe(text: str) -> str:
    """The text as the content of an element."""
    return escape(NOT_XML.sub("", text))
