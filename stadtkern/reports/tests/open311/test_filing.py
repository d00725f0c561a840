"""Filing through Open311 in its rarer forms, the keys' command, and input nobody would send."""

import io
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture

from stadtkern.core import apikeys
from stadtkern.core.models import ApiKey, AuditEntry
from stadtkern.media.models import Image
from stadtkern.places.domain import geocoding
from stadtkern.places.domain.gazetteer import Hit
from stadtkern.reports.models import Report
from stadtkern.reports.tests.open311.conftest import V2, answers_for


def photo(name="loch.jpg"):
    data = io.BytesIO()
    Picture.new("RGB", (640, 480), (90, 90, 90)).save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), content_type="image/jpeg")


def form(key, **given):
    answers = {f"attribute[{code}]": value for code, value in answers_for("pothole").items()}
    return {"api_key": key, "service_code": "pothole", "lat": "51.4818", "long": "7.2162"} | answers | given


def sent(visitor, fields, status=200, **headers):
    response = visitor.post(f"{V2}/requests.json", fields, headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def test_photos_come_as_media_and_are_kept_private_at_first(visitor, key):
    (told,) = sent(visitor, form(key, media=[photo("a.jpg"), photo("b.jpg")]))
    report = Report.objects.get(pk=told["service_request_id"])
    assert [one.image.state for one in report.photos.all()] == ["received", "received"]
    (row,) = visitor.get(f"{V2}/requests/{report.pk}.json", {"api_key": key}).json()
    assert row["media_url"] is None


def test_a_public_photo_has_an_address(visitor, key):
    (told,) = sent(visitor, form(key, media=[photo()]))
    Image.objects.update(state="public", base="abc")
    (row,) = visitor.get(f"{V2}/requests/{told['service_request_id']}.json", {"api_key": key}).json()
    assert row["media_url"].startswith("http")
    assert str(Image.objects.get().pk) in row["media_url"]


@pytest.mark.parametrize("data", [b"", b"GIF89a no", b"\xff\xd8\xff" + b"\x00" * 100])
def test_what_is_no_photo_is_refused_and_nothing_is_kept(visitor, key, data):
    broken = SimpleUploadedFile("loch.jpg", data, content_type="image/jpeg")
    sent(visitor, form(key, media=[photo(), broken]), status=400)
    assert not Report.objects.exists()
    assert not Image.objects.exists()


def test_more_photos_than_the_city_takes_are_refused(visitor, key):
    faults = sent(visitor, form(key, media=[photo(f"{n}.jpg") for n in range(4)]), status=400)
    assert "3" in faults[0]["description"]


def test_the_same_photos_again_are_the_same_request(visitor, key):
    headers = {"Idempotency-Key": "with-photos-1"}
    first = sent(visitor, form(key, media=[photo()]), **headers)
    assert sent(visitor, form(key, media=[photo()]), **headers) == first
    sent(visitor, form(key, media=[photo(), photo()]), status=400, **headers)
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("hits", "point"),
    [
        ([Hit("Rathaus", 51.4818, 7.2162, "public")], (51.4818, 7.2162)),
        ([Hit("A", 51.48, 7.21, "street"), Hit("B", 51.47, 7.2, "street")], (None, None)),
        ([Hit("Mitte", 51.48, 7.21, "street", precision="district")], (None, None)),
        ([Hit("Köln", 50.94, 6.96, "street")], (None, None)),
        ([], (None, None)),
    ],
)
def test_an_address_becomes_a_point_only_when_it_is_sure(visitor, key, monkeypatch, hits, point):
    class Known:
        name = "known"

        def search(self, text, *, limit):
            return hits

        def reverse(self, lat, lon):
            return None

    monkeypatch.setattr(geocoding, "geocoder", Known)
    fields = form(key, address_string="Willy-Brandt-Platz 2") | {"lat": "", "long": ""}
    (told,) = sent(visitor, fields)
    report = Report.objects.get(pk=told["service_request_id"])
    assert (report.lat, report.lon, report.address) == (*point, "Willy-Brandt-Platz 2")


def test_a_link_to_a_picture_is_a_note_for_staff(visitor, key):
    (told,) = sent(visitor, form(key, media_url="https://pictures.example/1.jpg"))
    report = Report.objects.get(pk=told["service_request_id"])
    assert report.thread.entries.get(kind="note").text.endswith("https://pictures.example/1.jpg")


def test_a_key_may_come_as_a_header(visitor, key):
    fields = form(key)
    fields.pop("api_key")
    sent(visitor, fields, status=403)
    sent(visitor, fields, **{"X-Api-Key": key})


def test_whoever_gives_an_address_gets_a_receipt_and_no_one_else_sees_it(visitor, key, run_jobs, mailoutbox):
    sent(visitor, form(key, email="aylin@example.org", phone="0234 1"))
    run_jobs()
    assert [letter.to for letter in mailoutbox] == [["aylin@example.org"]]
    assert b"aylin" not in visitor.get(f"{V2}/requests.json", {"extensions": "true"}).content


def test_keys_are_issued_listed_and_ended_by_command(city, capsys):
    call_command("api_key", "create", "Bauhof", "--scope", "open311.update", "--organisation", "tiefbauamt")
    text = capsys.readouterr().out.strip()
    made = ApiKey.objects.get()
    assert apikeys.key_for(text, scope="open311.update") == made
    assert apikeys.key_for(text, scope="open311.file") is None
    assert text not in (made.digest, made.prefix)
    call_command("api_key", "list")
    listed = capsys.readouterr().out
    assert made.prefix in listed
    assert text not in listed
    call_command("api_key", "revoke", made.prefix)
    assert apikeys.key_for(text, scope="open311.update") is None
    with pytest.raises(CommandError):
        call_command("api_key", "revoke", made.prefix)
    with pytest.raises(CommandError):
        call_command("api_key", "create", "X", "--organisation", "nowhere")
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"apikey.issued", "apikey.revoked"}


def test_use_is_noted_but_not_at_every_call(city, django_assert_num_queries):
    text = apikeys.issue("A", scopes=["open311.file"])[1]
    apikeys.key_for(text, scope="open311.file")
    assert ApiKey.objects.get().last_used_at
    with django_assert_num_queries(1):
        apikeys.key_for(text, scope="open311.file")


PATHS = st.sampled_from(["requests", "services", "services/pothole", "requests/1", "tokens/1", "servicerequestupdates"])
NAMES = st.sampled_from(
    ["service_request_id", "service_code", "start_date", "status", "page", "bbox", "q", "sort", "locale", "api_key"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=PATHS, form=st.sampled_from(["xml", "json", "x"]), params=st.dictionaries(NAMES, st.text(max_size=12)))
def test_no_question_breaks_it(visitor, city, path, form, params):
    response = visitor.get(f"{V2}/{path}.{form}?{urlencode(params, errors='surrogatepass')}")
    assert response.status_code in {200, 400, 403, 404}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200), kind=st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data"]))
def test_no_body_breaks_it(visitor, key, body, kind):
    for path in ("requests.json", "servicerequestupdates.xml"):
        response = visitor.post(f"{V2}/{path}?api_key={key}", body, content_type=f"{kind}; boundary=x")
        assert response.status_code in {400, 403, 404}
