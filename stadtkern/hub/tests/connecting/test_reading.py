"""How sources write moments, numbers and tables: what is recognised, and what is refused instead of guessed."""

import io
import math
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.hub.domain.connecting.moments import Guess, MomentReader, UnreadableMoment, guess_format, zone_named
from stadtkern.hub.domain.connecting.numbers import NoNumber, guess_decimal, with_comma, with_point
from stadtkern.hub.domain.connecting.port import Reject, SourceFault
from stadtkern.hub.domain.connecting.previewing import first_look, preview
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.domain.connecting.tables.reading import open_table
from stadtkern.hub.domain.connecting.tables.sniffing import sniff
from stadtkern.hub.domain.connecting.uploads import keep_upload
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.tests.connecting.conftest import Source

Make = Callable[..., Connector]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("examples", "guess"),
    [
        (["2026-07-01T12:00:00Z"], Guess("iso", has_zone=True)),
        (["2026-07-01 12:00:00"], Guess("iso")),
        (["2.4.24 16:47", "14.6.23 8:45"], Guess("%d.%m.%y %H:%M")),
        (["01.07.2026 12:00:05"], Guess("%d.%m.%Y %H:%M:%S")),
        (["13/07/2026 12:00"], Guess("%d/%m/%Y %H:%M")),
        (["07/13/2026 12:00"], Guess("%m/%d/%Y %H:%M")),
        (["07/01/2026 12:00"], Guess("%d/%m/%Y %H:%M", twin="%m/%d/%Y %H:%M")),
        (["1782907200"], Guess("unix", has_zone=True)),
        ([1782907200000], Guess("unix-ms", has_zone=True)),
        (["202607011200"], Guess("%Y%m%d%H%M")),
        ([datetime(2026, 7, 1, 12)], Guess("iso")),
        (["21.5", "22"], None),
        (["gestern"], None),
        ([], None),
    ],
)
def test_the_format_of_moments_is_recognised(examples: list[Any], guess: Guess | None) -> None:
    assert guess_format(examples) == guess


@pytest.mark.parametrize(
    ("zone", "told", "moment"),
    [
        ("Europe/Berlin", "2026-07-01 12:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("Europe/Berlin", "2026-01-01 12:00", datetime(2026, 1, 1, 11, tzinfo=UTC)),
        ("+01:00", "2026-07-01 12:00", datetime(2026, 7, 1, 11, tzinfo=UTC)),
        ("UTC", "2026-07-01 12:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("UTC", "2026-07-01T12:00:00+05:30", datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_a_naive_time_is_in_the_zone_of_the_source(zone: str, told: str, moment: datetime) -> None:
    assert MomentReader("iso", zone_named(zone)).read(told) == moment


def test_the_hour_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnreadableMoment, match="Sommerzeit"):
        MomentReader("iso", BERLIN).read("2026-03-29 02:30")
    assert MomentReader("iso", zone_named("+01:00")).read("2026-03-29 02:30") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2090, 1, 1)))
def test_a_local_time_comes_back_as_it_was(naive: datetime) -> None:
    try:
        moment = MomentReader("iso", BERLIN).read(naive.isoformat())
    except UnreadableMoment:
        assert naive.month in (3, 4)  # the only hours that are refused
    else:
        assert moment.astimezone(BERLIN).replace(tzinfo=None) == naive


@pytest.mark.parametrize("name", ["Europe/Bochum", "+1", "+99:00", "", "../etc/passwd"])
def test_a_zone_that_does_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match="Zeitzone"):
        zone_named(name)


def test_offsets_are_zones() -> None:
    assert zone_named("-03:30") == timezone(-timedelta(hours=3, minutes=30))


@pytest.mark.parametrize(
    ("read", "told", "number"),
    [
        (with_point, "21.5", 21.5),
        (with_point, " -3 ", -3.0),
        (with_point, 7, 7.0),
        (with_comma, "1.234,5", 1234.5),
        (with_comma, "21,5", 21.5),
        (with_comma, "21.5", 21.5),
        (with_comma, 7.5, 7.5),
    ],
)
def test_numbers(read: Callable[[Any], float], told: Any, number: float) -> None:
    assert read(told) == number


@pytest.mark.parametrize("told", ["", "warm", "nan", "inf", "1_000", "1e999", "21,5", None, "0x10"])
def test_what_is_no_number_with_a_point(told: Any) -> None:
    with pytest.raises(NoNumber):
        with_point(told)


@pytest.mark.parametrize("told", ["1,2,3", "nan", "-,", None])
def test_what_is_no_number_with_a_comma(told: Any) -> None:
    with pytest.raises(NoNumber):
        with_comma(told)


@given(st.text() | st.floats() | st.integers() | st.none() | st.dates())
def test_no_text_breaks_the_readers(told: Any) -> None:
    for read in (with_point, with_comma):
        try:
            number = read(told)
        except NoNumber:
            continue
        assert math.isfinite(number)
    for format in ("iso", "unix", "unix-ms", "%d.%m.%y %H:%M"):
        try:
            moment = MomentReader(format, BERLIN).read(told)
        except UnreadableMoment:
            continue
        assert moment.utcoffset() == timedelta(0)


