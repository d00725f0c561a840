"""Lists of persons and organisations, each with its price in queries."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from stadtkern.core.paging import Page, keyset
from stadtkern.people.domain.belonging import held, not_ended
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import Reach

PER_PAGE = 50
ORDER = ("email", "pk")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which persons a list shows."""

    text: str = ""
    organisation: int | None = None
    role: str = ""
    state: str = "active"


def staff(wish: Wish, *, reach: Reach, citizens_too: bool = False, after: str | None = None) -> Page[Person]:
    """Persons with a membership inside the reach that has not ended, with all their memberships: two queries.

    `citizens_too`: an exact address also finds an account without membership.
    """
    inside = Membership.objects.filter(not_ended(), reach.q("organisation"), person=OuterRef("pk"))
    if wish.organisation:
        inside = inside.filter(organisation_id=wish.organisation)
    if wish.role:
        inside = inside.filter(role=wish.role)
    found = Person.objects.filter(_shown(wish, Exists(inside), citizens_too)).filter(_state(wish.state))
    if wish.text:
        found = found.filter(Q(name__icontains=wish.text) | Q(email__icontains=wish.text))
    return keyset(with_memberships(found), order=ORDER, after=after, limit=PER_PAGE)


def _shown(wish: Wish, belongs: Exists, citizens_too: bool) -> Q:
    if citizens_too and "@" in wish.text and not (wish.organisation or wish.role):
        return Q(belongs) | Q(email__iexact=wish.text)
    return Q(belongs)


def _state(state: str) -> Q:
    return {"active": Q(is_active=True), "inactive": Q(is_active=False)}.get(state, Q())


def with_memberships(people: QuerySet[Person]) -> QuerySet[Person]:
    rows = Membership.objects.select_related("organisation").order_by("-home", "pk")
    return people.prefetch_related(Prefetch("memberships", queryset=rows))


@dataclass(frozen=True)
class Branch:
    """An organisation in the tree: how deep it stands and how many people belong to it today."""

    organisation: Organisation
    depth: int
    people: int


def tree() -> list[Branch]:
    """All organisations, each below its house: one query."""
    today = Count("memberships__person", filter=held("memberships__"), distinct=True)
    rows = list(Organisation.objects.select_related("parent").annotate(people=today).order_by("kind", "name"))
    below: dict[int | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    return list(_walk(below, None, 0))


def _walk(below: dict[int | None, list[Any]], parent: int | None, depth: int) -> Iterator[Branch]:
    for row in below.get(parent, []):
        yield Branch(row, depth, row.people)
        yield from _walk(below, row.pk, depth + 1)
