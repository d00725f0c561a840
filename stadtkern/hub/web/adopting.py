"""Adopting a tree, saying that it was watered, giving it up: plain forms, without an account."""

from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput, NotAllowed, TooMany
from stadtkern.core.web.client_address import client_address
from stadtkern.hub.domain import caring
from stadtkern.hub.domain.caring import adopted_by, care_of, line_of_care
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.listing import Station, list_stations, stations_by_id
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.domain.vocabulary import vocabulary
from stadtkern.hub.web import on_site
from stadtkern.hub.web.cards import where
from stadtkern.hub.web.reading import reader_for
from stadtkern.hub.web.thing import station_or_404
from stadtkern.threads.web.parts import contact_of, contact_or_new, person_of

MOST_PER_HOUR = 30
MOST_SHOWN = 60


@require_safe
def trees(request: HttpRequest) -> HttpResponse:
    """My trees, and those that still need somebody."""
    reader = reader_for(request)
    mine = adopted_by(contact_of(request))
    known = stations_by_id(mine, reader=reader)
    others = [one for one in _adoptable(reader) if one.id not in known]
    care = care_of([*known, *(one.id for one in others)])
    shows = {
        "mine": [_tree(known[id], care[id]) for id in mine if id in known],
        "others": [_tree(one, care[one.id]) for one in others],
        "is_person": person_of(request) is not None,
    }
    response = render(request, "hub/caring.html", shows)
    response["Cache-Control"] = "private, no-store"
    return response


def _adoptable(reader: Reader) -> list[Station]:
    kinds = [kind for kind in vocabulary().kinds.values() if kind.is_cared_for]
    pages = [list_stations(StationQuery(kind=kind.key), reader=reader, limit=MOST_SHOWN) for kind in kinds]
    return [one for page in pages for one in page.items if line_of_care(one)]


def _tree(station: Station, care: caring.Care) -> dict[str, object]:
    return on_site.line_of(station) | {"carers": care.carers, "watered_at": care.watered_at, "where": where(station)}


@require_POST
def adopt(request: HttpRequest, thing_id: int) -> HttpResponse:
    """This browser (or account) is told from now on; an address by mail goes the way of every follow."""
    _spend(request)
    station = station_or_404(thing_id, reader_for(request))
    try:
        with transaction.atomic():
            caring.adopt(contact_or_new(request), station)
    except BadInput as problem:
        return on_site.draw(request, thing_id, problem=str(problem), status=422)
    messages.success(request, _("Danke! Sie sind jetzt Patin oder Pate. Wir sagen Ihnen, wenn der Baum Durst hat."))
    return redirect("hub:on-site-station", thing_id)


@require_POST
def watered(request: HttpRequest, thing_id: int) -> HttpResponse:
    """ "Ich habe gegossen" """
    _spend(request)
    station_or_404(thing_id, reader_for(request))
    try:
        caring.water(contact_of(request), thing_id)
    except TooMany as problem:
        messages.info(request, str(problem))
    except NotAllowed as problem:
        return on_site.draw(request, thing_id, problem=str(problem), status=403)
    else:
        messages.success(request, _("Danke fürs Gießen! In den nächsten Stunden sehen Sie im Bild, was es bewirkt."))
    return redirect("hub:on-site-station", thing_id)


@require_POST
def give_up(request: HttpRequest, thing_id: int) -> HttpResponse:
    contact = contact_of(request)
    if contact is not None and caring.give_up(contact, thing_id):
        messages.success(request, _("Ihre Patenschaft ist beendet. Danke, dass Sie sich gekümmert haben."))
    return redirect("hub:on-site-station", thing_id)


def _spend(request: HttpRequest) -> None:
    spend("hub.caring", client_address(request), most=MOST_PER_HOUR, per=timedelta(hours=1))
