"""Tables of LibreOffice and its like (ODS): numbers, moments and texts come as what they are."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from stadtkern.hub.domain.connecting.port import SourceFault
from stadtkern.hub.domain.connecting.previewing import first_look
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.domain.connecting.tables.reading import open_table
from stadtkern.hub.domain.connecting.uploads import keep_upload
from stadtkern.hub.models import Connector, Run

NOON = datetime(2026, 7, 1, 12)
ROWS = [["Zeit", "Pegel"], [NOON, 1.25], [NOON.replace(minute=15), 1.5], ["kaputt", 1]]


def open_document(rows: list[list[Any]], *, sheet: str = "Messwerte") -> bytes:
    """A minimal ODS (OpenDocument 1.3): its kind comes first and unpacked, cells carry their kinds."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    names = "urn:oasis:names:tc:opendocument:xmlns"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0" office:version="1.3"><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        for name, text in {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}.items():
            book.writestr(name, text)
    return packed.getvalue()


def test_cells_keep_their_kinds() -> None:
    rows = [["Zeit", "Pegel", "Wort"], [NOON, -0.1, "1,5"], [date(2026, 7, 1), 12345678.5, "Ä & Ö"]]
    packed = open_document([[_escaped(value) for value in row] for row in rows], sheet="Juli")
    table = open_table(io.BytesIO(packed))
    assert (table.sheet, table.sheets, table.header) == ("Juli", ("Juli",), ["Zeit", "Pegel", "Wort"])
    assert [(number, row) for number, row in table.rows] == [(2, rows[1]), (3, rows[2])]


def _escaped(value: Any) -> Any:
    return value.replace("&", "&amp;") if isinstance(value, str) else value


@pytest.mark.django_db
def test_an_upload_is_looked_at_and_kept(connector: Callable[..., Connector], city: object) -> None:
    values = [{"source": "Pegel", "name": "Wasserstand"}]
    mapping = {"time": "Zeit", "time_format": "iso", "time_zone": "UTC", "values": values}
    made = connector("csv", mapping, interval_minutes=None)
    keep_upload(made, SimpleUploadedFile("Pegel.ods", open_document(ROWS)))
    assert first_look(made).findings[0].value == "Messwerte"
    run = run_connector(made.pk, cause=Run.Cause.HAND)
    assert (run.state, run.rows, run.created, run.rejected) == (Run.State.DONE, 3, 2, 1)
    assert run.rejects[0]["row"] == 4
    with connection.cursor() as cursor:
        cursor.execute("select phenomenon_start, number from hub_observation order by 1")
        assert cursor.fetchall() == [(at.replace(tzinfo=UTC), number) for at, number in ROWS[1:3]]


def test_half_a_file_is_said_to_be_none() -> None:
    packed = open_document(ROWS)
    with pytest.raises(SourceFault, match="nicht lesbar"):
        open_table(io.BytesIO(packed[: len(packed) // 2]))
