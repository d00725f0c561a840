"""Read a table row by row: the header first, then cells; a file of any size fits."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.port import Reject, SourceFault
from stadtkern.hub.domain.connecting.tables.sniffing import AUTO, Dialect, is_workbook, sniff

Cells = list[Any]
LONGEST_RAW = 200
MOST_INFLATED = 500_000_000  # bytes of a workbook that is a zip archive


@dataclass(slots=True)
class Table:
    """The names of the columns, and rows with their numbers in the file (the header's line counts too).

    `dialect` is None for a workbook, `sheet` empty for text.
    """

    header: list[str]
    rows: Iterator[tuple[int, "Cells | Reject"]]
    dialect: Dialect | None = None
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def open_table(
    file: BinaryIO, *, encoding: str = AUTO, separator: str = AUTO, header_at: int | None = None, sheet: str = ""
) -> Table:
    """Raises SourceFault when the file is no table."""
    if is_workbook(file):
        return _open_workbook(file, sheet, header_at or 0)
    dialect = sniff(file, encoding=encoding or AUTO, separator=separator or AUTO, header_at=header_at)
    text = io.TextIOWrapper(file, encoding=dialect.encoding, errors="replace", newline="")
    for _line in range(dialect.header_at):
        text.readline()
    reader = csv.reader(text, delimiter=dialect.separator)
    header = _header(next(reader, []))
    return Table(header, _text_rows(text, reader, len(header), dialect.header_at), dialect)


def _text_rows(text: io.TextIOWrapper, reader: Any, width: int, above: int) -> Iterator[tuple[int, "Cells | Reject"]]:
    """`text` is held here, so that the file stays open as long as somebody reads."""
    while True:
        try:
            for row in reader:
                if len(row) == width:
                    yield reader.line_num + above, row
                elif any(row):
                    yield reader.line_num + above, _misfit(reader.line_num + above, row, width)
            break
        except csv.Error as error:
            yield reader.line_num + above, Reject(reader.line_num + above, _("keine lesbare Zeile"), str(error))
    text.detach()


def _misfit(number: int, row: Cells, width: int) -> Reject:
    reason = _("%(have)d statt %(want)d Spalten") % {"have": len(row), "want": width}
    return Reject(number, reason, "; ".join(map(str, row))[:LONGEST_RAW])


def _open_workbook(file: BinaryIO, sheet: str, header_at: int) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bombs(file)
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = tuple(book.sheet_names)
        chosen = sheet if sheet in names else names[0]
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError) as error:
        raise SourceFault(_("Diese Arbeitsmappe ist nicht lesbar: %(reason)s") % {"reason": error}) from error
    if len(rows) <= header_at:
        raise SourceFault(_("Das Blatt „%(name)s“ ist leer.") % {"name": chosen})
    header = _header(rows[header_at])
    numbered = ((number, row) for number, row in enumerate(rows[header_at + 1 :], header_at + 2) if any_filled(row))
    return Table(header, numbered, sheet=chosen, sheets=names)


def _refuse_bombs(file: BinaryIO) -> None:
    """A few kilobytes must not become gigabytes."""
    try:
        with zipfile.ZipFile(file) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        size = 0  # an older kind, or broken: the reader says so
    if size > MOST_INFLATED:
        raise SourceFault(_("Diese Arbeitsmappe ist zu groß."))
    file.seek(0)


def any_filled(row: Cells) -> bool:
    return any(cell not in (None, "") for cell in row)


def _header(cells: Cells) -> list[str]:
    """Names without blanks around; an unnamed column is called by its number, a second one of a name gets one."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = str(cell).strip() or f"#{number}"
        names.append(name if name not in names else f"{name} #{number}")
    if not any_filled(cells):
        raise SourceFault(_("In der ersten Zeile stehen keine Namen der Spalten."))
    return names
