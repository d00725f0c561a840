"""The cast of the demo: invented people of the pack's demo.toml, who may sign in with one tap in demo mode."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ImproperlyConfigured

from stadtkern.core.city import CityPack
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.words import Role

FILE = "demo.toml"


def of(pack: CityPack) -> list[Mapping[str, Any]]:
    """The people of the pack's demo, in the order of the file."""
    return list(pack.read(FILE).get("person", []))


def load(pack: CityPack) -> int:
    """Write the cast. Nobody gets a password: the demo's buttons need none, and none can be left behind."""
    houses = {house.key: house for house in Organisation.objects.all()}
    people = of(pack)
    for member in people:
        _write(member, houses)
    return len(people)


def _write(member: Mapping[str, Any], houses: Mapping[str, Organisation]) -> None:
    person = _person(member)
    role = member.get("role", "")
    if not role:
        return
    if role not in Role.values:
        raise ImproperlyConfigured(f"{FILE}: {member['key']!r}: role is one of {', '.join(Role.values)}")
    share = int(member.get("share", 100))
    home = _house(member, "home", houses) if member.get("home") else None
    seconded = home is not None and home.key != member.get("organisation")
    _join(person, _house(member, "organisation", houses), role, home=not seconded, share=share)
    if home and seconded:
        _join(person, home, Role.MEMBER, home=True, share=100 - share)


def _person(member: Mapping[str, Any]) -> Person:
    email = member["email"].lower()
    person = Person.objects.filter(email__iexact=email).first() or Person.objects.create_user(email)
    person.name, person.language = member.get("name", ""), member.get("language", "de")
    person.save(update_fields=["name", "language"])
    EmailAddress.objects.get_or_create(user=person, email=email, defaults={"verified": True, "primary": True})
    return person


def _house(member: Mapping[str, Any], field: str, houses: Mapping[str, Organisation]) -> Organisation:
    if house := houses.get(member.get(field, "")):
        return house
    raise ImproperlyConfigured(f"{FILE}: {member['key']!r}: {field} {member.get(field)!r} is not in organisations.toml")


def _join(person: Person, house: Organisation, role: str, *, home: bool, share: int) -> None:
    wanted = {"home": home, "share": share}
    Membership.objects.update_or_create(person=person, organisation=house, role=role, defaults=wanted)
