"""The privacy page says what this very installation does: who handles data, what stays on a device how long."""

import re
from html import unescape

import pytest

from stadtkern.core.parts import processors
from stadtkern.people.tests.letters import code_in, last_letter

SERVICES = {
    "S3_BUCKET": ("bochum-fotos", "bochum-fotos"),
    "GEOCODER": ("photon:https://photon.example/x", "photon.example"),
    "TILES_URL": ("https://tiles.example/{z}/{x}/{y}.png", "tiles.example"),
}


@pytest.fixture
def bare(settings):
    """An installation without any service outside."""
    for name in SERVICES:
        setattr(settings, name, "")
    settings.MAIL = type(settings.MAIL)()


def page(visitor) -> str:
    return unescape(visitor.get("/datenschutz/").content.decode())


@pytest.mark.usefixtures("bare", "city")
@pytest.mark.parametrize("name", SERVICES)
def test_each_configured_service_is_named(visitor, settings, name):
    value, shown = SERVICES[name]
    assert shown not in page(visitor)
    setattr(settings, name, value)
    assert shown in page(visitor)


@pytest.mark.usefixtures("bare", "city")
def test_the_mail_server_is_named_without_its_password(visitor, settings):
    assert "E-Mail-Server" not in page(visitor)
    settings.MAIL = type(settings.MAIL)(host="mail.example", user="stadt", password="Losungswort")
    told = page(visitor)
    assert ("E-Mail-Server: mail.example" in told, "Losungswort" in told) == (True, False)


@pytest.mark.usefixtures("bare", "city")
def test_without_services_only_the_browsers_own_push_is_named(visitor):
    assert [part.key for part in processors if part.where()] == ["threads.push"]
    assert "Google, Mozilla, Apple" in page(visitor)


@pytest.mark.usefixtures("bare", "city")
def test_a_map_archive_on_this_machine_is_nobody_outside(visitor, settings):
    settings.TILES_URL = "/srv/bochum.pmtiles"
    assert not processors["places.tiles"].where()


def test_the_session_cookie_stays_as_long_as_the_page_says(visitor, aylin, run_jobs):
    told = re.findall(r"<code>sessionid</code></th>\s*<td[^>]*>([^<]+)</td>\s*<td[^>]*>([^<]+)</td>", page(visitor))
    stays = {purpose: lasts for purpose, lasts in told}
    assert set(stays.values()) == {"14 Tage", "12 Stunden", "1 Jahr"}
    visitor.post("/konto/anmelden/login/", {"login": aylin.email})
    visitor.post("/konto/anmelden/login/code/confirm/", {"code": code_in(last_letter(run_jobs))})
    assert (visitor.session.get_expiry_age(), stays["Wenn Sie sich anmelden"]) == (14 * 24 * 3600, "14 Tage")


@pytest.mark.usefixtures("city")
def test_every_cookie_of_a_device_is_named(visitor, settings):
    told = page(visitor)
    for name in ("csrftoken", "device", "language, theme, text, contrast, motion"):
        assert f"<code>{name}</code>" in told
