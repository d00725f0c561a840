"""A look before an import: the first rows as they would be stored, and the columns whose contents go nowhere."""

import itertools
from dataclasses import dataclass
from string import Formatter
from typing import Any

from stadtkern.reports.domain import catalogue as catalogues
from stadtkern.reports.domain.imports.placing import Rejected
from stadtkern.reports.domain.imports.preparing import Preparer
from stadtkern.reports.domain.imports.reading import Source

SHOWN = ("filed_at", "category", "status", "owner", "district", "address", "lat", "lon", "text", "external_id")


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """One row: what would be stored (by the names in SHOWN), what of it would change, or why it would be rejected."""

    line: int
    stored: dict[str, str]
    notes: tuple[str, ...] = ()
    rejected: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    rows: tuple[PreviewRow, ...]
    unmapped: tuple[str, ...]


def preview(source: Source, most: int) -> Preview:
    """The first `most` rows, prepared as an import would; nothing is written."""
    preparer = Preparer.start(source.mapping, catalogues.catalogue())
    rows = list(itertools.islice(source.rows(), most))
    return Preview(
        rows=tuple(_row(preparer, line, row) for line, row in rows),
        unmapped=tuple(sorted(set().union(*(names(row) for _line, row in rows)) - used_columns(source))),
    )


def names(row: dict[str, Any]) -> set[str]:
    return {str(name) for name in row if name}


def used_columns(source: Source) -> set[str]:
    """Columns that reach the report: mapped ones, and those named in the template of its text."""
    template = "" if "text" in source.mapping.columns else str(source.mapping.defaults.get("text", ""))
    in_text = {name for _words, name, _form, _conversion in Formatter().parse(template) if name}
    return {*source.mapping.columns.values(), *in_text}


def _row(preparer: Preparer, line: int, row: dict[str, Any]) -> PreviewRow:
    try:
        made = preparer.prepare(row)
    except Rejected as error:
        return PreviewRow(line=line, stored={}, rejected=str(error))
    owner = preparer.book.organisations[made["owner_id"]]
    plain = made | {"category": made["category_id"], "owner": owner.key}
    return PreviewRow(line=line, stored={name: str(plain[name]) for name in SHOWN}, notes=tuple(made["notes"]))
