"""A city pack's organisations, and the cast of its demo."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from stadtkern.core.city import CityPack
from stadtkern.people.domain import cast
from stadtkern.people.models import Organisation
from stadtkern.people.words import OrganisationKind

FILE = "organisations.toml"
FACTS = ("name", "short", "kind", "email", "phone", "url")

House = Mapping[str, Any]


@transaction.atomic
def load(pack: CityPack, demo: bool) -> str:
    """Bring the tables to what the pack says. What is gone from the pack is switched off, never deleted."""
    houses = pack.read(FILE).get("organisation", [])
    check(houses)
    Organisation.objects.filter(takes_rest=True).update(takes_rest=False)
    gone = Organisation.objects.exclude(key__in=[house["key"] for house in houses]).update(is_active=False)
    _write(houses)
    told = f"{len(houses)} organisations, {gone} switched off"
    if demo:
        told += f", {cast.load(pack)} people of the demo"
    return told


def check(houses: Sequence[House]) -> None:
    """Raise ImproperlyConfigured with one sentence for the first mistake in organisations.toml."""
    keys = [house.get("key", "") for house in houses]
    for house in houses:
        key = house.get("key", "")
        if not key or keys.count(key) > 1:
            raise _mistake(key, "every organisation needs a key of its own")
        if house.get("kind") not in OrganisationKind.values:
            raise _mistake(key, f"kind is one of {', '.join(OrganisationKind.values)}")
        if not house.get("name"):
            raise _mistake(key, "the name is missing")
        if _is_its_own_ancestor(key, houses):
            raise _mistake(key, "it stands below itself")
        if (parent := house.get("parent")) and parent not in keys:
            raise _mistake(key, f"the parent {parent!r} is not in the file")
    if sum(1 for house in houses if house.get("takes_rest")) > 1:
        raise _mistake("takes_rest", "only one organisation may get what no rule catches")


def _is_its_own_ancestor(key: str, houses: Sequence[House]) -> bool:
    parents = {house.get("key"): house.get("parent") for house in houses}
    seen, above = {key}, parents.get(key)
    while above and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return bool(above)


def _mistake(key: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{FILE}: {key!r}: {reason}")


def _write(houses: Sequence[House]) -> None:
    """Rows first, then who stands below whom: a parent may come later in the file."""
    rows = {house["key"]: _row(house) for house in houses}
    for house in houses:
        row = rows[house["key"]]
        parent = rows.get(house.get("parent", ""))
        if (row.parent_id, row.takes_rest) != (parent and parent.pk, bool(house.get("takes_rest"))):
            row.parent, row.takes_rest = parent, bool(house.get("takes_rest"))
            row.save(update_fields=["parent", "takes_rest"])


def _row(house: House) -> Organisation:
    facts = {name: house.get(name, "") for name in FACTS}
    facts["short"] = facts["short"] or facts["name"][:60]
    facts |= {"about": dict(house.get("about", {})), "unit_member": bool(house.get("unit_member")), "is_active": True}
    return Organisation.objects.update_or_create(key=house["key"], defaults=facts)[0]
