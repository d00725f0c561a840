"""All public reports as a list and as a map, with the same filters."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadQuery
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain import clusters, lexicon
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.clusters import Box, Mark
from stadtkern.reports.domain.queries import LONGEST_SEARCH, ListQuery, Rows, count_up_to, list_reports, list_stamp
from stadtkern.reports.web import linked, wording
from stadtkern.reports.web.cards import cards
from stadtkern.reports.web.forms import FilterForm
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.web.frame import Slots, page, to_keep

SECTION = "/meldungen/"
COUNTED_UP_TO = 10_000
COUNT_SECONDS = 60
CLOCK_SECONDS = 60
TRACKING = ("utm_", "fbclid", "gclid", "_")  # what other sites hang on to an address; nothing of ours
_pages: Shelf[Slots] = Shelf(200)
_heads: Shelf[dict[str, str]] = Shelf(300)
_counts: Shelf[int] = Shelf(300)


@dataclass(frozen=True)
class View:
    """One of the two ways to look at the same reports."""

    key: str
    url_name: str
    label: Any
    icon: str


def query_of(request: HttpRequest, *also: str) -> ListQuery:
    """The filter in the page's address; what other sites hung on to it is dropped."""
    given = {name: value for name, value in request.GET.items() if not name.startswith(TRACKING)}
    return ListQuery.parse(given, also=also)


def index(request: HttpRequest) -> HttpResponse:
    """The newest reports that fit, twenty a page."""
    query = query_of(request)
    minute = int(time.time()) // CLOCK_SECONDS  # "vor 5 Minuten" moves on
    key = (query, counted(query), get_language(), minute, list_stamp(query))
    drawn = _pages.get(key, lambda: to_keep(_draw(query, list_reports(query))))
    return page(request, drawn, stamp=str(drawn["stamp"]), section=SECTION)


def _draw(query: ListQuery, rows: Rows) -> dict[str, str]:
    """A whole page of the list; `stamp` is different for every two that differ."""
    meant, note = _meant(query, rows)
    if meant != query:
        query, rows = meant, list_reports(meant)
    parts = _frame_of(query, "list")
    body = parts["above"] + note + _list(query, rows, cards(rows.items)) + parts["below"]
    return parts | {"body": body, "stamp": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}


def _meant(query: ListQuery, rows: Rows) -> tuple[ListQuery, str]:
    """When nothing was found: the question in better spelling, if that finds something, and a word about it."""
    if rows.items or not query.text or query.after:
        return query, ""
    better = replace(query, text=lexicon.correct(query.text))
    if not better.text or len(better.text) > LONGEST_SEARCH or not count_up_to(better, 1):
        return query, ""
    return better, render_to_string("reports/_list_meant.html", {"asked": query.text, "meant": better.text})


def on_map(request: HttpRequest) -> HttpResponse:
    """The same as a map; its text way is the list."""
    query = query_of(request).first_page()
    parts = _frame_of(query, "map")
    return page(request, parts | {"body": parts["above"]}, stamp=f"map{query}{parts['count']}", section=SECTION)


def _list(query: ListQuery, rows: Rows, shown: str) -> str:
    return render_to_string(
        "reports/_list.html",
        {
            "cards": shown,
            "next": rows.next,
            "address": query.address(),
            "is_first": query.after is None,
            "query": query,
        },
    )


def _frame_of(query: ListQuery, way: str) -> dict[str, str]:
    """Everything around the rows: it depends on the filter and the language alone."""
    count = counted(query)
    key = (query.first_page(), way, count, get_language())
    return _heads.get(key, lambda: _draw_frame(query.first_page(), way, count))


def _draw_frame(query: ListQuery, way: str, count: int) -> dict[str, str]:
    shows = {
        "city": city(),
        "query": query,
        "way": way,
        "title": title_of(query),
        "count": count_words(count),
        "form": FilterForm(initial=_initial(query)),
        "address": query.address(),
        "states": _state_chips(query),
        "follow": _follow(query),
        "feed": f"{reverse('reports:feed')}?{query.address()}".rstrip("?"),
        "geojson": f"{reverse('reports:geojson')}?{query.address()}".rstrip("?"),
        "map_data": f"{reverse('reports:clusters')}?bbox={{bbox}}&zoom={{zoom}}&{query.address()}".rstrip("&"),
        "list_url": f"{reverse('reports:list')}?{query.address()}".rstrip("?"),
        "map_url": f"{reverse('reports:map')}?{query.address()}".rstrip("?"),
    }
    return {
        "title": shows["title"] if way == "list" else _("Karte: %(title)s") % {"title": shows["title"]},
        "description": shows["count"],
        "count": shows["count"],
        "links": render_to_string("reports/_list_links.html", shows)
        + linked.of_list(str(shows["title"]), str(shows[f"{way}_url"])),
        "head": render_to_string("reports/_list_head.html", shows),
        "above": render_to_string(f"reports/_{way}_above.html", shows),
        "below": render_to_string("reports/_list_below.html", shows) if way == "list" else "",
    }


