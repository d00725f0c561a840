"""My account: name, language, address, sessions."""

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.utils import translation

from stadtkern.core.models import AuditEntry
from stadtkern.core.testing.visitor import Visitor
from stadtkern.people.domain import belonging, sessions
from stadtkern.people.models import Organisation, Person
from stadtkern.people.tests.letters import code_in, last_letter
from stadtkern.people.words import Role

LOGIN, CONFIRM = "/konto/anmelden/login/", "/konto/anmelden/login/code/confirm/"
EMAIL, VERIFY = "/konto/anmelden/email/", "/konto/anmelden/confirm-email/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


def browser_of(person: Person, run_jobs, agent: str = FIREFOX) -> Visitor:
    visitor = Visitor(headers={"user-agent": agent})
    visitor.post(LOGIN, {"login": person.email})
    visitor.post(CONFIRM, {"code": code_in(last_letter(run_jobs))})
    return visitor


@pytest.mark.parametrize(
    "path", ["", "daten/", "daten/herunterladen/", "sitzungen/", "anmelden/email/", "anmelden/2fa/"]
)
def test_without_signing_in_every_page_leads_to_the_door(visitor, city, path):
    answer = visitor.get(f"/konto/{path}")
    assert answer.headers["Location"] == f"{LOGIN}?next=/konto/{path}"


def test_the_page_shows_who_i_am_and_the_ways_on(visitor, aylin):
    page = visitor.signed_in(aylin).get("/konto/").content.decode()
    for words in ("aylin@stadtkern.example", "Meine Daten", "Passkeys", "Abmelden"):
        assert words in page


def test_name_and_language_are_kept_and_the_pages_follow(visitor, aylin):
    mine = visitor.signed_in(aylin)
    answer = mine.post("/konto/", {"name": "  Aylin   Demir ", "language": "tr"})
    assert answer.status_code == 302
    aylin.refresh_from_db()
    assert (aylin.name, aylin.language) == ("Aylin Demir", "tr")
    assert mine.cookies[django_settings.LANGUAGE_COOKIE_NAME].value == "tr"
    translation.activate("de")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "x" * 121, "language": "de"}, "name"),
        ({"name": "A\x00", "language": "de"}, "name"),
        ({"name": "A", "language": "tlh"}, "language"),
        ({"name": "A"}, "language"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(visitor, aylin, wrong, field):
    page = visitor.signed_in(aylin).post("/konto/", wrong)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert wrong["name"].replace("\x00", "") in page.content.decode().replace("\x00", "")
    aylin.refresh_from_db()
    assert aylin.name == "Aylin"


def test_staff_see_where_they_belong(at_the_desk, clara, ada):
    unit = Organisation.objects.get(key="innovation-unit")
    belonging.add_membership(clara, unit, Role.UNIT, by=ada, home=False, share=50)
    page = at_the_desk(clara).get("/konto/").content.decode()
    assert "Heimatorganisation: USB Bochum" in page
    assert "Smart City Innovation Unit" in page


def test_a_new_address_counts_after_its_code(aylin, run_jobs):
    mine = browser_of(aylin, run_jobs)
    assert mine.get(EMAIL).status_code == 200
    answer = mine.post(EMAIL, {"email": "Neu@stadtkern.example", "action_add": "1"})
    assert answer.headers["Location"] == VERIFY
    aylin.refresh_from_db()
    assert aylin.email == "aylin@stadtkern.example", "not before the code"
    letter = last_letter(run_jobs)
    assert letter.to == ["neu@stadtkern.example"]
    mine.post(VERIFY, {"code": code_in(letter)})
    aylin.refresh_from_db()
    assert aylin.email == "neu@stadtkern.example"
    assert [one.email for one in aylin.emailaddress_set.all()] == ["neu@stadtkern.example"]
    run_jobs()
    assert (mail.outbox[-1].to, "geändert" in mail.outbox[-1].body) == (["aylin@stadtkern.example"], True)
    assert AuditEntry.objects.filter(action="people.address_changed", actor_id=aylin.pk).exists()
    assert "neu@" not in str(AuditEntry.objects.get(action="people.address_changed").detail)


def test_an_address_of_somebody_else_is_not_given_away(aylin, dmitri, run_jobs):
    mine = browser_of(aylin, run_jobs)
    taken = mine.post(EMAIL, {"email": dmitri.email, "action_add": "1"})
    free = browser_of(aylin, run_jobs).post(EMAIL, {"email": "free@stadtkern.example", "action_add": "1"})
    assert (taken.status_code, taken.headers["Location"]) == (free.status_code, free.headers["Location"])
    run_jobs()
    to_dmitri = next(letter for letter in mail.outbox if letter.to == [dmitri.email])
    mine.post(VERIFY, {"code": code_in(to_dmitri)})
    aylin.refresh_from_db()
    assert aylin.email == "aylin@stadtkern.example"


def test_every_open_session_is_listed_and_one_can_be_ended(aylin, run_jobs):
    here, phone = browser_of(aylin, run_jobs), browser_of(aylin, run_jobs, PHONE)
    page = here.get("/konto/sitzungen/").content.decode()
    assert "Firefox auf Windows" in page
    assert "Chrome auf Android" in page
    other = next(one for one in sessions.of(aylin) if one.session_key == phone.session.session_key)
    here.post(f"/konto/sitzungen/{other.pk}/beenden/")
    assert phone.get("/konto/").status_code == 302
    assert here.get("/konto/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(aylin, dmitri, run_jobs):
    theirs = browser_of(dmitri, run_jobs)
    mine = browser_of(aylin, run_jobs)
    mine.post(f"/konto/sitzungen/{sessions.of(dmitri)[0].pk}/beenden/")
    assert theirs.get("/konto/").status_code == 200


def test_signing_out_everywhere_else_keeps_only_this_browser(aylin, run_jobs):
    here, phone, unlisted = browser_of(aylin, run_jobs), browser_of(aylin, run_jobs, PHONE), Visitor().signed_in(aylin)
    before = here.session.session_key
    here.post("/konto/sitzungen/andere-beenden/")
    assert here.get("/konto/").status_code == 200
    assert here.session.session_key != before
    assert phone.get("/konto/").status_code == 302
    assert unlisted.get("/konto/").status_code == 302, "also what no list knows"
    assert [one.session_key for one in sessions.of(aylin)] == [here.session.session_key]


def test_changing_needs_a_post_with_a_token(visitor, aylin):
    mine = visitor.signed_in(aylin)
    for path in ("sitzungen/andere-beenden/", "sitzungen/1/beenden/", "daten/loeschen/"):
        assert mine.get(f"/konto/{path}").status_code == 405, path
    strict = Visitor(enforce_csrf_checks=True)
    strict.force_login(aylin, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post("/konto/daten/loeschen/", {"sure": "on"}).status_code == 403


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("", "Ein Browser"),
        (FIREFOX, "Firefox auf Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari auf iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge auf Windows"),
        ("curl/8.0", "Ein Browser"),
    ],
)
def test_a_device_is_told_in_two_words(agent, words):
    with translation.override("de"):
        assert sessions.device(agent) == words
