"""A report's page: what everybody sees, what only those who take part see, and what nobody sees."""

import pytest
from django.test import Client
from django.utils.translation import override

from stadtkern.core.languages import pick
from stadtkern.media.domain.publishing import publish
from stadtkern.media.domain.storing import store_image
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import reading
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.publishing import hide_report, publish_report
from stadtkern.reports.domain.talking import answer_report, ask_back
from stadtkern.reports.domain.workflow import hand_over, move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.citizen.wizardry import needs_free_switches, photo
from stadtkern.reports.web.public import Reader, Typed, _shows
from stadtkern.reports.web.skeleton import fill_in, render
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.words import ShownTo

pytestmark = pytest.mark.django_db


def public(**given):
    made = report(**given)
    publish_report(made.pk, by=None)
    return Report.objects.get(pk=made.pk)


def text_of(response) -> str:
    return response.content.decode()


def test_everybody_reads_what_was_told_and_who_has_it(visitor, city):
    made = public()
    page = text_of(visitor.get(f"/meldungen/{made.pk}/"))
    assert made.text in page
    assert "Liegt seit heute bei" in page
    assert made.owner.short in page


def test_an_unknown_number_is_not_found_and_a_hidden_one_is_gone(visitor, city, dora):
    assert visitor.get("/meldungen/99999999/").status_code == 404
    assert visitor.get("/meldungen/99999999999999999999999/").status_code == 404
    made = public(text="Ein Geheimnis")
    hide_report(made.pk, because="Beleidigung", by=dora)
    gone = visitor.get(f"/meldungen/{made.pk}/")
    assert gone.status_code == 410
    assert "Ein Geheimnis" not in text_of(gone)


def test_before_it_is_read_its_words_are_nobodys(visitor, city):
    checked = next(one for one in catalogue().categories.values() if not one.publish_at_once and one.is_active)
    made = report(text="Unerhörte Worte")
    Report.objects.filter(pk=made.pk).update(category=checked, visibility="checking")
    page = text_of(visitor.get(f"/meldungen/{made.pk}/"))
    assert "Unerhörte Worte" not in page
    assert "wird noch gelesen" in page


def test_a_changed_report_is_shown_changed_at_once(visitor, city, dora):
    made = public()
    assert "In Arbeit" not in text_of(visitor.get(f"/meldungen/{made.pk}/"))
    move_report(made.pk, to=Status.CHECKED, by=dora)
    move_report(made.pk, to=Status.IN_WORK, by=dora, told="Wir sind dran.")
    page = text_of(visitor.get(f"/meldungen/{made.pk}/"))
    assert "In Arbeit" in page
    assert "Wir sind dran." in page


def test_a_handover_is_told_in_plain_words(visitor, city, dora):
    made = public()
    usb = Organisation.objects.get(key="usb")
    hand_over(made.pk, to=usb, by=dora, words="bitte übernehmen", told="Das ist Sache des USB.")
    page = text_of(visitor.get(f"/meldungen/{made.pk}/"))
    assert f"Weitergegeben an: {usb.short}" in page
    assert "Das ist Sache des USB." in page
    assert "bitte übernehmen" not in page


@pytest.mark.parametrize("language", ["de", "en", "tr", "uk", "ar", "de-simple"])
def test_a_no_gives_its_reason_in_every_language(visitor, city, dora, language):
    made = public()
    other = Organisation.objects.get(key="usb")
    move_report(made.pk, to=Status.REJECTED, by=dora, reason="not-ours", referred_to=other, told="Leider nein.")
    page = text_of(visitor.get(f"/meldungen/{made.pk}/", headers={"Cookie": f"language={language}"}))
    words = pick(catalogue().reasons["not-ours"].public, language).replace("{organisation}", other.name)
    assert words.split(".")[0] in page
    assert other.name in page


def test_no_cookie_and_no_session_for_readers(visitor, city, django_assert_num_queries):
    needs_free_switches()
    made = public()
    url = f"/meldungen/{made.pk}/"
    first = visitor.get(url)
    with django_assert_num_queries(1):
        second = visitor.get(url)
    assert not first.cookies
    assert not second.cookies


