"""Rights: which role may do what, how far. One table, made of the rows each module adds.

A person's reach of an action is a set of organisations: those of the memberships whose role allows it,
and everything below them. Queries take the reach as a filter; nothing is filtered in a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stadtkern.core import quick
from stadtkern.core.problems import NotAllowed
from stadtkern.core.registry import Registry
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.words import Role, Scope


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something staff may do. Roles that are not in the row may not do it."""

    key: str
    label: Any
    row: Mapping[Role, Scope]


actions: Registry[Action] = Registry("actions")


@dataclass(frozen=True)
class Reach:
    """The organisations in which a person may do an action."""

    all: bool
    organisations: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.all or bool(self.organisations)

    def covers(self, organisation_id: int | None) -> bool:
        return self.all or organisation_id in self.organisations

    def q(self, field: str) -> Q:
        """A filter for the organisation column `field` of a query."""
        return Q() if self.all else Q(**{f"{field}__in": self.organisations})


NOWHERE = Reach(all=False)


def reach(person: Person | Any, action: str) -> Reach:
    """How far this person may do the action; the memberships are read once per person object."""
    row = actions[action].row
    if not isinstance(person, Person) or not person.is_active:
        return NOWHERE
    mine = [(m, row.get(Role(m.role), Scope.NONE)) for m in memberships(person)]
    if any(scope == Scope.ALL for _m, scope in mine):
        return Reach(all=True)
    own = {m.organisation_id for m, scope in mine if scope == Scope.OWN}
    return Reach(all=False, organisations=_with_all_below(own, person)) if own else NOWHERE


def may(person: Person | Any, action: str, organisation_id: int | None = None) -> bool:
    """May this person do the action (in this organisation, or anywhere when none is named)?"""
    mine = reach(person, action)
    return bool(mine) if organisation_id is None else mine.covers(organisation_id)


def require(person: Person | Any, action: str, organisation_id: int | None = None) -> None:
    if not may(person, action, organisation_id):
        raise NotAllowed(_("Ihre Rolle erlaubt das nicht: %(action)s") % {"action": actions[action].label})


def memberships(person: Person, on: date | None = None) -> list[Membership]:
    """The memberships that hold today, as far as they count in this session.

    Without its second factor a staff session is a citizen's: `person.held_back` is set and nothing is held.
    """
    return [] if getattr(person, "held_back", False) else all_memberships(person, on)


def all_memberships(person: Person, on: date | None = None) -> list[Membership]:
    """The memberships that hold today; read once per person object."""
    held: list[Membership] | None = getattr(person, "_memberships", None)
    if held is None:
        held = quick.find(Membership, "person_id", person.pk)
        person._memberships = held  # type: ignore[attr-defined]
    day = on or timezone.localdate()
    return [m for m in held if (not m.since or m.since <= day) and (not m.until or m.until >= day)]


def is_staff(person: Person | Any) -> bool:
    return isinstance(person, Person) and person.is_active and bool(memberships(person))


def _with_all_below(ids: set[int], person: Person) -> frozenset[int]:
    """The organisations and all their descendants; the tree is small and read once per person object."""
    parents: dict[int, int | None] | None = getattr(person, "_tree", None)
    if parents is None:
        parents = dict(Organisation.objects.values_list("pk", "parent_id"))
        person._tree = parents  # type: ignore[attr-defined]
    found = set(ids)
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)
