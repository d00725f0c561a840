"""Bad input through every door: the form, /api/v1, Open311. Each refuses by name and keeps nothing, or tidies up."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from stadtkern.core import apikeys, clock
from stadtkern.media.models import Image
from stadtkern.reports.models import Report
from stadtkern.reports.tests.citizen.wizardry import filled_in
from stadtkern.reports.web import fragments

pytestmark = pytest.mark.django_db
MESSY = "Weg\x07 7\u202e\x00"
REFUSED = {400, 404, 413, 422}


def by_form(visitor, **given):
    names = {"long": "lon"}
    fields = {names.get(name, name): value for name, value in given.items()}
    return visitor.post("/melden/senden", filled_in(**fields), headers={"X-Requested-With": "outbox"})


def by_api(visitor, **given):
    given.pop("photos", None)
    names = {"long": "lon"}
    plain = {"category": "bollard", "text": "Der Poller ist umgefahren.", "lat": 51.48186, "lon": 7.21667}
    fields = plain | {names.get(name, name): value for name, value in given.items()}
    key = {"Idempotency-Key": "a-key-of-a-machine"}
    return visitor.post("/api/v1/reports", json.dumps(fields), content_type="application/json", headers=key)


def by_open311(visitor, **given):
    names = {"category": "service_code", "text": "description", "photos": "media", "address": "address_string"}
    key = apikeys.issue("Testclient", scopes=["open311.file"])[1]
    plain = {"api_key": key, "service_code": "bollard", "description": "Der Poller.", "lat": 51.48186, "long": 7.21667}
    fields = plain | {names.get(name, name): value for name, value in given.items()}
    return visitor.post("/open311/v2/requests.json", fields)


DOORS = pytest.mark.parametrize("door", [by_form, by_api, by_open311])
WITH_PHOTOS = pytest.mark.parametrize("door", [by_form, by_open311])


@pytest.fixture(autouse=True)
def _fresh(city):
    fragments.forget()


@DOORS
@pytest.mark.parametrize(
    "given",
    [
        {"text": "x" * 10_000},
        {"category": "dragons"},
        {"category": ""},
        {"lat": 48.77, "long": 9.18},
        {"lat": 0, "long": 0},
        {"lat": 91, "long": 7.2},
        {"lat": "nan", "long": 7.2},
        {"lat": "north", "long": 7.2},
    ],
    ids=["ten thousand letters", "unknown", "none", "outside", "null island", "no latitude", "nan", "words"],
)
def test_it_is_refused_by_name_and_nothing_is_kept(visitor, door, given):
    response = door(visitor, **given)
    assert response.status_code in REFUSED
    assert Report.objects.count() == 0
    assert len(response.content) > 20


@DOORS
def test_control_characters_and_turned_text_are_dropped_everywhere(visitor, door):
    response = door(
        visitor, text=f"Ein Loch\x07 \u202ehier {'' if door is by_api else MESSY}", address=MESSY.rstrip("\x00")
    )
    assert response.status_code < 400, response.content
    report = Report.objects.get()
    for words in (report.text, report.address):
        assert all(sign.isprintable() for sign in words)
    assert report.address.startswith("Weg 7")


def test_a_nul_is_named_by_the_api(visitor):
    problem = by_api(visitor, text="a\x00").json()
    assert "text" in str(problem["errors"])


@DOORS
def test_nobody_may_date_a_report_into_the_future(visitor, door):
    moment = (clock.now() + timedelta(days=2)).isoformat()
    response = door(visitor, filed_at=moment, requested_datetime=moment)
    if door is by_form:
        assert response.status_code == 422
        assert "Die Uhr Ihres Geräts geht vor" in response.content.decode()
        assert Report.objects.count() == 0
    else:  # these doors take no moment at all
        assert response.status_code < 300
        assert Report.objects.get().filed_at <= clock.now()


def truncated():
    data = io.BytesIO()
    Picture.new("RGB", (640, 480), (90, 90, 90)).save(data, "JPEG")
    return data.getvalue()[: len(data.getvalue()) // 2]


@WITH_PHOTOS
@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("leer.jpg", "image/jpeg", lambda: b""),
        ("halb.jpg", "image/jpeg", truncated),
        ("text.jpg", "image/jpeg", lambda: b"no photo at all"),
        ("seite.html", "text/html", lambda: b"<script>alert(1)</script>"),
        ("bild.svg", "image/svg+xml", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("programm.jpg", "image/jpeg", lambda: b"MZ\x90\x00" + b"\x00" * 500),
    ],
)
def test_what_is_no_whole_photo_is_refused(visitor, door, name, kind, data):
    response = door(visitor, photos=[SimpleUploadedFile(name, data(), kind)])
    assert response.status_code in REFUSED
    assert Report.objects.count() == Image.objects.count() == 0


@DOORS
def test_the_same_sending_twice_is_one_report(visitor, door):
    first, second = door(visitor), door(visitor)
    assert {first.status_code, second.status_code} <= {200, 201, 302}
    assert Report.objects.count() == (2 if door is by_open311 else 1)  # Open311 has no key of its own: see test_wire


@DOORS
def test_an_endless_asset_number_is_refused_or_cut(visitor, door):
    name = "address_id" if door is by_open311 else "asset"
    response = door(visitor, **{name: "9" * 10_000})
    assert response.status_code in REFUSED or len(Report.objects.get().asset_id) <= 80
