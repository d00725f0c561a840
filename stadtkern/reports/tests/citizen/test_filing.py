"""A citizen files: the page, the sending, the thanks, and everything that can go wrong on the way."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from stadtkern.reports.models import Report
from stadtkern.reports.tests.citizen.wizardry import KEY, PLACE, filled_in, needs_free_switches, photo
from stadtkern.reports.words import Source

pytestmark = pytest.mark.django_db


def test_the_page_asks_for_place_kind_and_words(visitor, city):
    page = visitor.get("/melden/").content.decode()
    assert 'name="lat"' in page
    assert 'name="category"' in page
    assert 'name="text"' in page
    assert "Straßen und Wege" in page


@pytest.mark.parametrize("kind", ["idea", "praise"])
def test_ideas_and_praise_are_equal_starts(visitor, city, kind):
    page = visitor.get(f"/melden/?art={kind}").content.decode()
    assert 'name="category"' in page
    assert "Schlagloch" not in page.split("data-every-kind")[0]


def test_a_report_is_filed_and_thanked_for(visitor, city):
    response = visitor.post("/melden/senden", filled_in())
    assert response.status_code == 302
    assert response.url.startswith("/melden/danke/")
    report = Report.objects.get()
    page = visitor.get(response.url).content.decode()
    assert str(report.pk) in page
    assert "/m/" in page
    assert "<svg" in page
    assert report.category_id == "bollard"
    assert report.district
    assert report.source == Source.WEB


def test_the_same_sending_twice_is_one_report_with_one_thanks(visitor, city):
    first = visitor.post("/melden/senden", filled_in(photos=[photo()]))
    second = visitor.post("/melden/senden", filled_in(photos=[photo()]))
    assert first.url == second.url
    assert Report.objects.count() == 1


def test_the_key_may_come_as_a_header_and_the_answer_as_json(visitor, city):
    given = filled_in(idempotency_key="")
    headers = {"Idempotency-Key": KEY, "Accept": "application/json"}
    first = visitor.post("/melden/senden", given, headers=headers)
    second = visitor.post("/melden/senden", given, headers=headers)
    assert first.status_code == 201
    assert first.json() == second.json()


def test_other_words_under_the_same_key_are_asked_about(visitor, city):
    visitor.post("/melden/senden", filled_in())
    response = visitor.post("/melden/senden", filled_in(text="Etwas ganz anderes liegt hier."))
    assert response.status_code == 409
    assert Report.objects.count() == 1
    assert "Etwas ganz anderes liegt hier." in response.content.decode()


def test_errors_keep_all_that_was_typed_and_the_photos(visitor, city):
    given = filled_in(category="", email="nicht-richtig", place_note="neben der Tür", photos=[photo()])
    response = visitor.post("/melden/senden", given)
    page = response.content.decode()
    assert response.status_code == 422
    assert Report.objects.count() == 0
    for words in ("Der Poller ist umgefahren.", "nicht-richtig", "neben der Tür", "1 Foto ist schon bei uns"):
        assert words in page
    kept = page.split('name="kept" value="')[1].split('"')[0]
    again = visitor.post("/melden/senden", filled_in(kept=kept))
    assert again.status_code == 302
    assert Report.objects.get().photo_count == 1


def test_kept_photos_cannot_be_forged_or_used_twice(visitor, city):
    page = visitor.post("/melden/senden", filled_in(category="", photos=[photo()])).content.decode()
    kept = page.split('name="kept" value="')[1].split('"')[0]
    visitor.post("/melden/senden", filled_in(kept=kept + "x", idempotency_key="another-key-1"))
    visitor.post("/melden/senden", filled_in(kept=kept, idempotency_key="another-key-2"))
    visitor.post("/melden/senden", filled_in(kept=kept, idempotency_key="another-key-3"))
    assert [row.photo_count for row in Report.objects.order_by("pk")] == [0, 1, 0]


def test_required_questions_are_asked(visitor, city):
    response = visitor.post("/melden/senden", filled_in(category="pothole"))
    assert response.status_code == 422
    assert "Bitte beantworten Sie diese Frage." in response.content.decode()
    given = filled_in(category="pothole") | {"answers.where": "lane", "answers.depth": "deep"}
    assert visitor.post("/melden/senden", given).status_code == 302
    assert Report.objects.get().answers == {"where": "lane", "depth": "deep"}


def test_an_answer_that_is_no_choice_is_refused(visitor, city):
    given = filled_in(category="pothole") | {"answers.where": "moon", "answers.depth": "deep"}
    response = visitor.post("/melden/senden", given)
    assert response.status_code == 422
    assert "steht nicht zur Wahl" in response.content.decode()


@pytest.mark.parametrize("place", [{"lat": "48.77", "lon": "9.18"}, {"lat": "0", "lon": "0"}])
def test_a_point_outside_the_city_is_refused(visitor, city, place):
    response = visitor.post("/melden/senden", filled_in(**place))
    assert response.status_code == 422
    assert "liegt nicht in" in response.content.decode()


@pytest.mark.parametrize("place", [{"lat": "north", "lon": "7"}, {"lat": "nan", "lon": "7"}, {"lat": "95", "lon": "7"}])
def test_nonsense_coordinates_are_refused(visitor, city, place):
    assert visitor.post("/melden/senden", filled_in(**place)).status_code == 422


def test_an_address_alone_is_enough(visitor, city):
    response = visitor.post("/melden/senden", filled_in(lat="", lon="", address="Willy-Brandt-Platz 2"))
    assert response.status_code == 302
    assert Report.objects.get().address.startswith("Willy-Brandt-Platz")


def test_a_defect_needs_a_place_an_idea_does_not(visitor, city):
    nowhere = {"lat": "", "lon": "", "address": ""}
    assert visitor.post("/melden/senden", filled_in(**nowhere)).status_code == 422
    idea = Report.category.field.related_model.objects.filter(kind="idea", is_active=True, questions=[]).first()
    assert visitor.post("/melden/senden", filled_in(category=idea.key, art="idea", **nowhere)).status_code == 302


def test_a_closed_category_says_why(visitor, city):
    page = visitor.get("/melden/").content.decode()
    assert "Falschparken" in page
    assert 'value="illegal-parking"' not in page
    response = visitor.post("/melden/senden", filled_in(category="illegal-parking"))
    assert response.status_code == 422
    assert "geschlossen" in response.content.decode()


def test_an_unknown_category_is_refused(visitor, city):
    response = visitor.post("/melden/senden", filled_in(category="dragons"))
    assert response.status_code == 422
    assert "Diese Kategorie gibt es nicht" in response.content.decode()


def test_ten_thousand_characters_are_refused_and_kept(visitor, city):
    text = "Schlimm. " * 1200
    response = visitor.post("/melden/senden", filled_in(text=text))
    page = response.content.decode()
    assert response.status_code == 422
    assert "zu lang" in page
    assert text.strip() in page


def test_control_characters_are_dropped(visitor, city):
    visitor.post("/melden/senden", filled_in(text="Ein\x00 Loch\x07 \u202ehier\nund da"))
    assert Report.objects.get().text == "Ein Loch hier\nund da"


def test_a_script_is_shown_as_text(visitor, city):
    response = visitor.post("/melden/senden", filled_in(category="", text="<script>alert(1)</script>"))
    assert "<script>alert(1)</script>" not in response.content.decode()


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("leer.jpg", b"", "image/jpeg"),
        SimpleUploadedFile("text.jpg", b"this is no photo at all", "image/jpeg"),
        SimpleUploadedFile("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        SimpleUploadedFile("halb.jpg", photo().read()[:200], "image/jpeg"),
        SimpleUploadedFile("gross.jpg", b"\xff\xd8\xff" + b"\0" * 30_000_000, "image/jpeg"),
    ],
    ids=["zero-byte", "text", "svg", "truncated", "oversized"],
)
def test_hostile_photos_are_refused_by_name(visitor, city, file):
    file.seek(0)
    response = visitor.post("/melden/senden", filled_in(photos=[file]))
    page = response.content.decode()
    assert response.status_code in {413, 422}
    assert Report.objects.count() == 0
    assert response.status_code == 413 or ("Der Poller ist umgefahren." in page and file.name in page)


def test_four_photos_are_one_too_many(visitor, city):
    response = visitor.post("/melden/senden", filled_in(photos=[photo() for _ in range(4)]))
    assert response.status_code == 422
    assert "höchstens 3 Fotos" in response.content.decode()


def test_nothing_said_and_no_photo_is_nothing(visitor, city):
    assert visitor.post("/melden/senden", filled_in(text="")).status_code == 422
    assert visitor.post("/melden/senden", filled_in(text="", photos=[photo()])).status_code == 302


def test_the_outbox_may_name_when_it_was_told_but_no_future(visitor, city):
    then = timezone.now() - timedelta(days=2)
    late = {"X-Requested-With": "outbox"}
    assert visitor.post("/melden/senden", filled_in(filed_at=then.isoformat()), headers=late).status_code == 302
    report = Report.objects.get()
    assert report.source == Source.OFFLINE
    assert abs(report.filed_at - then) < timedelta(seconds=1)
    soon = (timezone.now() + timedelta(days=2)).isoformat()
    given = filled_in(filed_at=soon, idempotency_key="key-of-the-future")
    assert visitor.post("/melden/senden", given, headers=late).status_code == 422


def test_machines_are_asked_again_and_lose_nothing(visitor, city):
    for faulty in ({"website": "https://spam.example"}, {"started": ""}):
        response = visitor.post("/melden/senden", filled_in(**faulty))
        assert response.status_code == 422
        assert "Der Poller ist umgefahren." in response.content.decode()
    assert Report.objects.count() == 0


def test_too_many_from_one_address_wait(visitor, city, monkeypatch):
    monkeypatch.setattr("stadtkern.reports.web.filing.MOST_AN_HOUR", 2)
    codes = [visitor.post("/melden/senden", filled_in(idempotency_key=f"key-number-{n}")).status_code for n in range(3)]
    assert codes == [302, 302, 429]


def test_another_site_cannot_file_for_a_visitor(visitor, city):
    response = visitor.post("/melden/senden", filled_in(), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert Report.objects.count() == 0


def test_the_receipt_carries_the_link_and_the_confirmation(visitor, city, run_jobs):
    visitor.post("/melden/senden", filled_in(email="maria@example.org"))
    run_jobs()
    letter = next(letter for letter in mail.outbox if letter.to == ["maria@example.org"])
    assert str(Report.objects.get().pk) in letter.subject
    assert "/m/" in letter.body
    assert "/mitteilungen/bestaetigen/" in letter.body


def test_a_helper_takes_part_as_helper(visitor, city):
    visitor.post("/melden/senden", filled_in(email="maria@example.org", helper="on"))
    assert Report.objects.get().thread.participants.get().part == "helper"


def test_signed_in_people_need_no_address(visitor, city, aylin):
    visitor.signed_in(aylin).post("/melden/senden", filled_in())
    assert Report.objects.get().thread.participants.get().contact.person == aylin


def test_readers_of_the_form_get_no_cookie(visitor, city):
    needs_free_switches()
    assert not visitor.get("/melden/").cookies


@pytest.mark.parametrize("language", ["en", "tr", "uk", "ar", "de-simple"])
def test_the_form_speaks_the_language(visitor, city, language):
    page = visitor.get("/melden/", headers={"Cookie": f"language={language}"}).content.decode()
    assert f'lang="{language}"' in page


def test_without_javascript_each_step_is_a_page(visitor, city):
    second = visitor.get("/melden/", PLACE | {"schritt": "2"}).content.decode()
    assert 'aria-labelledby="step-1" hidden' in second.replace("  ", " ")
    third = visitor.get("/melden/", PLACE | {"schritt": "3", "category": "bollard"}).content.decode()
    assert 'aria-labelledby="step-2" hidden' in third
    assert 'value="51.48186"' in third


def test_a_step_too_early_leads_back_with_its_fault(visitor, city):
    page = visitor.get("/melden/", {"schritt": "3"}).content.decode()
    assert "Bitte sagen Sie uns, wo das ist" in page
    assert 'aria-labelledby="step-3" hidden' in page


def test_bad_json_wishes_get_problems(visitor, city):
    response = visitor.post("/melden/senden", filled_in(category=""), headers={"Accept": "application/json"})
    problem = json.loads(response.content)
    assert response.status_code == 422
    assert "category" in problem["errors"]


def test_an_unknown_thanks_link_leads_nowhere(visitor, city):
    assert visitor.get("/melden/danke/zz-aaaaaaaaaaaaaaaaaaaaaaaaaa/").status_code == 404


def test_signed_in_people_are_not_asked_for_an_address(visitor, city, aylin):
    assert 'name="email"' in visitor.get("/melden/").content.decode()
    assert 'name="email"' not in visitor.signed_in(aylin).get("/melden/").content.decode()


@pytest.mark.parametrize("path", ["/melden/", "/meldungen/karte/", "/meldungen/umgebung/"])
def test_every_map_knows_where_the_city_is(visitor, city, path):
    assert f'data-lat="{city.center[1]:.6f}"' in visitor.get(path).content.decode()
