"""What kind of a table a file is: encoding, separator, where the header stands. Every guess can be overruled."""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.port import SourceFault

LOOK = 256_000  # bytes
SEPARATORS = (";", ",", "\t", "|")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WORKBOOKS = ((b"PK\x03\x04", "xlsx/ods"), (b"\xd0\xcf\x11\xe0", "xls"))
LINES = 60
AUTO = "auto"
csv.field_size_limit(1_000_000)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`header_at`: lines that stand before the header."""

    encoding: str
    separator: str
    header_at: int


def is_workbook(file: BinaryIO) -> bool:
    """By its first bytes; the file stands at its beginning afterwards."""
    start = _start(file, 8)
    return any(start.startswith(mark) for mark, _name in WORKBOOKS)


def sniff(file: BinaryIO, *, encoding: str = AUTO, separator: str = AUTO, header_at: int | None = None) -> Dialect:
    """What is not given is guessed from the beginning; raises SourceFault for what is no table.

    The file stands at its beginning afterwards.
    """
    start = _start(file, LOOK)
    if not start.strip():
        raise SourceFault(_("Die Datei ist leer."))
    if encoding == AUTO:
        encoding = _encoding(start)
    lines = _decoded(start, encoding).splitlines()
    lines = (lines[:-1] if len(start) == LOOK else lines)[:LINES]
    if _looks_like_markup(lines):
        raise SourceFault(_("Das ist keine Tabelle, sondern eine Seite oder ein Dokument in HTML, XML oder JSON."))
    separator = _separator(lines) if separator == AUTO else separator
    return Dialect(encoding, separator, _header_at(lines, separator) if header_at is None else header_at)


def _start(file: BinaryIO, size: int) -> bytes:
    file.seek(0)
    start = file.read(size)
    file.seek(0)
    return start


def _encoding(start: bytes) -> str:
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start >= len(start) - 4 and len(start) == LOOK else "cp1252"
    return "utf-8"


def _decoded(start: bytes, encoding: str) -> str:
    try:
        return start.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):  # some codecs are for names of hosts, or for nothing at all
        raise SourceFault(_("Diese Kodierung gibt es nicht: %(name)s") % {"name": encoding}) from None


def _looks_like_markup(lines: list[str]) -> bool:
    first = next((line.strip() for line in lines if line.strip()), "")
    return first.startswith(("<", "{", "[{"))


def _separator(lines: list[str]) -> str:
    """The one that cuts most lines into equally many cells."""

    def score(separator: str) -> tuple[int, int]:
        widths = Counter(width for width in _widths(lines, separator) if width > 1)
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
        return times, width

    return max(SEPARATORS, key=score)


def _widths(lines: list[str], separator: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return []
    except TypeError:
        raise SourceFault(_("Das ist kein Trennzeichen: %(sign)s") % {"sign": separator}) from None


def _header_at(lines: list[str], separator: str) -> int:
    """Words and empty lines may stand above the table: the header is the first line as wide as most."""
    widths = _widths(lines, separator)
    usual = Counter(widths).most_common(1)
    return widths.index(usual[0][0]) if usual and usual[0][0] in widths else 0
