"""The first page: the report button, what is near, what every module puts there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core.parts import HomeCard, home_cards
from stadtkern.core.web import linked_data

MORNING_ENDS, EVENING_BEGINS = 11, 18


@dataclass(frozen=True)
class Tile:
    """A card and what it shows."""

    key: str
    template: str
    shows: Mapping[str, Any]


def home(request: HttpRequest) -> HttpResponse:
    address = request.GET.get("adresse", "").strip()
    return render(
        request,
        "portal/home.html",
        {
            "greeting": greeting(timezone.localtime().hour),
            "tiles": tiles(request),
            "address": address,
            "linked": linked_data.block(*linked_data.house()),
        },
    )


def tiles(request: HttpRequest) -> list[Tile]:
    """Every module's card that has something to say, in their order."""
    cards: list[HomeCard] = sorted(home_cards, key=lambda card: (card.order, card.key))
    filled = ((card, card.context(request)) for card in cards)
    return [Tile(card.key, card.template, shows) for card, shows in filled if shows is not None]


def greeting(hour: int) -> str:
    if hour < MORNING_ENDS:
        return _("Guten Morgen")
    return _("Guten Abend") if hour >= EVENING_BEGINS else _("Guten Tag")
