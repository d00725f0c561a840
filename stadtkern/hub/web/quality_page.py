"""How good the data is, said openly: what is missing, what was found, what is silent."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.health import DAYS, Health, health_page, totals
from stadtkern.hub.domain.stations.listing import Station, stations_by_id
from stadtkern.hub.domain.stations.series import Freshness
from stadtkern.hub.web import wording
from stadtkern.hub.web.reading import note, reader_for
from stadtkern.hub.words import Flag

MOST_PAGES = 400


@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Per datastream the last thirty days; silent feeds stand first."""
    reader, number = reader_for(request), _page(request)
    rows, has_more = health_page(number, reader=reader)
    note(request, reader, [row.series for row in rows], rows=len(rows))
    shows = {
        "days": DAYS,
        "tiles": _tiles(reader),
        "rows": _rows(rows, reader),
        "page": number,
        "before": number - 1,
        "next": number + 1 if has_more and number < MOST_PAGES else 0,
    }
    return render(request, "hub/quality.html", shows)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("seite", "1")
    if not text.isdigit() or not 1 <= int(text[:6]) <= MOST_PAGES:
        raise BadQuery(_("Diese Seite gibt es nicht."))
    return int(text)


def _tiles(reader: Reader) -> list[dict[str, Any]]:
    all_of = totals(reader=reader)
    share = round(100 * all_of.working / all_of.expected) if all_of.expected else None
    return [
        {"value": _count(all_of.datastreams), "label": _("Messreihen"), "part": None},
        {"value": _count(all_of.working), "label": _("melden sich wie erwartet"), "part": share},
        {"value": _count(all_of.silent + all_of.empty), "label": _("melden sich nicht"), "part": None},
        {"value": _count(all_of.past), "label": _("mit Werten von früher"), "part": None},
        {"value": _count(all_of.values), "label": _("Messwerte insgesamt"), "part": None},
    ]


def _count(number: int) -> str:
    return str(number_format(number, use_l10n=True, force_grouping=True))


def _rows(rows: list[Health], reader: Reader) -> list[dict[str, Any]]:
    stations = stations_by_id([row.series.thing_id for row in rows], reader=reader)
    return [_row(row, stations.get(row.series.thing_id)) for row in rows]


def _row(row: Health, station: Station | None) -> dict[str, Any]:
    state = row.series.freshness()
    share = None if row.share is None or state is Freshness.PAST else round(100 * row.share)
    return {
        "name": wording.name_of(row.series),
        "station": station.name if station else row.series.name,
        "is_simulated": row.series.is_simulated,
        "url": f"{reverse('hub:station', args=[row.series.thing_id])}?reihe={row.series.id}&zeitraum=monat#verlauf",
        "state": wording.state_badge(state),
        "since": "" if state is Freshness.WORKING else _silent(row),
        "share": share,
        "is_past": state is Freshness.PAST,
        "tone": _tone(share),
        "received": _count(row.received),
        "findings": [(_words(flag), _count(count)) for flag, count in row.findings.items()],
    }


def _silent(row: Health) -> str:
    if row.series.start is None:
        return _("noch nie ein Wert")
    return _("letzter Wert %(age)s") % {"age": wording.age_of(row.series)}


def _tone(share: int | None) -> str:
    if share is None:
        return "none"
    return "good" if share >= 95 else "warn" if share >= 70 else "bad"


def _words(flag: Flag) -> str:
    return _("unbrauchbar") if flag is Flag.BAD else str(wording.FINDINGS[flag])
