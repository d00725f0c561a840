"""Atom feeds (RFC 4287) of anything: a builder that knows no module."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from django.http import HttpResponse

ATOM = "http://www.w3.org/2005/Atom"
GEORSS = "http://www.georss.org/georss"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
FORBIDDEN = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}
register_namespace("", ATOM)
register_namespace("georss", GEORSS)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry. The id is a permanent IRI; text is plain; `at` the last change; place is (lat, lon) in WGS84."""

    id: str
    title: str
    url: str
    at: datetime
    text: str = ""
    published: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


def atom(
    *,
    id: str,
    title: str,
    url: str,
    feed_url: str,
    author: str,
    items: Sequence[Item],
    since: datetime,
    language: str = "de",
    subtitle: str = "",
) -> HttpResponse:
    """A whole feed as a response. `since` is its time of change while it has no entry."""
    root = Element(_(ATOM, "feed"), {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _add(root, "id", id)
    _add(root, "title", title)
    if subtitle:
        _add(root, "subtitle", subtitle)
    _add(root, "updated", _moment(max((item.at for item in items), default=since)))
    _add(SubElement(root, _(ATOM, "author")), "name", author)
    SubElement(root, _(ATOM, "link"), {"rel": "self", "type": "application/atom+xml", "href": feed_url})
    SubElement(root, _(ATOM, "link"), {"rel": "alternate", "type": "text/html", "href": url})
    for item in items:
        _entry(root, item)
    xml = tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(xml, content_type=CONTENT_TYPE)


def _entry(root: Element, item: Item) -> None:
    entry = SubElement(root, _(ATOM, "entry"))
    _add(entry, "id", item.id)
    _add(entry, "title", item.title)
    _add(entry, "updated", _moment(item.at))
    if item.published:
        _add(entry, "published", _moment(item.published))
    SubElement(entry, _(ATOM, "link"), {"rel": "alternate", "href": item.url})
    if item.author:
        _add(SubElement(entry, _(ATOM, "author")), "name", item.author)
    for term in item.categories:
        SubElement(entry, _(ATOM, "category"), {"term": _clean(term)})
    _add(entry, "content", item.text).set("type", "text")
    if item.place:
        SubElement(entry, _(GEORSS, "point")).text = f"{item.place[0]} {item.place[1]}"


def _add(parent: Element, tag: str, text: str) -> Element:
    element = SubElement(parent, _(ATOM, tag))
    element.text = _clean(text)
    return element


def _clean(text: str) -> str:
    """Without the characters XML 1.0 cannot hold."""
    return str(text).translate(FORBIDDEN)


def _moment(at: datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _(space: str, name: str) -> str:
    return f"{{{space}}}{name}"
