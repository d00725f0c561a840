"""Tags of the pages to sign in."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings

from stadtkern.core.city import city
from stadtkern.people.domain import cast
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import all_memberships
from stadtkern.people.words import Role

register = template.Library()


@register.simple_tag
def demo_cast() -> list[Mapping[str, Any]]:
    """The people of the demo with role and house in words; nobody outside demo mode."""
    people = cast.of(city()) if settings.DEMO else []
    houses = dict(Organisation.objects.values_list("key", "short")) if people else {}
    roles = {role.value: role.label for role in Role}
    return [
        {
            **member,
            "role": roles.get(member.get("role", ""), ""),
            "house": houses.get(member.get("organisation", ""), ""),
        }
        for member in people
    ]


@register.filter
def must_prove(person: Any) -> bool:
    """A member of staff whose session still lacks its second factor."""
    return isinstance(person, Person) and getattr(person, "held_back", False) and bool(all_memberships(person))


@register.filter
def is_member(person: Any) -> bool:
    return isinstance(person, Person) and bool(all_memberships(person))
