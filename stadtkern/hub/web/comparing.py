"""Up to four stations beside each other, for one quantity over one period."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core import clock
from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.course import Course, Span, course, daily_of, end_of
from stadtkern.hub.domain.stations.listing import Station, stations_by_id
from stadtkern.hub.domain.stations.measured import measured
from stadtkern.hub.domain.stations.series import Series, series_by_id, series_of_properties
from stadtkern.hub.domain.store.port import Bucket
from stadtkern.hub.web import wording
from stadtkern.hub.web.cards import where
from stadtkern.hub.web.drawings import SPANS, comparison_of, span_words, words_of
from stadtkern.hub.web.reading import note, reader_for
from stadtkern.hub.web.thing import chosen_span

MOST = 4
MOST_OFFERED = 200
MOST_DAYS = 31
Named = list[tuple[str, Series, Course]]


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """?groesse=…&reihe=…&reihe=…&zeitraum=…; without stations a form to choose them."""
    reader, span = reader_for(request), chosen_span(request)
    quantity = _quantity(request)
    offered = _offered(quantity, reader)
    chosen = _chosen(request, reader)
    named = _named(chosen, span, reader)
    note(request, reader, chosen, rows=sum(len(drawn.points) for _name, _one, drawn in named))
    shows = {
        "quantity": quantity,
        "quantities": [(one.key, wording.name_of_choice(one)) for one in measured()],
        "offered": [(one.id, label, one.id in {c.id for c in chosen}) for one, label in offered],
        "spans": [(one, span_words(one)) for one in SPANS],
        "span": span,
        "most": MOST,
    } | (_shown(named, reader) if named else {})
    return render(request, "hub/compare.html", shows)


def _quantity(request: HttpRequest) -> str:
    asked = request.GET.get("groesse", "")
    known = [one.key for one in measured()]
    if asked and asked not in known:
        raise BadQuery(_("Diese Messgröße gibt es nicht."))
    return asked or next(iter(known), "")


def _offered(quantity: str, reader: Reader) -> list[tuple[Series, str]]:
    """Series of the quantity with the names of their stations, by name."""
    ids = next((one.property_ids for one in measured() if one.key == quantity), ())
    series = [one for one in series_of_properties(ids, reader=reader) if one.number is not None]
    stations = stations_by_id([one.thing_id for one in series], reader=reader)
    labelled = [(one, _label(stations[one.thing_id])) for one in series if one.thing_id in stations]
    return sorted(labelled, key=lambda pair: (pair[1], pair[0].id))[:MOST_OFFERED]


def _label(station: Station) -> str:
    parts = [station.name or f"{wording.kind_name(station)} {station.id}", where(station)]
    return ", ".join(part for part in parts if part) + (f" ({_('Simulation')})" if station.is_simulated else "")


def _chosen(request: HttpRequest, reader: Reader) -> list[Series]:
    """Raises BadQuery for more than MOST, for numbers that are none, and for different units."""
    asked = list(dict.fromkeys(request.GET.getlist("reihe")))
    if len(asked) > MOST:
        raise BadQuery(_("Bitte wählen Sie höchstens vier Messstellen."))
    if any(not text.isdigit() or int(text) >= 2**63 for text in asked):
        raise BadQuery(_("Diese Messreihe gibt es nicht."))
    found = series_by_id([int(text) for text in asked], reader=reader)
    chosen = [found[int(text)] for text in asked if int(text) in found]
    if len({wording.unit_of(one) for one in chosen}) > 1:
        raise BadQuery(_("Diese Messreihen haben verschiedene Einheiten und passen nicht in ein Bild."))
    return chosen


def _named(chosen: Sequence[Series], span: Span, reader: Reader) -> Named:
    """Each with a name of its own: two stations of one name get their number."""
    stations = stations_by_id([one.thing_id for one in chosen], reader=reader)
    names = [stations[one.thing_id].name if one.thing_id in stations else one.name for one in chosen]
    own = [name if names.count(name) == 1 else f"{name} ({one.id})" for name, one in zip(names, chosen, strict=True)]
    until = end_of(chosen, span)
    return [(name, one, course(one, span, reader=reader, until=until)) for name, one in zip(own, chosen, strict=True)]


def _shown(named: Named, reader: Reader) -> dict[str, Any]:
    first, drawn = named[0][1], named[0][2]
    return {
        "title": wording.name_of(first),
        "chart": comparison_of(named),
        "words": [f"{name}: {words_of(one, part)}" for name, one, part in named],
        "table": _table(named, drawn, reader),
        "figures": [(name, *_figures(one, part), f"/daten/messwerte/{one.thing_id}/") for name, one, part in named],
    }


def _figures(series: Series, drawn: Course) -> list[str]:
    """Mean, lowest and highest of the whole period."""
    if not drawn.points:
        return ["–", "–", "–"]
    mean = sum(point.value for point in drawn.points) / len(drawn.points)
    low, high = drawn.lowest, drawn.highest
    return [wording.with_unit(value, series) for value in (mean, low[0] if low else mean, high[0] if high else mean)]


def _table(named: Named, drawn: Course, reader: Reader) -> dict[str, Any]:
    """One row a day: mean (lowest to highest) of each station; at most the last thirty-one days."""
    end = clock.local(drawn.until).date() + timedelta(days=1)
    since = max(clock.local(drawn.since).date(), end - timedelta(days=MOST_DAYS))
    buckets = {
        (id, bucket.start): bucket for id, bucket in daily_of([one.id for _n, one, _c in named], since, end, reader)
    }
    days = sorted({start for _id, start in buckets}, reverse=True)
    rows = [
        [wording.day_words(day), *(_cell(one, buckets.get((one.id, day))) for _n, one, _c in named)] for day in days
    ]
    unit = wording.unit_of(named[0][1])
    return {
        "caption": _("Tageswerte: im Mittel, in Klammern am niedrigsten und am höchsten"),
        "head": [_("Tag"), *(f"{name} ({unit})" if unit else name for name, _one, _c in named)],
        "rows": rows,
        "numbers": " ".join(str(place) for place in range(2, len(named) + 2)),
    }


def _cell(series: Series, bucket: Bucket | None) -> str:
    if bucket is None or bucket.mean is None or bucket.minimum is None or bucket.maximum is None:
        return "–"
    decimals = wording.decimals_of(series)
    mean, low, high = (wording.number(value, decimals) for value in (bucket.mean, bucket.minimum, bucket.maximum))
    return f"{mean} ({low} – {high})"
