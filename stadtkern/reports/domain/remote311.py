"""Another city's Open311 server, seen from here: what it offers, what it says, what it takes.

Servers in the wild differ: JSON may be wrapped, numbers may be texts, a list of one may be an object, some speak
only XML. All of that ends here; behind this file there are only plain values.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

SECONDS = 15.0
MOST_BYTES = 20_000_000
FORMATS = ("json", "xml")
# The server itself is well; it will say the same tomorrow.
FINAL = {400, 401, 403, 404, 405, 410, 413, 415, 422}


class Unreachable(Exception):
    """The server does not answer, or not sensibly: trying again may help."""


class SaysNo(Exception):
    """The server understood and refused; trying again will not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteService:
    code: str
    name: str
    group: str
    has_questions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRequest:
    """A request as the other server tells it; what it does not tell is empty."""

    id: str
    is_closed: bool
    status_notes: str
    service_code: str
    service_name: str
    description: str
    requested: datetime | None
    updated: datetime | None
    address: str
    lat: float | None
    lon: float | None
    media_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a server gives for a new request: its number, or a token that will lead to it."""

    id: str = ""
    token: str = ""


class Server:
    """A GeoReport v2 endpoint. Settings may follow its address: `#jurisdiction_id=…&service_code=…`."""

    def __init__(self, address: str, *, api_key: str = "", jurisdiction: str = "") -> None:
        parts = urlsplit(address)
        chosen = dict(parse_qsl(parts.fragment))
        self.url = parts._replace(fragment="").geturl().rstrip("/")
        self.api_key = api_key
        self.jurisdiction = jurisdiction or chosen.get("jurisdiction_id", "")
        self.usual_service = chosen.get("service_code", "")
        self.format = FORMATS[0]

    def services(self) -> list[RemoteService]:
        rows = _rows(self._get("services"), "services", "service")
        return [
            RemoteService(
                code=_text(row, "service_code"),
                name=_text(row, "service_name"),
                group=_text(row, "group"),
                has_questions=_text(row, "metadata").lower() == "true",
            )
            for row in rows
            if _text(row, "service_code")
        ]

    def questions(self, code: str) -> list[Mapping[str, Any]]:
        """The attributes of a service: code, datatype, required, and the keys of its values."""
        told = self._get(f"services/{quote(code, safe='')}")
        found = told[0] if isinstance(told, list) and told else told
        found = found.get("service_definition", found) if isinstance(found, dict) else {}
        return [
            {
                "code": _text(row, "code"),
                "datatype": _text(row, "datatype"),
                "required": _text(row, "required").lower() == "true",
                "values": [_text(value, "key") for value in _rows(row.get("values"), "values", "value")],
            }
            for row in _rows(found.get("attributes"), "attributes", "attribute")
        ]

    def requests(self, **filters: str) -> list[RemoteRequest]:
        """One answer of GET requests; the standard gives at most 90 days or 1 000 rows."""
        rows = _rows(self._get("requests", **filters), "service_requests", "request")
        return [request_of(row) for row in rows if _text(row, "service_request_id")]

    def file(self, form: Mapping[str, Any], *, once: str) -> Posted:
        """POST requests. `once` goes along as Idempotency-Key, so a repeated call makes no second request."""
        told = self._ask("POST", "requests", form=self._with_key(form), headers={"Idempotency-Key": once})
        rows = _rows(told, "service_requests", "request")
        number, token = (_text(rows[0], name) for name in ("service_request_id", "token")) if rows else ("", "")
        if not number and not token:
            raise Unreachable("neither service_request_id nor token in the answer")
        return Posted(id=number, token="" if number else token)

    def resolve(self, token: str) -> str:
        """The number behind a token, or "" while there is none yet."""
        rows = _rows(self._get(f"tokens/{quote(token, safe='')}"), "service_requests", "request")
        return _text(rows[0], "service_request_id") if rows else ""

    def _headers(self) -> dict[str, str]:
        """Another Stadtkern lets us read what we sent there before it is public; others ignore the header."""
        return {"User-Agent": "Stadtkern"} | ({"X-Api-Key": self.api_key} if self.api_key else {})

    def _with_key(self, form: Mapping[str, Any]) -> dict[str, Any]:
        known = {"api_key": self.api_key, "jurisdiction_id": self.jurisdiction}
        return {name: value for name, value in (dict(form) | known).items() if value not in ("", None, [])}

    def _get(self, path: str, **params: str) -> Any:
        named = params | ({"jurisdiction_id": self.jurisdiction} if self.jurisdiction else {})
        try:
            return self._ask("GET", path, params=named)
        except (SaysNo, ValueError):
            if self.format == FORMATS[-1]:
                raise
            self.format = FORMATS[-1]
            return self._ask("GET", path, params=named)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        address = f"{self.url}/{path}.{self.format}"
        try:
            with (
                httpx.Client(timeout=SECONDS, headers=self._headers()) as client,
                client.stream(method, address, params=params, data=form, headers=headers) as answer,
            ):
                body = _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{type(error).__name__}: {path}") from error
        return _judged(answer, body, self.format)


def _bounded(answer: httpx.Response) -> bytes:
    body = b""
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unreachable(f"the answer is larger than {MOST_BYTES} bytes")
    return body


def _judged(answer: httpx.Response, body: bytes, form: str) -> Any:
    if answer.status_code in FINAL:
        raise SaysNo(f"{answer.status_code}: {_faults(body, form)}"[:300])
    if not answer.is_success:
        raise Unreachable(f"HTTP {answer.status_code}")
    try:
        return read(body, form)
    except ValueError as error:
        raise Unreachable(f"the answer is no {form.upper()}") from error


def _faults(body: bytes, form: str) -> str:
    """The descriptions of an error body, as far as it can be read."""
    try:
        rows = _rows(read(body, form), "errors", "error")
    except ValueError:
        return ""
    return "; ".join(_text(row, "description") for row in rows)


def read(body: bytes, form: str) -> Any:
    """JSON or XML as dicts, lists and texts; ValueError when it is neither."""
    if form == "json":
        return json.loads(body)
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError("not well-formed") from error
    return {root.tag: _plain(root)}


def _plain(element: Any) -> Any:
    """An element without children is its text; children of one name become a list."""
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        found.setdefault(child.tag, []).append(_plain(child))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _rows(told: Any, root: str, item: str) -> list[dict[str, Any]]:
    """The members of a list, however it is wrapped."""
    for name in (root, item, "requests"):
        if isinstance(told, dict) and name in told:
            told = told[name]
    if isinstance(told, dict):
        told = [told] if told else []
    rows = told if isinstance(told, Sequence) and not isinstance(told, str | bytes) else []
    return [row.get(item, row) if isinstance(row.get(item), dict) else row for row in rows if isinstance(row, dict)]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, dict | list):  # FixMyStreet gives agency_responsible so
        return ""
    return "" if value is None else str(value).strip()


def request_of(row: Mapping[str, Any]) -> RemoteRequest:
    lat, lon = _number(row, "lat"), _number(row, "long")
    is_point = lat is not None and lon is not None
    return RemoteRequest(
        id=_text(row, "service_request_id"),
        is_closed=_text(row, "status").lower() == "closed",
        status_notes=_text(row, "status_notes"),
        service_code=_text(row, "service_code"),
        service_name=_text(row, "service_name"),
        description=_text(row, "description"),
        requested=_moment(row, "requested_datetime"),
        updated=_moment(row, "updated_datetime"),
        address=_text(row, "address"),
        lat=lat if is_point else None,
        lon=lon if is_point else None,
        media_url=_text(row, "media_url"),
    )


def _number(row: Mapping[str, Any], name: str) -> float | None:
    try:
        return float(row.get(name) or "")
    except (TypeError, ValueError):
        return None


def _moment(row: Mapping[str, Any], name: str) -> datetime | None:
    """A moment; without a zone it is taken as UTC."""
    try:
        found = datetime.fromisoformat(_text(row, name))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
