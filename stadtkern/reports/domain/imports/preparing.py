"""One row, checked and routed: what will be written, or why it is rejected."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.places.domain.geometry import locate
from stadtkern.reports.domain.catalogue import Catalogue
from stadtkern.reports.domain.filing import cell_of
from stadtkern.reports.domain.imports.mapping import ImportMapping
from stadtkern.reports.domain.routing import Case, route
from stadtkern.reports.words import CLOSED, Source, Status, Visibility

Row = Mapping[str, Any]
LONGEST = 4_000
NOON = time(12)
REASON = "not-found"  # a foreign "no" brings no reason of ours


class Rejected(ValueError):
    """This row cannot become a report; the text says why."""


@dataclass(frozen=True)
class Preparer:
    """Turns rows into columns of reports, by one mapping and one reading of the catalogue."""

    mapping: ImportMapping
    book: Catalogue
    now: datetime
    tolerance_m: float

    @classmethod
    def start(cls, mapping: ImportMapping, book: Catalogue) -> "Preparer":
        tolerance = float(city().facts.get("limits", {}).get("outside_tolerance_m", 0))
        return cls(mapping, book, clock.now(), tolerance)

    def prepare(self, row: Row) -> dict[str, Any]:
        """The columns of a report, without thread; raises Rejected."""
        category = self._category(row)
        lat, lon, district = self._place(row)
        filed_at = self._moment(row, "filed_at")
        status = self._status(row)
        closed_at = (self._moment(row, "closed_at", required=False) or filed_at) if status in CLOSED else None
        way = route(Case(category=category, district=district), self.book)
        return {
            "kind": category.kind,
            "category_id": category.key,
            "text": self._text(row),
            "language": self.mapping.defaults.get("language", "de"),
            "lat": lat,
            "lon": lon,
            "address": str(self._cell(row, "address") or "")[:200],
            "district": district,
            "cell": cell_of(lat, lon),
            "status": status,
            "visibility": Visibility.PUBLIC,
            "source": Source.IMPORT,
            "external_source": self.mapping.key,
            "external_id": self.identity(row),
            "owner_id": way.owner.pk,
            "routed_by": way.because,
            "filed_at": filed_at,
            "changed_at": closed_at or filed_at,
            "due_at": due_at(filed_at.date(), category.due_working_days),
            "closed_at": closed_at,
            "reason_id": REASON if status == Status.REJECTED else None,
        }

    def identity(self, row: Row) -> str:
        """The foreign number, or a digest of the columns that make a row unique."""
        if number := self._cell(row, "external_id"):
            return str(number)[:120]
        names = self.mapping.identity or tuple(sorted(str(name) for name in row))
        return hashlib.sha256("\x1f".join(str(row.get(name)) for name in names).encode()).hexdigest()[:32]

    def sameness(self, row: Row) -> str:
        """Rows equal in this are the same matter listed again (empty: never)."""
        return "\x1f".join(str(row.get(name)) for name in self.mapping.repeat)

    def _cell(self, row: Row, name: str) -> Any:
        column = self.mapping.columns.get(name)
        value = row.get(column) if column else None
        return value.strip() if isinstance(value, str) else value

    def _category(self, row: Row) -> Any:
        told = self._cell(row, "category") or self.mapping.defaults.get("category", "")
        key = self.mapping.categories.get(str(told), str(told))
        category = self.book.categories.get(key)
        if category is None:
            raise Rejected(_("unbekannte Kategorie: %(name)s") % {"name": told or "-"})
        return category

    def _place(self, row: Row) -> tuple[float, float, str]:
        try:
            lat, lon = float(self._cell(row, "lat")), float(self._cell(row, "lon"))
        except (TypeError, ValueError) as error:
            raise Rejected(_("ohne Koordinaten")) from error
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            raise Rejected(_("Koordinaten nicht auf der Erde: %(lat)s, %(lon)s") % {"lat": lat, "lon": lon})
        spot = locate(lat, lon, with_address=False)
        if not spot.inside and (spot.distance_m is None or spot.distance_m > self.tolerance_m):
            raise Rejected(_("Punkt außerhalb der Stadt: %(lat)s, %(lon)s") % {"lat": lat, "lon": lon})
        return lat, lon, spot.district_key or ""

    def _moment(self, row: Row, name: str, *, required: bool = True) -> datetime:
        told = self._cell(row, name)
        if not told and not required:
            return None  # type: ignore[return-value]
        moment = _read_moment(str(told or ""), self.mapping)
        if moment > self.now:
            raise Rejected(_("Zeitpunkt in der Zukunft: %(told)s") % {"told": told})
        return moment

    def _status(self, row: Row) -> str:
        told = str(self._cell(row, "status") or "")
        status = self.mapping.statuses.get(told) or (told if told in set(Status) else "")
        return status or str(self.mapping.defaults.get("status", Status.RECEIVED))

    def _text(self, row: Row) -> str:
        template = self.mapping.defaults.get("text", "")
        told = self._cell(row, "text") or (template.format_map(_Cells(row)) if template else "")
        return "".join(sign for sign in str(told) if sign in "\n\t" or sign.isprintable()).strip()[:LONGEST]


class _Cells(dict[str, Any]):
    """A row for a text template; a column that is not there is empty."""

    def __init__(self, row: Row) -> None:
        super().__init__({name: value or "" for name, value in row.items() if name})

    def __missing__(self, name: str) -> str:
        return ""


def _read_moment(told: str, mapping: ImportMapping) -> datetime:
    try:
        if mapping.time_format == "iso":
            moment = datetime.fromisoformat(told)
        else:
            moment = datetime.strptime(told, mapping.time_format)  # the zone comes below
    except ValueError as error:
        raise Rejected(_("Zeitpunkt nicht lesbar: %(told)s") % {"told": told or "-"}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)


@lru_cache(maxsize=20_000)
def due_at(day: date, working_days: int) -> datetime:
    """A record of years has few days and fewer terms: count each pair once."""
    return clock.add_working_days(datetime.combine(day, NOON, UTC), working_days)