def test_the_same_page_again_is_not_sent_again(visitor, city, dora):
    made = public()
    url = f"/meldungen/{made.pk}/"
    first = visitor.get(url)
    again = visitor.get(url, headers={"If-None-Match": first["ETag"]})
    assert again.status_code in {200, 304}
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    changed = visitor.get(url, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "Fertig." in text_of(changed)


def test_photos_wait_until_they_are_blurred(visitor, city, run_jobs):
    image = store_image(photo().read(), purpose="report")
    made = public(photos=(image.pk,))
    page = text_of(visitor.get(f"/meldungen/{made.pk}/"))
    assert "Das Foto wird noch geprüft" in page
    assert f"/bild/{image.pk}" not in page
    run_jobs()
    publish(image.pk)
    assert f"/bild/{image.pk}" in text_of(visitor.get(f"/meldungen/{made.pk}/"))


def test_me_too_counts_a_device_once(visitor, city):
    made = public()
    url = f"/meldungen/{made.pk}/mich-auch/"
    assert visitor.post(url).url.endswith("danke=mich-auch")
    assert visitor.post(url).url.endswith("danke=schon-gezaehlt")
    Client().post(url)
    assert Report.objects.get(pk=made.pk).support_count == 2
    assert "<strong>2</strong>" in text_of(visitor.get(f"/meldungen/{made.pk}/"))


def test_me_too_needs_an_open_public_report(visitor, city, dora):
    waiting = report()
    Report.objects.filter(pk=waiting.pk).update(visibility="checking")
    assert visitor.post(f"/meldungen/{waiting.pk}/mich-auch/").status_code == 404
    made = public()
    move_report(made.pk, to=Status.DONE, by=dora)
    assert visitor.post(f"/meldungen/{made.pk}/mich-auch/").status_code == 403


def test_whoever_takes_part_sees_messages_a_stranger_does_not(visitor, city, bernd, dmitri, secret_visitor):
    made = public(contact=contact_for(email="maria@example.org"))
    answer_report(made.pk, text="Nur für Sie.", by=bernd, shown_to=ShownTo.PARTICIPANTS)
    url = f"/meldungen/{made.pk}/"
    assert "Nur für Sie." in text_of(secret_visitor(made).get(url))
    for stranger in (visitor, visitor.signed_in(dmitri)):
        assert "Nur für Sie." not in text_of(stranger.get(url))
        assert stranger.post(f"{url}nachricht/", {"text": "Ich bin es!"}).status_code == 403


def test_the_account_that_reported_takes_part(visitor, city, aylin, bernd):
    made = public(contact=contact_for(person=aylin))
    answer_report(made.pk, text="Nur für Aylin.", by=bernd, shown_to=ShownTo.PARTICIPANTS)
    page = text_of(visitor.signed_in(aylin).get(f"/meldungen/{made.pk}/"))
    assert "Nur für Aylin." in page
    assert "Ihre Nachricht" in page


def test_a_question_back_is_answered(city, bernd, secret_visitor):
    made = public()
    ask_back(made.pk, text="Welche Seite der Straße?", by=bernd)
    guest = secret_visitor(made)
    url = f"/meldungen/{made.pk}/"
    assert "Wir haben eine Frage an Sie" in text_of(guest.get(url))
    assert guest.post(f"{url}nachricht/", {"text": "Die linke."}).status_code == 302
    page = text_of(guest.get(url))
    assert "Die linke." in page
    assert "Wir haben eine Frage an Sie" not in page
    assert Report.objects.get(pk=made.pk).status != Status.WAITING


def test_an_empty_message_comes_back_with_its_fault(city, secret_visitor):
    made = public()
    guest = secret_visitor(made)
    response = guest.post(f"/meldungen/{made.pk}/nachricht/", {"text": "   "})
    assert response.status_code == 422
    assert "Bitte schreiben Sie etwas." in text_of(response)


def test_yes_it_was_solved(city, dora, secret_visitor):
    made = public()
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    guest = secret_visitor(made)
    assert "Ist es gut geworden?" in text_of(guest.get(f"/meldungen/{made.pk}/"))
    guest.post(f"/meldungen/{made.pk}/rueckmeldung/", {"solved": "yes", "words": "Danke!"})
    assert Report.objects.get(pk=made.pk).solved is True


def test_no_it_was_not_opens_it_again(city, dora, secret_visitor):
    made = public()
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    guest = secret_visitor(made)
    guest.post(f"/meldungen/{made.pk}/rueckmeldung/", {"solved": "no", "words": "Wackelt noch."})
    assert Report.objects.get(pk=made.pk).status == Status.REOPENED
    assert "Wackelt noch." in text_of(guest.get(f"/meldungen/{made.pk}/"))


def test_taking_back_ends_the_report_and_its_page(visitor, city, secret_visitor):
    made = public()
    guest = secret_visitor(made)
    guest.post(f"/meldungen/{made.pk}/zurueckziehen/")
    assert visitor.get(f"/meldungen/{made.pk}/").status_code == 410
    assert guest.get(f"/meldungen/{made.pk}/").status_code == 200


def test_what_others_wait_for_cannot_be_taken_back(visitor, city, secret_visitor):
    made = public()
    visitor.post(f"/meldungen/{made.pk}/mich-auch/")
    assert secret_visitor(made).post(f"/meldungen/{made.pk}/zurueckziehen/").status_code == 403


def test_following_by_mail_waits_for_the_confirmation(visitor, city, run_jobs, mailoutbox):
    made = public()
    assert visitor.post(f"/meldungen/{made.pk}/folgen/", {"email": "x"}).status_code == 422
    response = visitor.post(f"/meldungen/{made.pk}/folgen/", {"email": "nina@example.org"})
    assert response.url.endswith("danke=gefolgt")
    run_jobs()
    assert any(letter.to == ["nina@example.org"] for letter in mailoutbox)


def test_following_an_area(visitor, city, run_jobs, mailoutbox):
    given = {"address": "Willy-Brandt-Platz 2", "radius": "500", "pace": "weekly", "email": "nina@example.org"}
    assert visitor.post("/meldungen/umgebung/", given).status_code == 302
    outside = given | {"lat": "48.7", "lon": "9.1"}
    assert visitor.post("/meldungen/umgebung/", outside).status_code == 422
    assert visitor.post("/meldungen/umgebung/", given | {"email": ""}).status_code == 422
    run_jobs()
    assert len([letter for letter in mailoutbox if letter.to == ["nina@example.org"]]) == 1


def test_another_site_can_do_nothing_here(visitor, city, secret_visitor):
    made = public()
    guest = secret_visitor(made)
    for path in ("mich-auch", "nachricht", "rueckmeldung", "zurueckziehen", "folgen"):
        response = guest.post(f"/meldungen/{made.pk}/{path}/", headers={"Origin": "https://evil.example"})
        assert response.status_code == 403
    assert Report.objects.get(pk=made.pk).support_count == 0


def test_the_feed_of_a_report_is_public_history(visitor, city, bernd):
    made = public()
    answer_report(made.pk, text="Öffentliche Antwort", by=bernd)
    answer_report(made.pk, text="Vertraulich", by=bernd, shown_to=ShownTo.PARTICIPANTS)
    feed = text_of(visitor.get(f"/feeds/meldungen/{made.pk}.atom"))
    assert "Öffentliche Antwort" in feed
    assert "Vertraulich" not in feed


CASES = [
    {},
    {"address": "Weg & <Platz> 7", "place_note": 'hinter dem "Tor"', "text": "Zwei Zeilen\n\nund <b>mehr</b>"},
    {"lat": 51.5, "lon": 7.25},
    {"category": "pothole", "answers": {"where": "lane", "depth": "deep"}},
]


@pytest.mark.parametrize("language", ["de", "en", "ar"])
@pytest.mark.parametrize("given", CASES)
def test_a_page_by_way_of_stand_ins_is_the_page_drawn_in_full(city, dora, given, language):
    """Cases of a kind share one drawn page; with the values of a single report it must be that report's own."""
    both = public(**given), public(**given)
    with override(language):
        assert all(_same_both_ways(one.pk) for one in both)
    for one in both:
        answer_report(one.pk, text=f"Antwort {one.pk} & Gruß", by=dora)
        move_report(one.pk, to=Status.DONE, by=dora, told=f"Erledigt, {one.pk}.")
    with override(language):
        assert all(_same_both_ways(one.pk) for one in both)


def _same_both_ways(report_id: int) -> bool:
    found = reading.facts(report_id)
    lines = reading.history(found.thread_id, for_participants=False)
    shows = _shows(found, Reader(), lines) | {"typed": Typed()}
    filled = fill_in(found, shows)
    return filled == {name: str(text) for name, text in render(shows).items()} and "1801" not in filled["body"]
