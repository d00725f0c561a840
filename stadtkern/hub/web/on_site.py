"""What measured values mean, place by place, in plain words; and trees that can be adopted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core import clock
from stadtkern.core.languages import pick
from stadtkern.core.problems import NotFound
from stadtkern.hub.domain.advice.saying import Said, Voice, has_advice, notes_of, question_of, say
from stadtkern.hub.domain.caring import care_of, is_carer, line_of_care, waterings_of
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.course import Span, course
from stadtkern.hub.domain.stations.listing import Station, list_stations
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.domain.stations.series import Freshness
from stadtkern.hub.domain.stations.usual import usual_now
from stadtkern.hub.domain.vocabulary import Kind, vocabulary
from stadtkern.hub.web import wording
from stadtkern.hub.web.cards import where
from stadtkern.hub.web.drawings import chart_of, words_of
from stadtkern.hub.web.questions import in_words
from stadtkern.hub.web.reading import note_stations, reader_for
from stadtkern.hub.web.thing import station_or_404, usual_words
from stadtkern.threads.web.parts import contact_of, person_of

MOST_OF_A_KIND = 60
TONES = {"good": "check-circle", "info": "info", "warn": "warning", "bad": "error"}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every place with advice, by kind."""
    reader = reader_for(request)
    groups = [(kind, _of_kind(kind, reader)) for kind in vocabulary().kinds.values()]
    note_stations(request, reader, [one for _kind, stations in groups for one in stations])
    shown = [
        {
            "key": kind.key,
            "title": pick(kind.words_of_many),
            "icon": kind.icon,
            "places": [line_of(one) for one in some],
        }
        for kind, some in groups
        if some
    ]
    return render(request, "hub/on_site.html", {"groups": shown})


def _of_kind(kind: Kind, reader: Reader) -> list[Station]:
    found = list_stations(StationQuery(kind=kind.key), reader=reader, limit=MOST_OF_A_KIND)
    return [one for one in found.items if has_advice(one)]


def line_of(station: Station) -> dict[str, Any]:
    """The first thing that is said, in one line."""
    lines = [spoken_line(one) for one in say(station)]
    first = next((line for line in lines if line["value"]), lines[0])
    return {
        "url": reverse("hub:on-site-station", args=[station.id]),
        "title": station.name,
        "where": where(station),
        "value": first["value"],
        "unit": first["unit"],
        "age": first["age"] if first["speaks"] else "",
        "verdict": first["verdict"],
        "text": first["text"],
        "tone": first["tone"],
        "icon": first["icon"],
        "is_simulated": station.is_simulated,
    }


@require_safe
def show(request: HttpRequest, thing_id: int) -> HttpResponse:
    return draw(request, thing_id)


def draw(request: HttpRequest, thing_id: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of one place; `problem` is what a form was refused for."""
    reader = reader_for(request)
    found = station_or_404(thing_id, reader)
    said = say(found)
    if not said:
        raise NotFound(_("Zu dieser Messstelle können wir nichts raten."))
    note_stations(request, reader, [found])
    usual = usual_now([one.series.id for one in said])
    lines = [spoken_line(one) | {"usual": usual_words(one.series, usual.get(one.series.id))} for one in said]
    shows = {
        "station": found,
        "title": in_words(question_of(found), found) or found.name,
        "kind": wording.kind_name(found),
        "where": where(found),
        "lines": lines,
        "notes": [(pick(one.words), one) for one in notes_of(found)],
        "care": _care(request, found, reader) if line_of_care(found) else None,
        "problem": problem,
    }
    response = render(request, "hub/on_site_station.html", shows, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def spoken_line(said: Said) -> dict[str, Any]:
    """The value, what it means, and how old and how good it is; nothing is said of a value that is too old."""
    series, step = said.series, said.step
    speaks = said.voice in {Voice.SPOKEN, Voice.RESTING}
    return {
        "name": wording.name_of(series),
        "icon": TONES[step.tone] if step else "clock" if not speaks else "info",
        "sign": wording.icon_of(series),
        "tone": step.tone if step else "info" if speaks else "calm",
        "value": wording.value_of(series) if speaks else "",
        "unit": wording.unit_of(series),
        "age": wording.age_of(series),
        "verdict": wording.verdict_badge(series.verdict),
        "text": _text(said),
        "source": step.source if step else "",
        "source_url": step.source_url if step else "",
        "speaks": speaks,
    }


def _text(said: Said) -> str:
    if said.step is not None:
        return pick(said.step.words)
    if said.voice is Voice.RESTING:
        return pick(said.line.resting)
    if said.voice is Voice.BAD:
        return _("Der letzte Wert kann nicht stimmen. Darum sagen wir dazu nichts.")
    return wording.silent_words(said.series)


def _care(request: HttpRequest, found: Station, reader: Reader) -> dict[str, Any]:
    contact = contact_of(request)
    line = line_of_care(found)
    series = found.of(line.quantity) if line else None
    drawn = course(series, Span.MONTH, reader=reader) if series else None
    watered = waterings_of(found.id, since=clock.now() - Span.MONTH.length)
    care = care_of([found.id])[found.id]
    return {
        "is_mine": is_carer(contact, found.id),
        "is_person": person_of(request) is not None,
        "carers": care.carers,
        "watered_at": care.watered_at,
        "count": len(watered),
        "chart": chart_of(series, drawn, watered) if series and drawn else None,
        "words": words_of(series, drawn) if series and drawn else "",
        "has_gaps": bool(drawn and drawn.gaps),
        "is_silent": series is not None and series.freshness() is not Freshness.WORKING,
    }
