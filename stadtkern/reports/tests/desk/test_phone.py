"""Staff take a report for a caller: the caller is told, the history says who took it."""

import pytest
from django.core import mail

from stadtkern.reports.models import Report
from stadtkern.reports.tests.citizen.wizardry import filled_in
from stadtkern.reports.tests.desk.posting import INBOX, page_of
from stadtkern.reports.words import Source

pytestmark = pytest.mark.django_db
FORM = {"quelle": "telefon"}
CALLER = {"name": "Frau Yilmaz", "phone": "0234 910 1111", "email": "yilmaz@example.org"}


def call(desk, **given):
    return desk.post("/melden/senden", filled_in(**FORM, **given))


def test_the_form_says_for_whom_and_asks_for_the_caller(visitor, dora):
    page = visitor.signed_in(dora).get("/melden/", FORM).content.decode()
    assert "Sie nehmen das für jemanden am Telefon auf." in page
    assert 'name="phone"' in page
    assert 'name="email"' in page
    assert 'name="quelle" value="telefon"' in page
    assert "?quelle=telefon&amp;art=idea" in page
    assert "in Ihrem Konto" not in page


def test_the_caller_is_the_reporter_and_gets_the_receipt(visitor, dora, run_jobs):
    answer = call(visitor.signed_in(dora), **CALLER)
    made = Report.objects.get()
    assert made.source == Source.PHONE
    contact = made.thread.participants.get().contact
    assert (contact.email, contact.phone, contact.name) == ("yilmaz@example.org", "0234 910 1111", "Frau Yilmaz")
    assert contact.person_id is None
    assert answer.url == f"{INBOX}aufgenommen/{made.pk}/"
    run_jobs()
    assert ["yilmaz@example.org"] in [letter.to for letter in mail.outbox]
    assert all("dora@stadtkern.example" not in letter.to for letter in mail.outbox)


def test_the_history_names_the_taker_as_taker(visitor, dora):
    desk = visitor.signed_in(dora)
    call(desk, **CALLER)
    made = Report.objects.get()
    entry = made.thread.entries.get(code="received")
    assert entry.person == dora
    assert "am Telefon aufgenommen von: Dora" in desk.get(page_of(made)).content.decode()


def test_nobody_outside_reads_who_took_it(visitor, dora):
    call(visitor.signed_in(dora))
    made = Report.objects.get()
    Report.objects.update(visibility="public")
    assert "Dora" not in visitor.get(f"/meldungen/{made.pk}/").content.decode()


def test_a_caller_may_say_nothing_about_themselves(visitor, dora, run_jobs):
    desk = visitor.signed_in(dora)
    answer = call(desk)
    made = Report.objects.get()
    assert not made.thread.participants.exists()
    page = desk.get(answer.url).content.decode()
    assert str(made.pk) in page
    assert "Ohne E-Mail-Adresse" in page


def test_what_is_wrong_comes_back_as_a_phone_form(visitor, dora):
    answer = call(visitor.signed_in(dora), **CALLER | {"email": "keine"}, text="Meine Worte")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Frau Yilmaz" in page
    assert "Meine Worte" in page
    assert 'name="quelle" value="telefon"' in page


@pytest.mark.parametrize("who", ["kai", "aylin", None])
def test_without_the_right_it_is_an_ordinary_filing(visitor, request, who):
    desk = visitor.signed_in(request.getfixturevalue(who)) if who else visitor
    request.getfixturevalue("city")
    assert "am Telefon auf" not in desk.get("/melden/", FORM).content.decode()
    call(desk, **CALLER)
    made = Report.objects.get()
    assert made.source == Source.WEB
    assert made.thread.entries.get(code="received").person is None
    contact = made.thread.participants.get().contact
    assert (contact.phone, contact.name) == ("", "") or contact.person_id
    assert who is None or contact.person.name.lower() == who


def test_the_button_is_there_for_those_who_may(visitor, dora, kai):
    assert "?quelle=telefon" in visitor.signed_in(dora).get(INBOX).content.decode()
    assert "?quelle=telefon" not in visitor.signed_in(kai).get(INBOX).content.decode()


def test_only_the_taker_reads_what_to_tell(visitor, dora, bernd, clara):
    call(visitor.signed_in(bernd))
    made = Report.objects.get()
    address = f"{INBOX}aufgenommen/{made.pk}/"
    assert visitor.signed_in(bernd).get(address).status_code == 200
    assert visitor.signed_in(clara).get(address).status_code == 404
    assert visitor.get(address).status_code == 302


def test_a_caseworker_takes_what_is_not_theirs(visitor, clara):
    desk = visitor.signed_in(clara)
    answer = call(desk)
    page = desk.get(answer.url).content.decode()
    assert "Tiefbauamt" in page
    assert page_of(Report.objects.get()) not in page