def _follow(query: ListQuery) -> str:
    """The wish to hear of what is reported in this kind, group or district, as parameters; "" for other choices."""
    chosen = [(topic, value) for topic in ("category", "group", "district") if (value := getattr(query, topic))]
    if not chosen or query.text:
        return ""
    topic, value = chosen[0]
    label = district_names().get(value, value) if topic == "district" else title_of(query)
    back = f"{reverse('reports:list')}?{query.address()}"
    return urlencode({"topic": topic, "value": value, "label": label, "pace": "weekly", "next": back})


def _initial(query: ListQuery) -> dict[str, str]:
    return {
        "suche": query.text,
        "gruppe": query.group,
        "kategorie": query.category,
        "art": query.kind,
        "status": query.state,
        "bezirk": query.district,
        "grund": query.reason,
    }


def _state_chips(query: ListQuery) -> list[dict[str, Any]]:
    choices = (("", _("Alle")), ("offen", _("Offen")), ("done", _("Erledigt")), ("rejected", _("Abgelehnt")))
    return [
        {"label": label, "address": query.address(state=value), "on": query.state == value} for value, label in choices
    ]


def title_of(query: ListQuery) -> str:
    """What the list is of, in words."""
    book = catalogue()
    if query.category:
        return wording.category_name(query.category)
    if query.group:
        return pick(book.groups[query.group].name)
    if query.reason:
        sentence = wording.reason_words(query.reason, None).partition(".")[0]
        return _("Nein, denn: %(reason)s") % {"reason": sentence}
    return {"idea": _("Ideen"), "praise": _("Lob")}.get(query.kind, _("Meldungen"))


def counted(query: ListQuery) -> int:
    """How many fit, at most a minute old, counted up to COUNTED_UP_TO."""
    key = (query.first_page(), int(time.time()) // COUNT_SECONDS)
    return _counts.get(key, lambda: count_up_to(query, COUNTED_UP_TO + 1))


def _grouped(count: int) -> str:
    return str(number_format(count, use_l10n=True, force_grouping=True))


def count_words(count: int) -> str:
    if count > COUNTED_UP_TO:
        return _("Mehr als 10 000 Meldungen")
    return ngettext("%(count)s Meldung", "%(count)s Meldungen", count) % {"count": _grouped(count)}


def map_data(request: HttpRequest) -> HttpResponse:
    """Clusters and single reports of a view of the map, as GeoJSON."""
    query = query_of(request, "bbox", "zoom").first_page()
    found = clusters.marks(query, box=_box(request.GET.get("bbox", "")), zoom=_zoom(request.GET.get("zoom", "")))
    text = '{"type":"FeatureCollection","features":[' + ",".join(_features(found)) + "]}"
    response = HttpResponse(text, content_type="application/geo+json")
    response["Cache-Control"] = f"private, max-age={int(clusters.FRESH_SECONDS)}"
    return response


def _features(found: list[Mark]) -> Iterator[str]:
    names = {}
    for mark in found:
        if mark.count > 1:
            words = f'"point_count":{mark.count}'
        else:
            key = (mark.category, mark.status)
            if key not in names:
                names[key] = _words_of(*key)
            words = f'{names[key]},"id":{mark.id},"url":"{SECTION}{mark.id}/"'
        yield (
            f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{mark.lon:.6f},{mark.lat:.6f}]}},'
            f'"properties":{{{words}}}}}'
        )


def _words_of(category: str, status: str) -> str:
    badge = wording.badge(status)
    words = {
        "title": wording.category_name(category),
        "state": badge["label"],
        "tone": badge["tone"],
        "icon": wording.category_icon(category),
    }
    return json.dumps(words, ensure_ascii=False)[1:-1]


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQuery(_("bbox braucht vier Zahlen: Westen, Süden, Osten, Norden.")) from error
    return west, south, east, north


def _zoom(text: str) -> float:
    try:
        zoom = float(text or "12")
    except ValueError as error:
        raise BadQuery(_("zoom braucht eine Zahl von 0 bis 24.")) from error
    if not 0 <= zoom <= 24:
        raise BadQuery(_("zoom braucht eine Zahl von 0 bis 24."))
    return zoom


def district_choices() -> list[tuple[str, str]]:
    return sorted(district_names().items(), key=lambda pair: pair[1])
