"""The page of a station: what it measures now, what is usual, how it went, who answers for it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from stadtkern.core.problems import BadQuery, NotFound
from stadtkern.hub.domain.advice.saying import has_advice, question_of
from stadtkern.hub.domain.caring import waterings_of
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.course import Course, Span, course, end_of
from stadtkern.hub.domain.stations.listing import Station, station
from stadtkern.hub.domain.stations.series import Freshness, Series
from stadtkern.hub.domain.stations.usual import Usual, usual_now
from stadtkern.hub.web import wording
from stadtkern.hub.web.cards import freshness, reading, where
from stadtkern.hub.web.drawings import SPANS, chart_of, points_of, span_words, words_of
from stadtkern.hub.web.licences import licence_of
from stadtkern.hub.web.questions import in_words
from stadtkern.hub.web.reading import note, reader_for
from stadtkern.people.models import Organisation

NO_SUCH = gettext_lazy("Diese Messstelle gibt es nicht, oder sie ist nicht öffentlich.")


@require_safe
def show(request: HttpRequest, thing_id: int) -> HttpResponse:
    """The page; asked by a behaviour only the part that changes."""
    reader = reader_for(request)
    found = station_or_404(thing_id, reader)
    shows = _live(request, found, reader)
    note(request, reader, found.series, rows=len(found.series))
    part = bool(request.headers.get("HX-Request"))
    response = render(
        request, "hub/_station_live.html" if part else "hub/station.html", shows | ({} if part else _around(found))
    )
    response["Vary"] = "HX-Request"
    response["Cache-Control"] = "no-cache" if request.user.is_anonymous else "private, no-store"
    return response


def station_or_404(thing_id: int, reader: Reader) -> Station:
    found = station(thing_id, reader=reader)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def chosen_series(request: HttpRequest, found: Station) -> Series | None:
    """Of the address (?reihe=), else the first with numbers."""
    asked = request.GET.get("reihe", "")
    if asked:
        series = next((one for one in found.series if str(one.id) == asked), None)
        if series is None:
            raise NotFound(_("Diese Messreihe gibt es hier nicht."))
        return series
    numeric = [one for one in found.series if one.number is not None]
    return next(iter(numeric or found.series), None)


def chosen_span(request: HttpRequest) -> Span:
    asked = request.GET.get("zeitraum", Span.DAY)
    if asked not in set(Span):
        raise BadQuery(_("Diesen Zeitraum gibt es nicht."))
    return Span(asked)


def _live(request: HttpRequest, found: Station, reader: Reader) -> dict[str, Any]:
    series, span = chosen_series(request, found), chosen_span(request)
    usual = usual_now([one.id for one in found.series if one.number is not None])
    readings = [_reading(one, usual.get(one.id), series, span) for one in found.series]
    return {
        "station": found,
        "url": reverse("hub:station", args=[found.id]),
        "is_now": any(one["is_fresh"] for one in readings),
        "is_past": freshness(found.series) is Freshness.PAST,
        "readings": [one for one in readings if not one["is_aside"]],
        "aside": [one for one in readings if one["is_aside"]],
        "chosen": series,
        "course": _course(found, series, span, reader) if series else None,
    }


def _reading(series: Series, usual: Usual | None, chosen: Series | None, span: Span) -> dict[str, Any]:
    return reading(series) | {
        "usual": usual_words(series, usual),
        "address": f"?reihe={series.id}&zeitraum={span}#verlauf",
        "is_chosen": chosen is not None and series.id == chosen.id,
        "is_aside": series.quantity is None,
        "silent": "" if series.freshness() in {Freshness.WORKING, Freshness.PAST} else wording.silent_words(series),
    }


def usual_words(series: Series, usual: Usual | None) -> str:
    """ "Normal für diese Stunde: 12 bis 17 °C" """
    if usual is None:
        return ""
    decimals = wording.decimals_of(series)
    low, high = wording.number(usual.low, decimals), wording.with_unit(usual.high, series)
    if low == wording.number(usual.high, decimals):
        return _("Normal für diese Stunde: %(value)s") % {"value": high}
    return _("Normal für diese Stunde: %(low)s bis %(high)s") % {"low": low, "high": high}


def _course(found: Station, series: Series, span: Span, reader: Reader) -> dict[str, Any]:
    drawn = course(series, span, reader=reader, until=end_of([series], span))
    watered = waterings_of(found.id, since=drawn.since)
    address = f"reihe={series.id}&zeitraum={span}"
    return {
        "name": wording.name_of(series),
        "ended": wording.day_words(drawn.until) if drawn.is_past else "",
        "words": words_of(series, drawn),
        "chart": chart_of(series, drawn, watered),
        "points": points_of(series, drawn),
        "spans": [_chip(one, series, span) for one in SPANS],
        "table": table_of(series, drawn),
        "has_gaps": bool(drawn.gaps),
        "bad": len(drawn.bad),
        "cared": drawn.cared,
        "watered": watered,
        "files": [
            (form, f"{reverse('hub:station-values', args=[found.id, form])}?{address}") for form in ("csv", "json")
        ],
        "api": f"/sta/v1.1/Datastreams({series.id})",
    }


def _chip(span: Span, series: Series, now: Span) -> dict[str, Any]:
    return {"label": span_words(span), "address": f"?reihe={series.id}&zeitraum={span}#verlauf", "on": span is now}


def table_of(series: Series, drawn: Course) -> dict[str, Any]:
    """The values beside the drawing, by hour, day or month."""
    decimals, unit = wording.decimals_of(series), wording.unit_of(series)
    first = {Span.DAY: _("Stunde ab"), Span.YEAR: _("Monat ab")}.get(drawn.span, _("Tag"))
    rows = [
        [wording.moment_words(start) if drawn.span is Span.DAY else wording.day_words(start)]
        + [wording.number(value, decimals) for value in figures]
        for start, *figures in drawn.rows()
    ]
    columns = [_("im Mittel"), _("am niedrigsten"), _("am höchsten")]
    caption = _("%(name)s, %(span)s") % {"name": wording.name_of(series), "span": span_words(drawn.span)}
    head = [first, *(f"{column} ({unit})" if unit else column for column in columns)]
    return {"caption": caption, "head": head, "rows": rows[::-1], "numbers": "2 3 4"}


def _around(found: Station) -> dict[str, Any]:
    """What stands beside the values and changes rarely."""
    house = Organisation.objects.filter(pk=found.organisation_id).first() if found.organisation_id else None
    return {
        "title": found.name or wording.kind_name(found),
        "kind": wording.kind_name(found),
        "where": where(found),
        "state": wording.state_badge(freshness(found.series)),
        "house": house,
        "licence": licence_of(found),
        "question": in_words(question_of(found), found) if has_advice(found) else "",
        "compare": _compare(found),
        "api": f"/sta/v1.1/Things({found.id})",
        "precision": found.told.get("precision", "exact"),
    }


def _compare(found: Station) -> str:
    first = next((one for one in found.series if one.number is not None), None)
    if first is None:
        return ""
    key = first.quantity.key if first.quantity else str(first.property_id)
    return f"{reverse('hub:compare')}?groesse={key}&reihe={first.id}"
