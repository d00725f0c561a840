"""What the house knows about a person: to look at, and as a file to take along (GDPR, articles 15 and 20)."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core.csv_cells import harmless
from stadtkern.core.parts import PersonExport, exports

SHOWN = 20
LARGEST_IN_MEMORY = 5_000_000

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Share:
    """One kind of data as the page shows it."""

    key: str
    label: Any
    head: list[str]
    rows: list[list[Any]]
    more: bool


def look(person_id: int) -> list[Share]:
    """The first rows of everything; kinds without rows are left out."""
    return [share for export in exports if (share := _share(export, person_id)).rows]


def _share(export: PersonExport, person_id: int) -> Share:
    rows = list(islice(export.rows(person_id), SHOWN + 1))
    head = _columns(rows)
    cells = [[row.get(name, "") for name in head] for row in rows[:SHOWN]]
    return Share(export.key, export.label, head, cells, more=len(rows) > SHOWN)


def as_zip(person_id: int) -> IO[bytes]:
    """A ZIP with everything once as JSON and, kind by kind, as CSV (UTF-8, comma)."""
    file = tempfile.SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY)  # noqa: SIM115  the answer closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        whole: dict[str, Any] = {}
        for export in exports:
            rows = [dict(row) for row in export.rows(person_id)]
            whole[export.key] = rows
            if rows:
                archive.writestr(f"{export.key}.csv", "\ufeff" + "".join(_csv(rows)))
        about = {"made_at": timezone.now(), "what": _("Alles, was wir zu Ihrem Konto gespeichert haben")}
        text = json.dumps({"about": about, "data": whole}, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        archive.writestr("data.json", text)
    file.seek(0)
    return file


def _csv(rows: list[dict[str, Any]]) -> Iterator[str]:
    head = _columns(rows)
    for cells in [head, *([_cell(row.get(name)) for name in head] for row in rows)]:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        yield line.getvalue()


def _columns(rows: list[Any]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: Any) -> str:
    """Plain text."""
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).strip('"')
