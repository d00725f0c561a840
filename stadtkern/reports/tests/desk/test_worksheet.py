"""The work sheet: chosen reports, with map, photo and QR code, readable by a screen reader, in its words' language."""

import io
import re
import zlib

import pytest
from django.utils import translation
from PIL import Image as Picture

from stadtkern.media.domain.storing import store_image
from stadtkern.reports.domain.sheet_map import places_near, small_map
from stadtkern.reports.domain.worksheet import worksheet
from stadtkern.reports.models import Photo
from stadtkern.reports.tests.builders import TOWN_HALL, report

pytestmark = pytest.mark.django_db
INBOX = "/desk/meldungen/"


def structure(pdf: bytes) -> str:
    """A PDF's objects as text: its streams are inflated, so that its tags and words for pictures can be read."""
    parts = [pdf]
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    text = b"\n".join(parts).decode("latin-1")
    return re.sub(r"<FEFF([0-9A-F]+)>", lambda found: bytes.fromhex(found[1]).decode("utf-16-be"), text)


def with_photo(run_jobs, **given):
    out = io.BytesIO()
    Picture.new("RGB", (640, 480), (200, 40, 40)).save(out, "JPEG")
    made = report(**given)
    Photo.objects.create(report=made, image=store_image(out.getvalue(), purpose="report", redact=True))
    run_jobs()
    return made


def test_a_report_with_its_map_photo_and_qr_code_is_tagged(city, run_jobs):
    made = with_photo(run_jobs)
    inside = structure(worksheet([made], answers={made.pk: [("Welche Art?", "Poller")]}))
    assert "/StructTreeRoot" in inside
    assert "/Lang(de" in inside
    for words in ("Karte: ", "Foto zur Meldung", "QR-Code zur Meldung", f"/desk/meldungen/{made.pk}/"):
        assert words in inside, words


def test_without_a_blurred_photo_there_is_none(city):
    out = io.BytesIO()
    Picture.new("RGB", (640, 480)).save(out, "JPEG")
    made = report()
    Photo.objects.create(report=made, image=store_image(out.getvalue(), purpose="report", redact=True))
    inside = structure(worksheet([made], answers={}))
    assert "Foto zur Meldung" not in inside
    assert "Karte: " in inside


@pytest.mark.parametrize(("language", "said"), [("de", "/Lang(de"), ("en", "/Lang(en"), ("ar", "/Lang(ar")])
def test_the_document_says_the_language_of_its_words(city, language, said):
    made = report()
    with translation.override(language):
        assert said in structure(worksheet([made], answers={}))


def test_the_map_names_what_is_near_and_escapes_it(city):
    drawn = small_map(**TOWN_HALL)
    near = places_near(**TOWN_HALL)
    assert near
    assert all(name.split("&")[0] in drawn for name in near)
    assert "100 m" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_sheet_of_many_asks_once_for_photos(city, rows, django_assert_max_num_queries):
    made = [report() for _turn in range(rows)]
    worksheet(made[:1], answers={})
    with django_assert_max_num_queries(1 + 2 * rows):  # one for photos, two for places near each
        worksheet(made, answers={})


def test_one_report_and_a_choice_can_be_printed(visitor, bernd, clara):
    first, second = report(), report()
    desk = visitor.signed_in(bernd)
    assert f"arbeitsblatt.pdf?id={first.pk}" in desk.get(f"{INBOX}{first.pk}/").content.decode()
    assert 'value="print"' in desk.get(INBOX).content.decode()
    sent = desk.post(f"{INBOX}auswahl/", {"id": [first.pk, second.pk], "do": "print"})
    assert sent.url == f"{INBOX}arbeitsblatt.pdf?id={first.pk}&id={second.pk}"
    assert desk.get(sent.url).content.startswith(b"%PDF")


def test_nobody_prints_what_is_not_theirs(visitor, clara):
    made = report()
    inside = structure(visitor.signed_in(clara).get(f"{INBOX}arbeitsblatt.pdf", {"id": made.pk}).content)
    assert f"/desk/meldungen/{made.pk}/" not in inside