def test_the_decimal_sign_is_recognised() -> None:
    assert (guess_decimal(["21,5", "3"]), guess_decimal(["21.5"]), guess_decimal(["1.234,5"]), guess_decimal([])) == (
        ",",
        ".",
        ",",
        ".",
    )


@pytest.mark.parametrize(
    ("raw", "encoding", "separator", "header_at"),
    [
        (b"\xef\xbb\xbftime;value\n1;2\n", "utf-8-sig", ";", 0),
        ("Straße,Wert\na,1\n".encode("cp1252"), "cp1252", ",", 0),
        ("Straße\tWert\na\t1\n".encode(), "utf-8", "\t", 0),
        ("Zeit;Wert\n1;2\n".encode("utf-16"), "utf-16", ";", 0),
        (b"Messstelle Ruhr\n\nZeit;Wert;Einheit\n1;2;m\n2;3;m\n", "utf-8", ";", 2),
        (b'"a,b";c\n"1,5";2\n"1,6";3\n', "utf-8", ";", 0),
    ],
)
def test_the_habits_of_a_table_are_recognised(raw: bytes, encoding: str, separator: str, header_at: int) -> None:
    found = sniff(io.BytesIO(raw))
    assert (found.encoding, found.separator, found.header_at) == (encoding, separator, header_at)


def test_rows_keep_their_numbers_and_misfits_are_rejected() -> None:
    table = open_table(io.BytesIO(b'Kopf\n\na;b\n1;2\n\n3\n"4\nmore";5\n'))
    assert table.header == ["a", "b"]
    rows = [(number, row if isinstance(row, Reject) else list(row)) for number, row in table.rows]
    assert rows == [(4, ["1", "2"]), (6, Reject(6, "1 statt 2 Spalten", "3")), (8, ["4\nmore", "5"])]


def test_columns_without_a_name_or_with_a_second_one_get_a_number() -> None:
    assert open_table(io.BytesIO(b"a;;a\n1;2;3\n")).header == ["a", "#2", "a #3"]


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(raw: bytes) -> None:
    try:
        table = open_table(io.BytesIO(raw))
    except SourceFault:
        return
    rows = list(table.rows)
    assert all(isinstance(row, Reject) or len(row) == len(table.header) for _number, row in rows)


def workbook(rows: list[list[Any]]) -> bytes:
    """A minimal XLSX (ECMA-376): one sheet, text and numbers inside the cells."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        style = ' s="1"' if isinstance(value, date) else ""
        number = (value - datetime(1899, 12, 30)) / timedelta(days=1) if isinstance(value, datetime) else value
        return f"<c{style}><v>{number}</v></c>"

    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Messwerte" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return packed.getvalue()


@pytest.mark.django_db
def test_an_uploaded_workbook(connector: Make, city: object) -> None:
    rows = [["Zeit", "Pegel"], [datetime(2026, 7, 1, 12), 1.25], [datetime(2026, 7, 1, 12, 15), 1.5], ["kaputt", 1]]
    made = connector(
        "csv",
        {
            "time": "Zeit",
            "time_format": "iso",
            "time_zone": "UTC",
            "values": [{"source": "Pegel", "name": "Wasserstand"}],
        },
        interval_minutes=None,
    )
    keep_upload(made, SimpleUploadedFile("Pegel.xlsx", workbook(rows)))
    seen = first_look(made)
    assert (seen.findings[0].label, seen.findings[0].value) == ("Arbeitsmappe, Blatt", "Messwerte")
    assert [row.value for row in preview(made).rows] == [1.25, 1.5]
    run = run_connector(made.pk, cause=Run.Cause.HAND)
    assert (run.rows, run.created, run.rejected) == (3, 2, 1)
    assert (run.rejects[0]["row"], run.state) == (4, Run.State.DONE)


@pytest.mark.django_db
def test_a_look_at_a_german_table(source: Source, connector: Make) -> None:
    table = "Messung am Teich\nDatum;Station;Breite;Länge;Temperatur;Bemerkung\n" + "".join(
        f"01.07.2026 12:{minute:02};A;51,48;7,21;2{minute % 10},5;klar\n" for minute in range(30)
    )
    made = connector(
        "csv",
        {"url": source.says("/t", table.encode("cp1252")), "time": "Datum", "values": [{"source": "Temperatur"}]},
    )
    made.config = {"url": made.config["url"]}
    seen = first_look(made)
    told = {one.label: one.value for one in seen.findings}
    assert told["Kodierung"] == "cp1252"
    assert told["Zeitpunkt"] == "Datum (%d.%m.%Y %H:%M)"
    assert told["Dezimalzeichen"] == "Komma"
    assert dict(seen.suggested) == {
        "encoding": "cp1252",
        "separator": ";",
        "header_at": 1,
        "lat": "Breite",
        "lon": "Länge",
        "thing_key": "Station",
        "time": "Datum",
        "time_format": "%d.%m.%Y %H:%M",
        "time_zone": "Europe/Berlin",
        "decimal": ",",
        "values": [{"source": "Temperatur", "name": "Temperatur"}],
    }
    assert any("Zeitzone" in one.label and one.doubt for one in seen.findings)
