"""Signing in by a code: the way, its limits, and that it tells nothing about accounts."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core import mail
from django.test import RequestFactory, override_settings
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.testing.visitor import Visitor
from stadtkern.core.web.client_address import client_address
from stadtkern.people.models import Membership, Person
from stadtkern.people.tests.letters import code_in, last_letter

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
LOGIN, CONFIRM = "/konto/anmelden/login/", "/konto/anmelden/login/code/confirm/"
SIGNUP, VERIFY = "/konto/anmelden/signup/", "/konto/anmelden/confirm-email/"


def ask(visitor, email: str):
    return visitor.post(LOGIN, {"login": email})


def sign_in(visitor, email: str, run_jobs):
    ask(visitor, email)
    return visitor.post(CONFIRM, {"code": code_in(last_letter(run_jobs))})


def who(visitor) -> int | None:
    key = visitor.session.get("_auth_user_id")
    return int(key) if key else None


def test_a_code_by_mail_opens_the_account(visitor, aylin, run_jobs):
    assert ask(visitor, "Aylin@Stadtkern.example ").headers["Location"] == CONFIRM
    letter = last_letter(run_jobs)
    assert (letter.to, mail.outbox) == (["aylin@stadtkern.example"], [letter])
    assert letter.subject.startswith(code_in(letter))
    assert "aylin@stadtkern.example" in visitor.get(CONFIRM).content.decode()
    answer = visitor.post(CONFIRM, {"code": code_in(letter).replace("-", " ")})
    assert (answer.headers["Location"], who(visitor)) == ("/konto/", aylin.pk)
    assert EmailAddress.objects.get(user=aylin).verified


def test_the_way_leads_back_to_where_it_began_but_never_to_another_site(visitor, aylin, run_jobs):
    for wanted, reached in (("/konto/daten/", "/konto/daten/"), ("https://evil.example/", "/konto/")):
        fresh = Visitor()
        asked = fresh.post(f"{LOGIN}?next={wanted}", {"login": aylin.email, "next": wanted})
        answer = fresh.post(asked.headers["Location"], {"code": code_in(last_letter(run_jobs)), "next": wanted})
        assert answer.headers["Location"] == reached


def test_the_session_changes_when_somebody_signs_in(visitor, aylin, run_jobs):
    ask(visitor, aylin.email)
    before = visitor.session.session_key
    visitor.post(CONFIRM, {"code": code_in(last_letter(run_jobs))})
    assert visitor.session.session_key != before


def test_a_wrong_code_is_said_and_three_wrong_ones_end_it(visitor, aylin, run_jobs):
    ask(visitor, aylin.email)
    right = code_in(last_letter(run_jobs))
    assert "Der Code stimmt nicht" in visitor.post(CONFIRM, {"code": "0000-0000"}).content.decode()
    visitor.post(CONFIRM, {"code": ""})
    visitor.post(CONFIRM, {"code": "ä"})
    assert visitor.post(CONFIRM, {"code": right}).status_code == 302
    assert who(visitor) is None


def test_a_code_of_yesterday_no_longer_opens(visitor, aylin, run_jobs, monkeypatch):
    ask(visitor, aylin.email)
    code = code_in(last_letter(run_jobs))
    later = timezone.now().timestamp() + 15 * 60 + 1
    monkeypatch.setattr("time.time", lambda: later)
    visitor.post(CONFIRM, {"code": code})
    assert who(visitor) is None


def test_a_code_works_only_in_the_browser_that_asked_for_it(visitor, aylin, run_jobs):
    ask(visitor, aylin.email)
    thief = Visitor()
    ask(thief, aylin.email)
    run_jobs()
    thief.post(CONFIRM, {"code": code_in(mail.outbox[0])})
    assert who(thief) is None


def test_a_new_code_can_be_asked_for_and_the_old_one_is_dead(visitor, aylin, run_jobs):
    ask(visitor, aylin.email)
    old = code_in(last_letter(run_jobs))
    visitor.post(CONFIRM, {"action": "resend"})
    new = code_in(last_letter(run_jobs))
    assert old != new
    visitor.post(CONFIRM, {"code": old})
    assert who(visitor) is None
    visitor.post(CONFIRM, {"code": new})
    assert who(visitor) == aylin.pk


def test_login_tells_nothing_about_accounts(aylin, run_jobs, settings):
    """Known, unknown and locked addresses: the same answers, the same number of letters, the same limits."""
    Person.objects.create_user("locked@stadtkern.example", is_active=False)
    seen_by = {}
    for email in (aylin.email, "unknown@stadtkern.example", "locked@stadtkern.example"):
        visitor, mail.outbox[:] = Visitor(), []
        first = ask(visitor, email)
        page = visitor.get(first.headers["Location"])
        wrong = visitor.post(CONFIRM, {"code": "0000-0000"})
        letters = run_jobs()
        seen_by[email] = (
            first.status_code,
            first.headers["Location"],
            page.status_code,
            wrong.status_code,
            letters,
            len(mail.outbox),
            CSRF.sub("", page.content.decode()).replace(email, "x"),
        )
    assert len(set(seen_by.values())) == 1, "to the letter"
    assert next(iter(seen_by.values()))[:-1] == (302, CONFIRM, 200, 200, 1, 1)


def test_who_has_no_account_gets_a_letter_that_says_so(visitor, city, run_jobs):
    ask(visitor, "unknown@stadtkern.example")
    letter = last_letter(run_jobs)
    assert "noch kein Konto" in letter.body
    assert SIGNUP in letter.body


def test_an_account_is_one_address_and_one_code(visitor, city, run_jobs):
    assert visitor.get(SIGNUP).status_code == 200
    answer = visitor.post(SIGNUP, {"email": "Neu@stadtkern.example"})
    assert answer.headers["Location"] == VERIFY
    assert visitor.get(VERIFY).status_code == 200
    visitor.post(VERIFY, {"code": code_in(last_letter(run_jobs))})
    person = Person.objects.get(email="neu@stadtkern.example")
    assert (who(visitor), person.has_usable_password()) == (person.pk, False)
    assert EmailAddress.objects.get(user=person).verified


def test_a_new_account_speaks_the_language_of_the_page(city, run_jobs):
    visitor = Visitor(headers={"accept-language": "tr"})
    visitor.post(SIGNUP, {"email": "neu@stadtkern.example"})
    assert Person.objects.get(email="neu@stadtkern.example").language == "tr"


def test_signup_tells_nothing_about_accounts(aylin, run_jobs):
    outside = []
    for email in (aylin.email, "neu@stadtkern.example"):
        visitor, mail.outbox[:] = Visitor(), []
        first = visitor.post(SIGNUP, {"email": email})
        page = visitor.get(first.headers["Location"])
        outside.append((first.status_code, first.headers["Location"], page.status_code, run_jobs(), len(mail.outbox)))
    assert outside[0] == outside[1]
    mail.outbox.clear()
    Visitor().post(SIGNUP, {"email": "dritte@stadtkern.example"})
    assert Person.objects.filter(email=aylin.email).count() == 1


def test_whoever_has_an_account_is_told_by_mail_and_only_there(visitor, aylin, run_jobs):
    visitor.post(SIGNUP, {"email": aylin.email})
    assert "Sie haben aber schon eines" in last_letter(run_jobs).body


@pytest.mark.parametrize("email", ["aylin@stadtkern.example", "unknown@stadtkern.example"])
def test_letters_are_limited_alike_for_known_and_unknown_addresses(email, aylin, settings):
    settings.ACCOUNT_RATE_LIMITS = False  # allauth's own count per process; ours is counted in the database
    answers = [ask(Visitor(), email).status_code for _n in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_refused_request_says_when_to_come_back(aylin, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    for _n in range(5):
        ask(Visitor(), aylin.email)
    refused = ask(Visitor(), aylin.email)
    assert int(refused.headers["Retry-After"]) <= 900
    assert ask(Visitor(), "other@stadtkern.example").status_code == 302


def test_allauths_own_limit_shows_a_page_of_ours(aylin, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    ask(Visitor(), aylin.email)
    page = ask(Visitor(), "other@stadtkern.example")
    assert (page.status_code, "etwas zu oft" in page.content.decode()) == (429, True)


@pytest.mark.parametrize("wrong", ["", "no address", "a@b", "x" * 300 + "@stadtkern.example", "a@b.example\x00"])
def test_what_is_no_address_is_said_at_the_field(visitor, city, wrong):
    page = ask(visitor, wrong)
    assert (page.status_code, "field-error" in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    "path",
    ["password/change/", "password/set/", "password/reset/", "password/reset/key/1-set-password/", "reauthenticate/"],
)
def test_there_are_no_passwords(visitor, aylin, path):
    assert visitor.get(f"/konto/anmelden/{path}").status_code == 404
    assert visitor.signed_in(aylin).get(f"/konto/anmelden/{path}").status_code == 404


def test_a_password_in_the_form_does_nothing(visitor, aylin):
    aylin.set_password("geheim")
    aylin.save()
    visitor.post(LOGIN, {"login": aylin.email, "password": "geheim"})
    assert who(visitor) is None


def test_there_is_one_page_to_sign_in(visitor, city):
    answer = visitor.get("/konto/anmelden/login/code/?next=/konto/daten/")
    assert answer.headers["Location"] == "/konto/anmelden/login/?next=%2Fkonto%2Fdaten%2F"


def test_signing_out_ends_the_session(visitor, aylin):
    mine = visitor.signed_in(aylin)
    assert mine.get("/konto/anmelden/logout/").status_code == 200
    key = mine.session.session_key
    mine.post("/konto/anmelden/logout/")
    assert who(mine) is None
    mine.cookies["sessionid"] = key
    assert mine.get("/konto/").status_code == 302


def test_staff_begin_at_the_desk_stay_half_a_day_and_stand_in_the_log(visitor, bernd, run_jobs, settings):
    settings.STAFF_SECOND_FACTOR = False
    answer = sign_in(visitor, bernd.email, run_jobs)
    assert answer.headers["Location"].startswith("/desk/")
    assert visitor.session.get_expiry_age() <= 12 * 3600
    assert AuditEntry.objects.filter(action="people.signed_in", actor_id=bernd.pk).exists()


def test_citizens_who_sign_in_are_not_logged(visitor, aylin, run_jobs):
    sign_in(visitor, aylin.email, run_jobs)
    assert not AuditEntry.objects.filter(actor_id=aylin.pk).exists()


def test_the_letter_speaks_the_persons_language(visitor, aylin, run_jobs):
    Person.objects.filter(pk=aylin.pk).update(language="en")
    with override_settings(LANGUAGE_CODE="de"):
        ask(visitor, aylin.email)
    assert code_in(last_letter(run_jobs))


DEMO = "/konto/anmelden/demo/"


@pytest.fixture
def demo(city, settings):
    from stadtkern.people.domain import cast

    settings.DEMO = True
    cast.load(city)
    return cast.of(city)


def test_one_tap_signs_in_the_cast_of_the_demo(visitor, demo):
    page = visitor.get(LOGIN).content.decode()
    assert "Demo-Zugänge" in page
    for member in demo:
        fresh = Visitor()
        assert member["email"] in page
        assert fresh.post(DEMO, {"email": member["email"]}).status_code == 302
        assert who(fresh) == Person.objects.get(email=member["email"]).pk


def test_one_tap_changes_from_one_to_the_other(visitor, demo):
    visitor.post(DEMO, {"email": demo[0]["email"]})
    visitor.post(DEMO, {"email": demo[1]["email"]})
    assert who(visitor) == Person.objects.get(email=demo[1]["email"]).pk


def test_outside_demo_mode_there_are_no_taps(visitor, demo, settings):
    settings.DEMO = False
    assert "Demo-Zugänge" not in visitor.get(LOGIN).content.decode()
    assert visitor.post(DEMO, {"email": demo[0]["email"]}).status_code == 404
    assert who(visitor) is None


def test_in_demo_mode_only_the_cast_has_taps(visitor, demo, aylin):
    assert visitor.post(DEMO, {"email": aylin.email}).status_code == 404
    assert visitor.get(DEMO).status_code == 405


def test_nobody_of_the_demo_has_a_password(demo):
    emails = [member["email"] for member in demo]
    assert not any(person.has_usable_password() for person in Person.objects.filter(email__in=emails))


@pytest.mark.parametrize(
    ("hops", "proxies", "expected"),
    [
        ("", 1, "192.0.2.9"),
        ("198.51.100.7", 1, "198.51.100.7"),
        ("10.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("10.6.6.6, 198.51.100.7, 203.0.113.1", 2, "198.51.100.7"),
        ("203.0.113.1", 2, "203.0.113.1"),
        ("rubbish", 1, "0.0.0.0"),
        ("[2001:db8::1]:4711", 1, "2001:db8::1"),
    ],
)
def test_the_visitors_address_is_the_hop_before_our_proxies(settings, hops, proxies, expected):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": hops} if hops else {}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.9")) == expected


def test_a_membership_that_ended_makes_a_citizen_of_somebody(visitor, bernd, run_jobs):
    Membership.objects.filter(person=bernd).update(until=timezone.localdate() - timedelta(days=1))
    assert sign_in(visitor, bernd.email, run_jobs).headers["Location"] == "/konto/"


def test_the_settings_name_no_way_with_a_password():
    assert django_settings.ACCOUNT_SIGNUP_FIELDS == ["email*"]
    assert django_settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
