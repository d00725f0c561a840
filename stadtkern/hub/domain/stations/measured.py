"""Which observed properties there are, grouped as people call them: the choices of a filter."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.vocabulary import LAST, Quantity, quantity_of

FRESH_SECONDS = 60
MOST = 1_000
IN_USE = f"""
select p.id, p.name, p.definition from hub_observedproperty p
where exists (select 1 from hub_datastream d where d.observed_property_id = p.id and {ANYBODY.sees_datastream("d")})
order by p.id limit %(most)s
"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Measured:
    """One choice: `key` is the quantity's, or the number of a property that the pack does not know."""

    key: str
    name: str
    quantity: Quantity | None
    property_ids: tuple[int, ...]


def measured() -> Sequence[Measured]:
    """What is publicly measured anywhere, in the order of the pack; at most a minute old."""
    rows = cache.get_or_set("hub.measured", _in_use, FRESH_SECONDS) or []
    groups: dict[str, list[tuple[int, str, Quantity | None]]] = {}
    for id, name, definition in rows:
        known = quantity_of(definition, name)
        groups.setdefault(known.key if known else str(id), []).append((id, name, known))
    found = [
        Measured(key, several[0][1], several[0][2], tuple(id for id, _name, _known in several))
        for key, several in groups.items()
    ]
    return sorted(found, key=lambda one: (one.quantity.place if one.quantity else LAST, one.name))


def property_ids(key: str) -> tuple[int, ...] | None:
    """The observed properties of a choice; None when there is no such choice."""
    return next((one.property_ids for one in measured() if one.key == key), None)


def _in_use() -> list[tuple[int, str, str]]:
    return list(cursor(here()).execute(IN_USE, {"most": MOST}).fetchall())
