"""A real Chromium in front of a served house. Whatever a browser complains about fails the test.

One house is served per module and emptied after it: the tests of a module file their own reports and
never count what others filed.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.steps import PATIENCE_MS

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
TOWN_HALL = {"latitude": 51.48186, "longitude": 7.21667, "accuracy": 8}
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation",
    (told) => console.error(`CSP: ${told.violatedDirective} refuses ${told.blockedURI || told.sample}`));"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def transactional_db(house: Any) -> None:
    """Here the tables live as long as their module. Its name tells pytest-django to set up the database."""


@pytest.fixture(autouse=True)
def _as_served(_quiet_house: None, settings: Any, house: Any, transactional_db: None, tmp_path: Path) -> None:
    """Settings of a house that stands at the address of this module."""
    settings.BASE_URL = house.url
    settings.STAFF_SECOND_FACTOR = False  # its own tests prove it; here everybody is signed in by a cookie
    settings.STATIC_ROOT = tmp_path / "static"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture(scope="module")
def house(browser: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """A served Bochum of this module: `url`, and the people who work in it."""
    from pytest_django.live_server_helper import LiveServer

    with django_db_blocker.unblock():
        _empty()
        people = _settle()
        server = LiveServer("localhost")
        yield SimpleNamespace(url=server.url, **people)
        server.stop()
        _empty()


def _empty() -> None:
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection

    from stadtkern.config.testing.fixtures import empty_queue
    from stadtkern.reports.domain.catalogue import forget

    assert connection.settings_dict["NAME"] == os.environ["STADTKERN_TEST_DATABASE"] + _worker(), "only tests' tables"
    empty_queue()
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)
    cache.clear()
    forget()


def _worker() -> str:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return f"_{worker}" if worker else ""


def _settle() -> dict[str, Any]:
    from stadtkern.config.testing import fixtures
    from stadtkern.people.models import Person

    fixtures._load_pack()
    staff = {
        "bernd": ("tiefbauamt", "caseworker"),
        "clara": ("usb", "caseworker"),
        "dora": ("leitstelle", "dispatcher"),
        "ada": ("bochum", "administrator"),
    }
    people = {name: fixtures._staff(name.title(), *place) for name, place in staff.items()}
    return people | {"aylin": Person.objects.create_user("aylin@stadtkern.example", name="Aylin")}


@dataclass
class Ears:
    """What the browser complains about, and what of it a test expects."""

    home: str
    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, *words: str) -> None:
        """Complaints with one of these words belong to what the test does."""
        self.expected += words

    def listen(self, context: Any) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.heard.append(f"script: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: Any) -> None:
        where = message.location.get("url", "") if message.location else ""
        if message.type == "error":
            self.heard.append(f"console: {message.text} ({where})")

    def _request(self, request: Any) -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"} and url.netloc != urlsplit(self.home).netloc:
            self.heard.append(f"request to another house: {request.url}")

    def complaints(self) -> list[str]:
        return [said for said in self.heard if not any(words in said for words in self.expected)]


@pytest.fixture
def ears(house: Any) -> Iterator[Ears]:
    heard = Ears(home=house.url)
    yield heard
    assert not heard.complaints()


@pytest.fixture
def open_context(browser: Any, house: Any, ears: Ears) -> Iterator[Callable[..., Any]]:
    """A browser context of its own, with ears; closed after the test, its storage with it."""
    opened: list[Any] = []

    def opening(**given: Any) -> Any:
        context = browser.new_context(base_url=house.url, locale="de-DE", reduced_motion="reduce", **given)
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        if given.get("java_script_enabled", True):
            context.add_init_script(TELL_VIOLATIONS)
        ears.listen(context)
        opened.append(context)
        return context

    yield opening
    for context in opened:
        context.close()


@pytest.fixture
def phone(open_context: Callable[..., Any]) -> Any:
    """A citizen's phone at the town hall."""
    context = open_context(**PHONE, geolocation=TOWN_HALL, permissions=["geolocation"])
    return context.new_page()


@pytest.fixture
def desktop(open_context: Callable[..., Any]) -> Any:
    """A desk's wide screen."""
    return open_context(**DESKTOP).new_page()


@pytest.fixture
def signed_in(house: Any) -> Callable[[Any, Any], Any]:
    """The same page, with a person's session. The stream of the desk has a process of its own: here it says nothing."""

    def sign_in(page: Any, person: Any) -> Any:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": house.url}])
        silence = {"content_type": "text/event-stream", "body": "retry: 600000\n\n"}
        page.context.route("**/door/desk*", lambda route: route.fulfill(**silence))
        return page

    return sign_in


@pytest.fixture
def do_jobs(house: Any) -> Callable[[], int]:
    """Do the waiting jobs now, as the worker would."""
    from stadtkern.config.testing.fixtures import drain_queue

    return drain_queue


@contextmanager
def without_network(page: Any) -> Iterator[None]:
    """The cable is cut for pages and for the service worker."""
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)
