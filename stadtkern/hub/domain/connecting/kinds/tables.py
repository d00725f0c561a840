"""CSV and other tables: by address, as an uploaded file, or from a folder by the command line.

Text of any habit (RFC 4180 and what programs make of it), XLSX, ODS and XLS.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL_OF_A_PERIOD, headers_of, with_period
from stadtkern.hub.domain.connecting.interpreting import Interpreter, zone_of
from stadtkern.hub.domain.connecting.looking import Sample, looked
from stadtkern.hub.domain.connecting.mapping import AUTO, MAPPING_FIELDS, RowMapping, faults_of
from stadtkern.hub.domain.connecting.moments import MomentReader, guess_format
from stadtkern.hub.domain.connecting.numbers import guess_decimal
from stadtkern.hub.domain.connecting.port import (
    Batch,
    ConfigField,
    ConnectorKind,
    Fetching,
    Finding,
    Look,
    Reject,
    SourceFault,
)
from stadtkern.hub.domain.connecting.tables.reading import Table, open_table

EXAMPLES = 200  # rows looked at before the first is read
FORMS = {";": gettext_lazy("Semikolon"), ",": gettext_lazy("Komma"), "\t": gettext_lazy("Tabulator"), "|": "|"}


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """Every row; a table that has not changed since gives nothing."""
    file = _file(fetching)
    if file is None:
        return
    table = _open(file, fetching.config)
    mapping = RowMapping.of(fetching.config)
    _refuse_missing(mapping, table.header)
    first = list(itertools.islice(table.rows, EXAMPLES))
    mapping = _settled(mapping, table.header, [row for _number, row in first if not isinstance(row, Reject)])
    interpreter = Interpreter(
        mapping=mapping,
        getter=_getter(table.header),
        raw=lambda row: "; ".join(map(str, row)),
        fetching=fetching,
        moments=MomentReader(mapping.time_format, zone_of(mapping, fetching.zone)),
    )
    yield from interpreter.batches(itertools.chain(first, table.rows))


def look(fetching: Fetching) -> Look:
    """What the file is like, and settings that fit it."""
    file = _file(fetching)
    if file is None:
        raise SourceFault(_("Die Quelle gibt gerade nichts heraus."))
    table = _open(file, fetching.config)
    rows = [row for _number, row in itertools.islice(table.rows, EXAMPLES) if not isinstance(row, Reject)]
    if not rows:
        raise SourceFault(_("Unter der Kopfzeile steht keine Zeile."))
    samples = [
        Sample(name, [row[place] for row in rows if row[place] not in (None, "")])
        for place, name in enumerate(table.header)
    ]
    seen = looked(samples, fetching.zone)
    return replace(
        seen, findings=[*_habits(table), *seen.findings], suggested=_habit_settings(table) | dict(seen.suggested)
    )


def _file(fetching: Fetching) -> BinaryIO | None:
    if fetching.file is not None:
        return fetching.file
    if not fetching.config.get("url"):
        raise SourceFault(_("Es fehlt die Adresse oder die Datei."))
    url = with_period(fetching.config["url"], fetching)
    answer = fetching.asking.get(url, headers=headers_of(fetching.config, url), conditional=not fetching.fills_gap)
    return answer.file if answer.changed else None


def _open(file: BinaryIO, config: Mapping[str, Any]) -> Table:
    header_at = config.get("header_at")
    return open_table(
        file,
        encoding=config.get("encoding") or AUTO,
        separator=_separator(config.get("separator") or AUTO),
        header_at=None if header_at in (None, "") else int(header_at),
        sheet=config.get("sheet", ""),
    )


def check(config: Mapping[str, Any]) -> dict[str, str]:
    faults = faults_of(config)
    if len(_separator(config.get("separator") or AUTO)) != 1 and config.get("separator") not in ("", AUTO):
        faults["separator"] = _("Ein Zeichen, zum Beispiel ; oder das Wort tab.")
    header_at = config.get("header_at") or 0
    if header_at < 0 or header_at != int(header_at):
        faults["header_at"] = _("Das ist keine Anzahl.")
    return faults


def _separator(told: str) -> str:
    return "\t" if told in ("tab", "\\t") else told


def _refuse_missing(mapping: RowMapping, header: Sequence[str]) -> None:
    """Columns that carry the mapping must be there; single values may be missing in one of several files."""
    wide = mapping.layout == "wide"
    needed = [*mapping.time, mapping.thing_key, *([] if wide else [mapping.series, mapping.value])]
    missing = [name for name in needed if name and name not in header]
    if wide and not any(one.source in header for one in mapping.values):
        missing += [one.source for one in mapping.values]
    if missing:
        raise SourceFault(_("In der Tabelle fehlen die Spalten: %(names)s") % {"names": ", ".join(missing[:10])})


def _getter(header: Sequence[str]) -> Callable[[str], Callable[[Any], Any]]:
    places = {name: place for place, name in enumerate(header)}

    def getter(name: str) -> Callable[[Any], Any]:
        return itemgetter(places[name]) if name in places else lambda row: ""

    return getter


def _settled(mapping: RowMapping, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> RowMapping:
    """What was left to be found out is found out from the first rows."""
    get = _getter(header)
    if mapping.time_format == AUTO:
        told = [" ".join(str(get(part)(row)) for part in mapping.time) for row in rows]
        told = told if len(mapping.time) > 1 else [get(mapping.time[0])(row) for row in rows]
        guess = guess_format(told)
        if guess is None:
            raise SourceFault(_("Das Format der Zeitpunkte ist nicht zu erkennen; geben Sie es an."))
        mapping = replace(mapping, time_format=guess.format)
    if mapping.decimal == AUTO:
        columns = [one.source for one in mapping.values] if mapping.layout == "wide" else [mapping.value]
        mapping = replace(mapping, decimal=guess_decimal(get(name)(row) for name in columns for row in rows))
    return mapping


def _habits(table: Table) -> list[Finding]:
    if table.dialect is None:
        others = _("weitere Blätter: %(names)s") % {"names": ", ".join(table.sheets)} if len(table.sheets) > 1 else ""
        return [Finding(label=_("Arbeitsmappe, Blatt"), value=table.sheet, doubt=others)]
    dialect = table.dialect
    return [
        Finding(label=_("Kodierung"), value=dialect.encoding),
        Finding(label=_("Trennzeichen"), value=str(FORMS.get(dialect.separator, dialect.separator))),
        Finding(label=_("Zeilen über der Kopfzeile"), value=str(dialect.header_at)),
    ]


def _habit_settings(table: Table) -> dict[str, Any]:
    if table.dialect is None:
        return {"sheet": table.sheet}
    dialect = table.dialect
    separator = "tab" if dialect.separator == "\t" else dialect.separator
    return {"encoding": dialect.encoding, "separator": separator, "header_at": dialect.header_at}


CSV = ConnectorKind(
    key="csv",
    label=gettext_lazy("Tabelle (CSV, XLSX, ODS)"),
    explanation=gettext_lazy("Eine Datei zum Hochladen oder eine Adresse, unter der eine Tabelle liegt."),
    fields=(
        replace(URL_OF_A_PERIOD, required=False),
        *HEADER_FIELDS,
        ConfigField(key="encoding", label=gettext_lazy("Kodierung"), default=AUTO),
        ConfigField(key="separator", label=gettext_lazy("Trennzeichen"), default=AUTO),
        ConfigField(key="header_at", label=gettext_lazy("Zeilen über der Kopfzeile"), kind="number"),
        ConfigField(key="sheet", label=gettext_lazy("Blatt der Arbeitsmappe")),
        *MAPPING_FIELDS,
    ),
    fetch=fetch,
    look=look,
    check=check,
    fills_gaps=True,
    takes_file=True,
)
