"""Who writes, in whose name, and what of what is there that writer may see, link and change.

What a writer does not see is not there for it (404, in a body 400); what it sees but may not change is refused (403).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Model

from stadtkern.core.problems import BadQuery, NotAllowed, NotAuthenticated, NotFound
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.found_again import Belonging
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from stadtkern.hub.words import Visibility
from stadtkern.people.models import Organisation

VISIBILITY_HEADER, ORGANISATION_HEADER = "Stadtkern-Visibility", "Stadtkern-Organisation"


class Need(Enum):
    """What is to be done with an entity: name it in a link, add observations to it, change it."""

    SEE = "see"
    WRITE = "write"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an entity set lives; `owner`: the alias whose organisation and visibility count; `only`: more of WHERE."""

    model: type[Model]
    source: str
    owner: str = "t"
    only: str = "true"


KEPT: dict[str, Kept] = {
    "Things": Kept(Thing, "hub_thing t"),
    "Locations": Kept(Location, "hub_location t"),
    "HistoricalLocations": Kept(
        HistoricalLocation, "hub_historicallocation t join hub_thing h on h.id = t.thing_id", "h"
    ),
    "Datastreams": Kept(Datastream, "hub_datastream t", only="not t.is_multi"),
    "MultiDatastreams": Kept(Datastream, "hub_datastream t", only="t.is_multi"),
    "Sensors": Kept(Sensor, "hub_sensor t"),
    "ObservedProperties": Kept(ObservedProperty, "hub_observedproperty t"),
    "FeaturesOfInterest": Kept(FeatureOfInterest, "hub_featureofinterest t"),
}
STREAMS = ("Datastreams", "MultiDatastreams")


@dataclass(frozen=True, slots=True)
class Writer:
    """A reader who writes; new entities belong to `organisation_id` and are seen as `visibility` says ("": public)."""

    reader: Reader
    organisation_id: int | None = None
    visibility: str = ""

    @classmethod
    def of(cls, reader: Reader, headers: Mapping[str, str]) -> "Writer":
        """The writer of a request. Raises NotAuthenticated, BadQuery for a header that says nothing known."""
        if reader.is_anonymous:
            raise NotAuthenticated("Writing needs an API key, or a signed-in member of staff.")
        visibility = headers.get(VISIBILITY_HEADER, "")
        if visibility and visibility not in Visibility.values:
            raise BadQuery(f"{VISIBILITY_HEADER} is one of {', '.join(Visibility.values)}")
        return cls(reader, _organisation_of(reader, headers.get(ORGANISATION_HEADER, "")), visibility)

    @property
    def belonging(self) -> Belonging:
        return {"organisation_id": self.organisation_id, "visibility": self.visibility or Visibility.PUBLIC}

    @property
    def said(self) -> Belonging:
        """What the request itself says; the rest is inherited."""
        return {"visibility": self.visibility} if self.visibility else {}

    def check_makes(self) -> None:
        """Raises NotAllowed unless the writer may create entities (in its organisation)."""
        if not (self.reader.manages_all or self.reader.manages):
            raise NotAllowed("This key may not create entities; it needs the scope hub.manage.")
        if self.organisation_id is None and not self.reader.manages_all:
            raise BadQuery(f"say in whose name: {ORGANISATION_HEADER}: key of one of your organisations")

    def find(self, target: str, id: int, need: Need) -> Any:
        """The entity. Raises NotFound (also for what is not seen), NotAllowed."""
        kept = KEPT[target]
        seen, may = self._seen(target, kept.owner), self._may(target, kept.owner, need)
        row = (
            cursor(here())
            .execute(
                f"select {may} from {kept.source} where t.id = %(id)s and {kept.only} and ({seen} or {may})",  # noqa: S608  conditions of the reader; values are bound
                {"id": id, **self.reader.parameters},
            )
            .fetchone()
        )
        if row is None:
            raise NotFound(f"there is no {target}({id})")
        if not row[0]:
            raise NotAllowed(f"{target}({id}) is not yours to {'write to' if need is Need.WRITE else 'change'}.")
        return kept.model._default_manager.get(pk=id)

    def _seen(self, target: str, alias: str) -> str:
        if target == "ObservedProperties":
            return "true"
        if target in STREAMS:
            return self.reader.sees_datastream(alias)
        if target in ("Things", "HistoricalLocations"):
            return self.reader.sees_thing(alias)
        return self.reader.sees_owned(alias)

    def _may(self, target: str, alias: str, need: Need) -> str:
        if need is Need.SEE:
            return self._seen(target, alias)
        if need is Need.WRITE:
            return self.reader.writes_datastream(alias)
        if target == "ObservedProperties":  # they belong to nobody; affected.py says whom a change would touch
            return "true" if self.reader.manages_all or self.reader.manages else "false"
        return self.reader.manages_owned(alias)


def _organisation_of(reader: Reader, said: str) -> int | None:
    if said:
        found = Organisation.objects.filter(key=said).values_list("pk", flat=True).first()
        if found is None or not (reader.manages_all or found in reader.manages):
            raise BadQuery(f"{ORGANISATION_HEADER}: {said[:60]!r} is none of your organisations")
        return found
    return next(iter(reader.manages)) if len(reader.manages) == 1 and not reader.manages_all else None
