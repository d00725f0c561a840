"""Signing in by an OIDC provider: a real one, in a process of its own, spoken to over the wire."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail

from stadtkern.core.testing.visitor import Visitor
from stadtkern.people.models import Person
from stadtkern.people.tests.letters import code_in, last_letter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
START = "/konto/anmelden/oidc/rathaus/login/"
CALLBACK = f"http://testserver{START}callback/"
VERIFY = "/konto/anmelden/confirm-email/"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("provider")]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    folders = [ROOT / "node_modules", ROOT / ".data" / "npm" / "node_modules"]
    modules = next((folder for folder in folders if (folder / "oidc-provider").is_dir()), None)
    node = shutil.which("node")
    if not modules or not node:
        pytest.skip("the npm package oidc-provider (a real OIDC provider) is not installed")
    command = [node, str(HERE / "oidc_provider.mjs"), str(modules), CALLBACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture
def provider(issuer: str, city, settings) -> dict:
    app = {
        "provider_id": "rathaus",
        "name": "Rathaus",
        "client_id": "stadtkern",
        "secret": "only-for-tests",
        "settings": {"server_url": issuer},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return app


def through_the_provider(address: str, login: str) -> str:
    """Sign in over there as a browser would; returns where the provider sends the browser back to."""
    with httpx.Client(timeout=20) as browser:
        page = browser.get(address)
        for _step in range(12):
            if page.is_redirect:
                onward = urljoin(str(page.url), page.headers["Location"])
                if onward.startswith("http://testserver"):
                    return onward
                page = browser.get(onward)
                continue
            action = re.search(r'action="([^"]+)"', page.text).group(1)
            prompt = re.search(r'name="prompt" value="(\w+)"', page.text).group(1)
            form = {"prompt": prompt, "login": login, "password": "any"}
            page = browser.post(urljoin(str(page.url), action), data=form)
    raise AssertionError("the provider never sent the browser back")


def come_back(visitor: Visitor, login: str, start: str = START):
    address = visitor.get(start).headers["Location"]
    return visitor.get(through_the_provider(address, login).removeprefix("http://testserver"))


def who(visitor: Visitor) -> Person | None:
    key = visitor.session.get("_auth_user_id")
    return Person.objects.get(pk=key) if key else None


def test_the_login_page_offers_the_provider(visitor):
    page = visitor.get("/konto/anmelden/login/").content.decode()
    assert "Mit Rathaus" in page
    assert f'href="{START}' in page


def test_whoever_comes_for_the_first_time_gets_an_account(visitor, run_jobs):
    answer = come_back(visitor, "neu")
    assert answer.headers["Location"] == "/konto/"
    person = who(visitor)
    assert (person.email, person.name) == ("neu@stadtkern.example", "neu of the town hall")
    assert EmailAddress.objects.get(user=person).verified
    assert not person.has_usable_password()
    run_jobs()
    assert mail.outbox == [], "a confirmed address needs no letter"


def test_whoever_comes_again_is_the_same_person(visitor):
    come_back(visitor, "neu")
    come_back(again := Visitor(), "neu")
    assert who(again) == who(visitor)
    assert SocialAccount.objects.count() == 1


def test_an_address_the_provider_has_not_confirmed_gets_a_code_first(visitor, run_jobs):
    answer = come_back(visitor, "vage?")
    assert (answer.headers["Location"], who(visitor)) == (VERIFY, None)
    visitor.post(VERIFY, {"code": code_in(last_letter(run_jobs))})
    assert who(visitor).email == "vage@stadtkern.example"


def test_an_existing_account_is_not_taken_over(visitor, aylin, run_jobs):
    answer = come_back(visitor, "aylin")
    assert (answer.status_code, who(visitor)) == (302, None)
    assert "Sie haben aber schon eines" in last_letter(run_jobs).body
    assert not SocialAccount.objects.filter(user=aylin).exists()


def test_a_provider_that_is_trusted_with_addresses_opens_the_existing_account(visitor, bernd, provider, settings):
    provider["settings"] |= {"email_authentication": True}
    settings.STAFF_SECOND_FACTOR = False
    EmailAddress.objects.create(user=bernd, email=bernd.email, verified=True, primary=True)
    come_back(visitor, "bernd")
    assert who(visitor) == bernd


@pytest.mark.usefixtures("second_factor_wanted")
@pytest.mark.parametrize(("asks_itself", "status"), [(True, 200), (False, 302)])
def test_the_desk_believes_a_provider_that_asks_for_a_second_factor(visitor, ada, provider, asks_itself, status):
    provider["settings"] |= {"email_authentication": True, "second_factor": asks_itself}
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    come_back(visitor, "ada")
    assert who(visitor) == ada
    assert visitor.get("/desk/personen/").status_code == status


def test_an_account_connects_and_disconnects_a_provider(visitor, aylin, run_jobs):
    mine = visitor.signed_in(aylin)
    come_back(mine, "aylin-privat", f"{START}?process=connect")
    connected = SocialAccount.objects.get(user=aylin)
    page = mine.get("/konto/anmelden/3rdparty/")
    assert (page.status_code, "Trennen" in page.content.decode()) == (200, True)
    page = mine.post("/konto/anmelden/3rdparty/", {"account": connected.pk})
    assert "bestätigen Sie zuerst" in page.content.decode(), "nobody is locked out"
    EmailAddress.objects.update_or_create(user=aylin, email=aylin.email, defaults={"verified": True})
    mine.post("/konto/anmelden/3rdparty/", {"account": connected.pk})
    assert not SocialAccount.objects.exists()


def test_the_way_back_leads_to_where_it_began(visitor):
    answer = come_back(visitor, "neu", f"{START}?next=/konto/daten/")
    assert answer.headers["Location"] == "/konto/daten/"


def test_no_other_site_starts_a_sign_in(visitor):
    answer = visitor.get(START, headers={"sec-fetch-site": "cross-site"})
    assert answer.headers["Location"].startswith("/konto/anmelden/login/")


def test_an_answer_nobody_asked_for_is_refused(visitor):
    thief = Visitor()
    address = thief.get(START).headers["Location"]
    back = through_the_provider(address, "neu").removeprefix("http://testserver")
    page = visitor.get(back)
    assert (page.status_code, who(visitor)) == (401, None)


def test_a_code_counts_once(visitor):
    address = visitor.get(START).headers["Location"]
    back = through_the_provider(address, "neu").removeprefix("http://testserver")
    visitor.get(back)
    visitor.post("/konto/anmelden/logout/")
    assert visitor.get(back).status_code == 401
    assert who(visitor) is None


def test_who_changes_their_mind_over_there_is_told_kindly(visitor):
    state = parse_qs(urlsplit(visitor.get(START).headers["Location"]).query)["state"][0]
    answer = visitor.get(f"{START}callback/?error=access_denied&state={state}")
    page = visitor.get(answer.headers["Location"]) if answer.status_code == 302 else answer
    assert "abgebrochen" in page.content.decode()


def test_a_provider_that_is_away_does_not_break_the_page(visitor, provider):
    provider["settings"]["server_url"] = "http://127.0.0.1:9/"
    page = visitor.get(START)
    assert page.status_code in {401, 503}
    assert "konto/anmelden/login" in page.content.decode()


def test_an_unknown_provider_is_not_found(visitor):
    assert visitor.get("/konto/anmelden/oidc/atlantis/login/").status_code == 404
