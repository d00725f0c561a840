"""Staff need a second factor: the door of the desk, apps with codes, spare codes, lost phones."""

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail

from stadtkern.core.models import AuditEntry
from stadtkern.core.testing.visitor import Visitor
from stadtkern.people.domain import second_factor
from stadtkern.people.models import Person
from stadtkern.people.rights import is_staff
from stadtkern.people.tests.conftest import SECRET, give_app
from stadtkern.people.tests.letters import code_in, last_letter

LOGIN, CONFIRM = "/konto/anmelden/login/", "/konto/anmelden/login/code/confirm/"
PROVE, SETUP = "/konto/anmelden/2fa/authenticate/", "/konto/anmelden/2fa/"
ACTIVATE, CODES = "/konto/anmelden/2fa/totp/activate/", "/konto/anmelden/2fa/recovery-codes/"
AGAIN = "/konto/anmelden/2fa/reauthenticate/"
DESK = "/desk/personen/"

pytestmark = pytest.mark.usefixtures("second_factor_wanted")


def totp(*, steps: int = 0, secret: str = SECRET) -> str:
    """The code of an app (RFC 6238), `steps` of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_code(person: Person, run_jobs) -> Visitor:
    """A browser in which the person has typed the code of the letter."""
    visitor = Visitor()
    visitor.post(LOGIN, {"login": person.email})
    visitor.post(CONFIRM, {"code": code_in(last_letter(run_jobs))})
    return visitor


def test_staff_without_a_second_factor_are_sent_to_set_one_up(ada, run_jobs):
    visitor = with_code(ada, run_jobs)
    answer = visitor.get(DESK + "?q=x")
    assert answer.headers["Location"] == f"{SETUP}?next=%2Fdesk%2Fpersonen%2F%3Fq%3Dx"
    page = visitor.get(answer.headers["Location"]).content.decode()
    assert "Für den Arbeitsplatz brauchen Sie einen zweiten Faktor" in page


def test_every_door_of_the_desk_is_shut_for_posts_too(ada, bernd, run_jobs):
    visitor = with_code(ada, run_jobs)
    answer = visitor.post(f"/desk/personen/{bernd.pk}/sperren/")
    assert answer.headers["Location"].startswith(SETUP)
    assert Person.objects.get(pk=bernd.pk).is_active


def test_elsewhere_an_unproven_session_is_a_citizens(ada, run_jobs):
    visitor = with_code(ada, run_jobs)
    page = visitor.get("/konto/")
    assert page.status_code == 200
    assert not is_staff(page.context["user"])


@pytest.mark.django_db(transaction=True)  # allauth tells of the new app when it is committed
def test_setting_up_an_app_opens_the_desk_at_once(ada, run_jobs):
    visitor = with_code(ada, run_jobs)
    page = visitor.get(ACTIVATE)
    secret = page.context["form"].secret
    answer = visitor.post(ACTIVATE, {"code": totp(secret=secret)})
    assert answer.headers["Location"] == CODES
    assert len(visitor.get(CODES).context["unused_codes"]) == 10
    assert visitor.get(DESK).status_code == 200
    run_jobs()
    assert "eine App mit Codes eingerichtet" in mail.outbox[-1].body
    assert AuditEntry.objects.filter(action="people.second_factor_added", actor_id=ada.pk).exists()


def test_a_wrong_code_sets_up_nothing(ada, run_jobs):
    visitor = with_code(ada, run_jobs)
    visitor.get(ACTIVATE)
    page = visitor.post(ACTIVATE, {"code": "000000"})
    assert "Der Code stimmt nicht" in page.content.decode()
    assert not Authenticator.objects.exists()


def test_who_has_an_app_is_asked_for_its_code(ada, run_jobs):
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    assert visitor.get("/konto/").status_code == 302, "the letter alone does not open the account"
    assert visitor.get(PROVE).status_code == 200
    assert "Der Code stimmt nicht" in visitor.post(PROVE, {"code": "123456"}).content.decode()
    assert visitor.post(PROVE, {"code": totp()}).status_code == 302
    assert visitor.get(DESK).status_code == 200


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(ada, run_jobs, steps, opens):
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    visitor.post(PROVE, {"code": totp(steps=steps)})
    assert (visitor.get(DESK).status_code == 200) == opens


def test_a_code_of_the_app_counts_once_in_every_process(ada, run_jobs):
    from django.core.cache import cache

    give_app(ada)
    code = totp()
    with_code(ada, run_jobs).post(PROVE, {"code": code})
    cache.clear()  # another process has another memory
    second = with_code(ada, run_jobs)
    second.post(PROVE, {"code": code})
    assert second.get(DESK).status_code == 302
    second.post(PROVE, {"code": totp(steps=-1)})
    assert second.get(DESK).status_code == 302, "an older code than the last one is as dead"
    second.post(PROVE, {"code": totp(steps=1)})
    assert second.get(DESK).status_code == 200


def test_guessing_codes_is_limited_in_the_database(ada, run_jobs, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    answers = [visitor.post(PROVE, {"code": "000000"}).status_code for _n in range(16)]
    assert answers == [200] * 15 + [429]


def test_a_spare_code_opens_once(ada, run_jobs):
    give_app(ada)
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    spare = RecoveryCodes.activate(ada).get_unused_codes()[0]
    visitor = with_code(ada, run_jobs)
    visitor.post(PROVE, {"code": spare})
    assert visitor.get(DESK).status_code == 200
    again = with_code(ada, run_jobs)
    again.post(PROVE, {"code": spare})
    assert again.get(DESK).status_code == 302


def test_a_session_from_before_the_app_proves_itself_once(ada, run_jobs):
    older = with_code(ada, run_jobs)
    give_app(ada)
    answer = older.get(DESK)
    assert answer.headers["Location"] == f"{AGAIN}?next=%2Fdesk%2Fpersonen%2F"
    assert older.get(answer.headers["Location"]).status_code == 200
    answer = older.post(AGAIN, {"code": totp(), "next": DESK})
    assert answer.headers["Location"] == DESK
    assert older.get(DESK).status_code == 200


def test_a_forged_record_of_somebody_elses_factor_proves_nothing(ada, bernd):
    foreign = give_app(bernd)
    session = {
        "account_authentication_methods": [{"method": "mfa", "id": foreign.pk, "type": "totp", "at": 0}],
        "account_authentication_methods_user": str(ada.pk),
    }
    assert not second_factor.is_proven(ada, session)
    assert not second_factor.is_proven(bernd, session), "the record belongs to another person's sign-in"


def test_taking_the_factor_away_closes_the_desk(ada, run_jobs):
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    visitor.post(PROVE, {"code": totp()})
    second_factor.take_away(ada)
    assert visitor.get(DESK).headers["Location"].startswith(SETUP)


def test_switching_the_app_off_asks_first_and_is_told(ada, run_jobs):
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    visitor.post(PROVE, {"code": totp(steps=-1)})
    off = "/konto/anmelden/2fa/totp/deactivate/"
    assert visitor.get(off).headers["Location"].startswith(AGAIN), "the proof at sign-in is not fresh enough"
    visitor.post(AGAIN, {"code": totp(), "next": off})
    assert visitor.get(off).status_code == 200
    visitor.post(off)
    assert not Authenticator.objects.exists()
    assert visitor.get(DESK).headers["Location"].startswith(SETUP)
    assert AuditEntry.objects.filter(action="people.second_factor_removed").exists()
    run_jobs()
    assert "abgeschaltet" in mail.outbox[-1].body


def test_secrets_of_apps_are_not_readable_in_the_table(ada, settings):
    one = give_app(ada)
    assert SECRET not in str(one.data)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key-after-the-old-one", [settings.SECRET_KEY]
    assert one.wrap().validate_code(totp()), "a changed key still opens it"


def test_citizens_need_none_and_may_have_one(aylin, run_jobs):
    visitor = with_code(aylin, run_jobs)
    assert visitor.get("/konto/").status_code == 200
    give_app(aylin)
    again = with_code(aylin, run_jobs)
    assert again.get("/konto/").status_code == 302
    again.post(PROVE, {"code": totp()})
    assert again.get("/konto/").status_code == 200


def test_citizens_at_the_desk_are_refused_not_sent_around(aylin, visitor):
    assert visitor.signed_in(aylin).get(DESK).status_code == 403
    assert visitor.get(DESK).headers["Location"].startswith(LOGIN)


def test_in_demo_mode_nobody_is_asked(ada, visitor, settings):
    settings.STAFF_SECOND_FACTOR = False
    assert visitor.signed_in(ada).get(DESK).status_code == 200


def test_a_provider_that_asks_itself_is_believed(ada, settings):
    def session(provider: str) -> dict[str, object]:
        return {
            "account_authentication_methods": [{"method": "socialaccount", "provider": provider, "at": 0}],
            "account_authentication_methods_user": str(ada.pk),
        }

    trusted = {"provider_id": "rathaus", "settings": {"second_factor": True}}
    other = {"provider_id": "bundid", "settings": {}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [trusted, other]}}
    assert second_factor.is_proven(ada, session("rathaus"))
    assert not second_factor.is_proven(ada, session("bundid"))


def test_the_pages_around_the_factor_are_whole(ada, run_jobs):
    give_app(ada)
    visitor = with_code(ada, run_jobs)
    visitor.post(PROVE, {"code": totp(steps=-1)})
    visitor.post(AGAIN, {"code": totp(), "next": "/konto/"})
    for path in ("", "webauthn/", "webauthn/add/", "totp/deactivate/", "recovery-codes/generate/"):
        assert visitor.get(f"/konto/anmelden/2fa/{path}").status_code == 200, path
    visitor.post(f"{CODES}generate/")
    assert visitor.get(CODES).status_code == 200
    assert visitor.get(f"{CODES}download/").headers["Content-Type"].startswith("text/plain")


def test_the_guard_costs_citizens_no_query(aylin, django_assert_num_queries):
    with django_assert_num_queries(0):
        second_factor.hold_back_unproven(aylin, SimpleNamespace(get=lambda key, default=None: default))
