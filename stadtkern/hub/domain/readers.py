"""Who reads or writes, and the condition in SQL that every statement joins in.

A statement names things `t` and datastreams `d` (or any alias) and takes the parameters of the reader once:
`select ... from hub_datastream d where {reader.sees_datastream("d")}` with `reader.parameters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stadtkern.core.models import ApiKey
from stadtkern.hub.rights import MANAGE, MANAGE_SCOPE, READ, READ_SCOPE, WRITE_SCOPE
from stadtkern.people.models import Organisation
from stadtkern.people.rights import reach

_HELD = """exists (select 1 from hub_contract c where {subject}
    and (c.until is null or c.until > now()){write}
    and (c.person_id = %(reader_person)s or c.organisation_id = any(%(reader_houses)s)
         or c.key_prefix = %(reader_key)s))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who asks: nobody in particular, a person, or a machine with an API key.

    `houses`: organisations whose data is read as their own; `manages`: those whose things may be changed, and so are
    seen; `adds_to`: those to whose datastreams values may be added; `writes`: may add values where a contract lets it.
    """

    everything: bool = False
    person_id: int | None = None
    key_prefix: str = ""
    houses: frozenset[int] = frozenset()
    manages: frozenset[int] = frozenset()
    manages_all: bool = False
    adds_to: frozenset[int] = frozenset()
    adds_to_all: bool = False
    writes: bool = False

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {
            "reader_person": self.person_id,
            "reader_houses": sorted(self.houses),
            "reader_key": self.key_prefix or None,
            "reader_manages": sorted(self.manages),
            "reader_adds_to": sorted(self.adds_to),
        }

    @property
    def is_anonymous(self) -> bool:
        return not (self.person_id or self.key_prefix or self.everything)

    def sees_thing(self, alias: str = "t") -> str:
        return self._sees(alias, f"c.thing_id = {alias}.id")

    def sees_datastream(self, alias: str = "d") -> str:
        return self._sees(alias, f"(c.datastream_id = {alias}.id or c.thing_id = {alias}.thing_id)")

    def sees_owned(self, alias: str) -> str:
        """Locations, sensors, features: by visibility and organisation alone."""
        return self._sees(alias, "")

    def writes_datastream(self, alias: str = "d") -> str:
        """May add observations: to its organisations' datastreams, and where a contract lets it."""
        if self.adds_to_all:
            return "true"
        if not self.writes or self.is_anonymous:
            return "false"
        held = _HELD.format(
            subject=f"(c.datastream_id = {alias}.id or c.thing_id = {alias}.thing_id)", write=" and c.may_write"
        )
        return f"({alias}.organisation_id = any(%(reader_adds_to)s) or {held})"

    def manages_owned(self, alias: str) -> str:
        """May change or delete the entity itself."""
        if self.manages_all:
            return "true"
        return f"{alias}.organisation_id = any(%(reader_manages)s)" if self.manages else "false"

    def _sees(self, alias: str, subject: str) -> str:
        if self.everything or self.manages_all:
            return "true"
        public = f"{alias}.visibility = 'public'"
        if self.is_anonymous:
            return public
        own = f"({alias}.visibility = 'organisation' and {alias}.organisation_id = any(%(reader_houses)s))"
        owner = f"{alias}.organisation_id = any(%(reader_manages)s)"
        held = f" or {_HELD.format(subject=subject, write='')}" if subject else ""
        return f"({public} or {own} or {owner}{held})"


ANYBODY = Reader()
EVERYTHING = Reader(everything=True, manages_all=True, adds_to_all=True, writes=True)


def reader_of(person: Any) -> Reader:
    """A signed-in person (or an anonymous user), with the reach of the memberships held now."""
    sees, manages = reach(person, READ), reach(person, MANAGE)
    if not getattr(person, "is_authenticated", False):
        return ANYBODY
    return Reader(
        everything=sees.all,
        person_id=person.pk,
        houses=sees.organisations,
        manages=manages.organisations,
        manages_all=manages.all,
        adds_to=manages.organisations,
        adds_to_all=manages.all,
        writes=True,
    )


def reader_with_key(key: ApiKey) -> Reader:
    """A machine: as far as the key's scopes and organisation go (none: the whole installation)."""
    scopes = set(key.scopes)
    houses = frozenset(Organisation.objects.filter(key=key.organisation).values_list("pk", flat=True))
    whole = not key.organisation
    return Reader(
        everything=whole and READ_SCOPE in scopes,
        key_prefix=key.prefix,
        houses=houses if READ_SCOPE in scopes else frozenset(),
        manages=houses if MANAGE_SCOPE in scopes else frozenset(),
        manages_all=whole and MANAGE_SCOPE in scopes,
        adds_to=houses if scopes & {WRITE_SCOPE, MANAGE_SCOPE} else frozenset(),
        adds_to_all=whole and bool(scopes & {WRITE_SCOPE, MANAGE_SCOPE}),
        writes=bool(scopes & {WRITE_SCOPE, MANAGE_SCOPE}),
    )
