"""Two open registers: what can be reported and who is in charge, and the reasons of a "no"."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.core.languages import pick
from stadtkern.people.models import Organisation
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.figures import kept_times
from stadtkern.reports.domain.times import EVERYBODY, span_for
from stadtkern.reports.models import Category
from stadtkern.reports.web import wording
from stadtkern.reports.web.frame import page

SECTION = "/meldungen/"
LONGEST = 80


def categories(request: HttpRequest) -> HttpResponse:
    """Every kind of matter: whose it is, how long it takes, closed ones with reason and referral."""
    book = catalogue()
    search = request.GET.get("suche", "").strip()[:LONGEST]
    shows = {"groups": _groups(book, search), "search": search}
    return _page(request, "categories", _("Was Sie melden können"), shows)


def _groups(book: Catalogue, search: str) -> list[dict[str, Any]]:
    made = []
    for group in book.groups.values():
        some = [category for category in book.of_group(group.key) if _is_told(category) and fits(category, search)]
        if some:
            made.append(
                {
                    "group": group,
                    "icon": wording.group_icon(group.icon),
                    "entries": [_entry(category, book) for category in some],
                }
            )
    return made


def _is_told(category: Category) -> bool:
    return category.is_active or bool(category.closed_reason)


def fits(category: Category, search: str) -> bool:
    """Every word of the search occurs in the names, the hints or the keywords."""
    text = " ".join([*category.name.values(), *category.hint.values(), *category.keywords]).lower()
    return all(word in text for word in search.lower().replace("·", "").split())


def _entry(category: Category, book: Catalogue) -> dict[str, Any]:
    houses = {house.key: house for house in book.organisations.values()}
    return {
        "category": category,
        "name": pick(category.name),
        "hint": pick(category.hint),
        "owner": book.organisations[category.owner_id],
        "span": span_for(category.key, EVERYBODY, kept_times()),
        "reason": pick(category.closed_reason),
        "referral": [_referral(houses[key]) for key in category.referral if key in houses],
    }


def _referral(house: Organisation) -> dict[str, str]:
    return {
        "name": house.name,
        "phone": house.phone,
        "url": house.url,
        "email": house.email,
        "about": pick(house.about),
    }


def reasons(request: HttpRequest) -> HttpResponse:
    """Why a matter can end with a "no", searchable."""
    search = request.GET.get("suche", "").strip()[:LONGEST]
    some = [reason for reason in catalogue().reasons.values() if _reason_fits(reason.public, search)]
    told = [
        {"key": reason.key, "words": wording.reason_words(reason.key, None), "counts_as": reason.counts_as}
        for reason in some
    ]
    return _page(request, "reasons", _("Wenn etwas nicht geht: die Gründe"), {"reasons": told, "search": search})


def _reason_fits(words: dict[str, str], search: str) -> bool:
    text = pick(words).lower()
    return all(word in text for word in search.lower().split())


def _page(request: HttpRequest, name: str, title: str, shows: dict[str, Any]) -> HttpResponse:
    shows |= {"title": title, "language": get_language()}
    slots = {
        "title": title,
        "head": render_to_string("reports/_plain_head.html", shows | {"lead": f"reports/_{name}_lead.html"}),
        "body": render_to_string(f"reports/_{name}_body.html", shows),
    }
    return page(request, slots, section=SECTION)
