"""One row, checked and routed: what will be written, or why it is rejected."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.core import clock
from stadtkern.reports.domain.catalogue import Catalogue
from stadtkern.reports.domain.filing import cell_of
from stadtkern.reports.domain.imports.mapping import ImportMapping
from stadtkern.reports.domain.imports.placing import Placer, Rejected
from stadtkern.reports.domain.routing import Case, Route, route
from stadtkern.reports.domain.screening import has_personal_data, masked
from stadtkern.reports.models import Category
from stadtkern.reports.words import CLOSED, Source, Status, Visibility

Row = Mapping[str, Any]
LONGEST = {"text": 4_000, "address": 200, "external_id": 120}
UNREADABLE = "\ufffd"  # stands where a byte was no character of the file's encoding
NOON = time(12)
REASON = "not-found"  # a foreign "no" brings no reason of ours
PUBLIC, IMPORT = str(Visibility.PUBLIC.value), str(Source.IMPORT.value)  # plain texts are written faster
CHECKING = str(Visibility.CHECKING.value)
# Somebody works on what is open and reads it first. Nobody reads thousands of closed records again: there what looks
# like personal data is not taken over at all; its source still has it.
PERSONAL_NOTES = {
    False: gettext_lazy("wird gelesen, bevor es öffentlich ist: persönliche Daten?"),
    True: gettext_lazy("unkenntlich gemacht: persönliche Daten?"),
}
STATUSES = frozenset(Status.values)


@dataclass(frozen=True)
class Preparer:
    """Turns rows into columns of reports, by one mapping and one reading of the catalogue."""

    mapping: ImportMapping
    book: Catalogue
    now: datetime
    placer: Placer = field(default_factory=Placer)
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)

    @classmethod
    def start(cls, mapping: ImportMapping, book: Catalogue) -> "Preparer":
        return cls(mapping, book, clock.now())

    def look_ahead(self, rows: Iterable[Row]) -> None:
        """Do at once for a batch what costs much row by row."""
        self.placer.look_up((self._cell(row, "lat"), self._cell(row, "lon")) for row in rows)

    def prepare(self, row: Row) -> dict[str, Any]:
        """The columns of a report, without thread, and `notes`: what of the row is not kept; raises Rejected."""
        category = self._category(row)
        lat, lon, district = self.placer.place(self._cell(row, "lat"), self._cell(row, "lon"))
        filed_at = self._moment(row, "filed_at")
        status = self._status(row)
        closed_at = (self._moment(row, "closed_at", required=False) or filed_at) if status in CLOSED else None
        way = self._route(category, district)
        texts = {"text": self._text(row), "address": str(self._cell(row, "address") or "")}
        texts["external_id"] = self.identity(row)
        is_personal = has_personal_data(texts["text"])
        if is_personal and closed_at:
            texts["text"] = masked(texts["text"])
        return {
            "kind": category.kind,
            "category_id": category.key,
            **{name: text[: LONGEST[name]] for name, text in texts.items()},
            "language": self.mapping.defaults.get("language", "de"),
            "lat": lat,
            "lon": lon,
            "district": district,
            "cell": cell_of(lat, lon),
            "status": status,
            "visibility": CHECKING if is_personal and not closed_at else PUBLIC,
            "source": IMPORT,
            "external_source": self.mapping.key,
            "owner_id": way.owner.pk,
            "routed_by": way.because,
            "filed_at": filed_at,
            "changed_at": closed_at or filed_at,
            "due_at": due_at(filed_at.date(), category.due_working_days),
            "closed_at": closed_at,
            "reason_id": REASON if status == Status.REJECTED else None,
            "notes": _notes(row, texts) + ([str(PERSONAL_NOTES[closed_at is not None])] if is_personal else []),
        }

    def _route(self, category: Category, district: str) -> Route:
        """Rows bring no answers, so kind and district decide."""
        key = (category.key, district)
        if key not in self.routes:
            self.routes[key] = route(Case(category=category, district=district), self.book)
        return self.routes[key]

    def identity(self, row: Row) -> str:
        """The foreign number, or a digest of the columns that make a row unique."""
        if number := self._cell(row, "external_id"):
            return str(number)
        names = self.mapping.identity or tuple(sorted(str(name) for name in row))
        return hashlib.sha256("\x1f".join(str(row.get(name)) for name in names).encode()).hexdigest()[:32]

    def sameness(self, row: Row) -> str:
        """Rows equal in this are the same matter listed again (empty: never)."""
        return "\x1f".join(str(row.get(name)) for name in self.mapping.repeat)

    def _cell(self, row: Row, name: str) -> Any:
        column = self.mapping.columns.get(name)
        value = row.get(column) if column else None
        return value.strip() if isinstance(value, str) else value

    def _category(self, row: Row) -> Category:
        told = self._cell(row, "category") or self.mapping.defaults.get("category", "")
        key = self.mapping.categories.get(str(told), str(told))
        category = self.book.categories.get(key)
        if category is None:
            raise Rejected(_("unbekannte Kategorie: %(name)s") % {"name": told or "-"})
        return category

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
        status = self.mapping.statuses.get(told) or (told if told in STATUSES else "")
        return status or str(self.mapping.defaults.get("status", Status.RECEIVED.value))

    def _text(self, row: Row) -> str:
        template = self.mapping.defaults.get("text", "")
        told = self._cell(row, "text") or (template.format_map(_Cells(row)) if template else "")
        return _printable(str(told)).strip()


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


def _notes(row: Row, texts: Mapping[str, str]) -> list[str]:
    """What of a row is not kept as it was."""
    notes = [
        _("gekürzt auf %(most)s Zeichen: %(name)s") % {"most": LONGEST[name], "name": name}
        for name, text in texts.items()
        if len(text) > LONGEST[name]
    ]
    if any(isinstance(value, str) and not value.isascii() and UNREADABLE in value for value in row.values()):
        notes.append(_("unlesbare Zeichen"))
    return notes


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
