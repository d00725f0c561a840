"""Passkeys in a real browser: Chromium with a virtual authenticator (WebAuthn over CDP)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from stadtkern.people.models import Person
from stadtkern.people.tests.conftest import give_app
from stadtkern.people.tests.letters import code_in, last_letter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOGIN, ADD = "/konto/anmelden/login/", "/konto/anmelden/2fa/webauthn/add/"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def server(transactional_db: None, city: Any, second_factor_wanted: None) -> Iterator[LiveServer]:
    """A server of its own: the shared one was started with other middleware."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def page(server: LiveServer, browser: Any) -> Iterator[Any]:
    """A page of a browser that carries an authenticator (a phone's fingerprint sensor, say)."""
    context = browser.new_context(base_url=server.url, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: page.faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.device = context.new_cdp_session(page)
    page.device.send("WebAuthn.enable")
    page.device_id = page.device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    yield page
    assert page.faults == []
    context.close()


def signed_in(page: Any, person: Person) -> None:
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    value = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": value, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])


def signed_out(page: Any) -> None:
    page.context.clear_cookies()


def add_passkey(page: Any) -> None:
    page.goto(ADD)
    page.get_by_label("Name des Passkeys").fill("Mein Telefon")
    page.get_by_role("button", name="Passkey anlegen").click()
    page.wait_for_url("**/recovery-codes/")


def start_with_passkey(page: Any) -> None:
    page.goto(LOGIN)
    page.get_by_role("button", name="Mit Passkey anmelden").click()


def test_a_passkey_is_made_and_then_opens_the_account_alone(page, aylin):
    signed_in(page, aylin)
    add_passkey(page)
    made = Authenticator.objects.get(user=aylin, type=Authenticator.Type.WEBAUTHN)
    assert (str(made), made.wrap().is_passwordless) == ("Mein Telefon", True)
    signed_out(page)
    start_with_passkey(page)
    page.wait_for_url("**/konto/")
    assert "aylin@stadtkern.example" in page.content()


def test_a_passkey_is_a_second_factor_for_the_desk(page, ada):
    signed_in(page, ada)
    page.goto("/desk/personen/")
    assert "Für den Arbeitsplatz brauchen Sie einen zweiten Faktor" in page.content()
    add_passkey(page)
    page.goto("/desk/personen/")
    assert page.locator("h1").inner_text() == "Personen"
    signed_out(page)
    start_with_passkey(page)
    page.wait_for_url(lambda url: "/anmelden/" not in url)
    page.goto("/desk/personen/")
    assert page.locator("h1").inner_text() == "Personen"


def test_after_a_code_the_passkey_is_asked_for_as_the_second_step(page, aylin, run_jobs):
    signed_in(page, aylin)
    add_passkey(page)
    signed_out(page)
    enter_by_code(page, aylin.email, run_jobs)
    page.wait_for_url("**/2fa/authenticate/")
    page.get_by_role("button", name="Passkey benutzen").click()
    page.wait_for_url("**/konto/")


def enter_by_code(page: Any, email: str, run_jobs: Callable[[], int]) -> None:
    page.goto(LOGIN)
    page.get_by_label("E-Mail-Adresse").fill(email)
    page.get_by_role("button", name="Code schicken").click()
    page.wait_for_url("**/code/confirm/")
    page.get_by_label("Code", exact=True).fill(code_in(last_letter(run_jobs)))
    page.get_by_role("button", name="Weiter", exact=True).click()


def test_an_account_is_made_with_a_passkey(page, run_jobs):
    page.goto("/konto/anmelden/signup/passkey/")
    page.get_by_label("E-Mail-Adresse").fill("neu@stadtkern.example")
    page.get_by_role("button", name="Weiter").click()
    page.wait_for_url("**/confirm-email/")
    page.get_by_label("Code", exact=True).fill(code_in(last_letter(run_jobs)))
    page.get_by_role("button", name="Weiter", exact=True).click()
    page.get_by_role("button", name="Passkey anlegen").click()
    page.wait_for_url("**/konto/")
    signed_out(page)
    start_with_passkey(page)
    page.wait_for_url("**/konto/")
    assert "neu@stadtkern.example" in page.content()


def test_a_removed_passkey_no_longer_opens(page, aylin, run_jobs):
    signed_in(page, aylin)
    add_passkey(page)
    page.goto("/konto/anmelden/2fa/webauthn/")
    page.get_by_role("link", name="Löschen").click()
    page.get_by_role("button", name="Löschen").click()
    page.wait_for_url("**/2fa/webauthn/")
    assert not Authenticator.objects.filter(user=aylin).exists(), "the spare codes go with the last factor"
    run_jobs()
    assert "ein Passkey gelöscht" in mail.outbox[-1].body
    signed_out(page)
    start_with_passkey(page)
    page.wait_for_load_state()
    page.wait_for_selector(".messages .is-bad")
    page.goto("/konto/")
    assert LOGIN in page.url


def test_a_device_that_does_not_know_its_owner_opens_nothing(page, aylin):
    signed_in(page, aylin)
    add_passkey(page)
    signed_out(page)
    wrong_finger = {"authenticatorId": page.device_id, "isUserVerified": False}
    page.device.send("WebAuthn.setUserVerified", wrong_finger)
    start_with_passkey(page)
    page.wait_for_timeout(1_500)
    page.goto("/konto/")
    assert LOGIN in page.url


def test_a_locked_account_stays_locked_for_its_passkey(page, aylin):
    signed_in(page, aylin)
    add_passkey(page)
    signed_out(page)
    Person.objects.filter(pk=aylin.pk).update(is_active=False)
    start_with_passkey(page)
    page.wait_for_url("**/inactive/")
    assert "Dieses Konto ist gesperrt" in page.content()
    page.goto("/konto/")
    assert LOGIN in page.url


def test_with_an_app_a_new_passkey_asks_for_the_app_first(page, aylin):
    give_app(aylin)
    signed_in(page, aylin)
    page.goto(ADD)
    assert "/2fa/reauthenticate/" in page.url
