"""Read the rows of a file, one at a time; a file of any size fits."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.reports.domain.imports.mapping import ImportMapping

Row = dict[str, Any]
LOOK = 4_000_000


@dataclass(frozen=True)
class Source:
    """A file with its mapping, proven readable: the encoding is known and every named column is there."""

    path: Path
    mapping: ImportMapping
    encoding: str

    def rows(self) -> Iterator[tuple[int, Row]]:
        """(line number, row); a line of another width still comes, its missing cells are None."""
        if self.mapping.format == "geojson":
            yield from _features(self.path)
            return
        with self.path.open(encoding=self.encoding, newline="", errors="replace") as file:
            reader = csv.DictReader(_without_nul(file), delimiter=self.mapping.delimiter)
            for row in reader:
                yield reader.line_num, row

    def count(self) -> int:
        """About how many rows (for the progress bar): lines minus the header."""
        if self.mapping.format == "geojson":
            return sum(1 for _row in _features(self.path))
        with self.path.open("rb") as file:
            return max(sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1, 0)


def open_source(path: Path, mapping: ImportMapping) -> Source:
    """Raises BadInput when the file is missing, empty, in another encoding, or lacks a column."""
    if not path.is_file():
        raise BadInput(_("Die Datei %(file)s gibt es nicht.") % {"file": path.name})
    if path.stat().st_size == 0:
        raise BadInput(_("Die Datei %(file)s ist leer.") % {"file": path.name})
    source = Source(path, mapping, _encoding(path, mapping.encodings))
    first = next(iter(source.rows()), None)
    if first is None:
        raise BadInput(_("Die Datei %(file)s hat keine Zeilen.") % {"file": path.name})
    wanted = {*mapping.columns.values(), *mapping.identity, *mapping.repeat}
    if missing := sorted(wanted - set(first[1])):
        raise BadInput(_("In der Datei fehlen die Spalten: %(names)s") % {"names": ", ".join(missing)})
    return source


def _encoding(path: Path, candidates: tuple[str, ...]) -> str:
    sample = path.open("rb").read(LOOK)
    for encoding in candidates:
        try:
            sample.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(sample) - 4:  # the sample ends inside a character
                return encoding
        else:
            return encoding
    raise BadInput(_("Keine der Kodierungen passt: %(names)s") % {"names": ", ".join(candidates)})


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    return (line.replace("\x00", "") for line in lines)


def _features(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        features = collection["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(_("Das ist keine GeoJSON-FeatureCollection.")) from error
    for number, feature in enumerate(features, start=1):
        point = (feature.get("geometry") or {}).get("coordinates") or [None, None]
        yield number, {**(feature.get("properties") or {}), "lon": point[0], "lat": point[1]}
