"""Who is told: people, as far as each of them may read what it is about."""

from collections.abc import Collection, Iterable

from django.db.models import Q
from django.utils import timezone

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import actions
from stadtkern.people.words import Scope

SEEN = "select d.id from hub_datastream d where d.id = any(%(ids)s) and {sees}"
SEEN_THING = "select 1 from hub_thing t where t.id = %(id)s and {sees}"


def stewards_of(organisation_id: int | None) -> list[Person]:
    """Those who care for the data of an organisation, or of one above it; without any, those who care for all."""
    near = _people(Scope.OWN, _line(organisation_id))
    return near or _people(Scope.ALL, None)


def _people(scope: Scope, houses: Collection[int] | None) -> list[Person]:
    roles = [role for role, reach in actions[MANAGE].row.items() if reach == scope]
    today = timezone.localdate()
    holds = (Q(memberships__since=None) | Q(memberships__since__lte=today)) & (
        Q(memberships__until=None) | Q(memberships__until__gte=today)
    )
    where = Q() if houses is None else Q(memberships__organisation__in=houses)
    return list(
        Person.objects.filter(holds & where & Q(memberships__role__in=roles), is_active=True).distinct().order_by("pk")
    )


def _line(organisation_id: int | None) -> set[int]:
    """The organisation and all above it."""
    if organisation_id is None:
        return set()
    parents = dict(Organisation.objects.values_list("pk", "parent_id"))
    line: set[int] = set()
    above: int | None = organisation_id
    while above is not None and above not in line:
        line.add(above)
        above = parents.get(above)
    return line


def seen_by(person: Person, datastream_ids: Iterable[int]) -> set[int]:
    """Those of the datastreams this person may read now."""
    reader = reader_of(person)
    statement = SEEN.format(sees=reader.sees_datastream("d"))
    asked = {"ids": sorted(set(datastream_ids)), **reader.parameters}
    return {row[0] for row in cursor(here()).execute(statement, asked).fetchall()}


def sees_thing(person: Person, thing_id: int) -> bool:
    """Whether this person may read the thing now."""
    reader = reader_of(person)
    asked = {"id": thing_id, **reader.parameters}
    return cursor(here()).execute(SEEN_THING.format(sees=reader.sees_thing("t")), asked).fetchone() is not None
