"""Fixtures of every test: the visitor, the city, the cast, the queue."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections

from stadtkern.core.testing.visitor import Visitor


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """One database per run and worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = os.environ["STADTKERN_TEST_DATABASE"] + (f"_{worker}" if worker else "")
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = name


@pytest.fixture(autouse=True)
def _quiet_house(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, mail and cache of a test are its own."""
    settings.STAFF_SECOND_FACTOR = False  # tests of the rule itself switch it on
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    for alias in ("default", "private_media", "public_media"):
        folder = "public" if alias == "public_media" else "private"
        backend = "django.core.files.storage.FileSystemStorage"
        place = {"location": str(tmp_path / "files" / folder), "base_url": f"/{folder}/"}
        settings.STORAGES = settings.STORAGES | {alias: {"BACKEND": backend, "OPTIONS": place}}
    cache.clear()
    # On a slow machine the kept copy would grow old in the middle of a test that counts queries.
    monkeypatch.setattr("stadtkern.reports.domain.catalogue.FRESH_SECONDS", 3600.0)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real input beside the checkout; tests that need it skip when it is not there."""
    here = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("STADTKERN_SHARED", here.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("the folder of real input is not here (STADTKERN_SHARED)")
    return folder / "data"


@pytest.fixture
def run_jobs(db: None) -> Callable[..., int]:
    """Do all waiting jobs now, in order, also those they defer; returns how many were done."""
    return drain_queue


@pytest.fixture(autouse=True)
def _nothing_stays(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """What a test that commits has queued or measured goes with it: Django does not empty these tables."""
    yield
    mark = request.node.get_closest_marker("django_db")
    commits = mark is not None and (mark.kwargs.get("transaction") or True in mark.args[:1])
    if commits or {"transactional_db", "live_server"} & set(request.fixturenames):
        with django_db_blocker.unblock():
            empty_queue()
            empty_store()


def empty_queue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")


def empty_store() -> None:
    """Django knows nothing of the tables of observations (hub/migrations/0002_store.py)."""
    with connection.cursor() as cursor:
        cursor.execute("select inhrelid::regclass::text from pg_inherits where inhparent = 'hub_observation'::regclass")
        for (month,) in cursor.fetchall():
            cursor.execute(f"drop table {month}")
        cursor.execute(
            "truncate hub_hourly, hub_daily, hub_dirty_hour, hub_archived_span, hub_feature_use, "
            "hub_property_day, hub_property_stale"
        )


def drain_queue(*, include_later: bool = False, most: int = 500) -> int:
    from procrastinate.contrib.django import app

    done = 0
    while done < most:
        due = "" if include_later else "and (scheduled_at is null or scheduled_at <= now())"
        with connection.cursor() as cursor:
            cursor.execute(
                "select id, task_name, args from procrastinate_jobs "
                f"where status = 'todo' {due} order by priority desc, id limit 1"
            )
            row = cursor.fetchone()
        if row is None:
            return done
        id, name, args = row
        with connection.cursor() as cursor:
            cursor.execute("update procrastinate_jobs set status = 'doing' where id = %s", [id])
        app.tasks[name].func(**_plain(args))
        with connection.cursor() as cursor:
            cursor.execute("update procrastinate_jobs set status = 'succeeded' where id = %s", [id])
        done += 1
    raise AssertionError(f"still jobs waiting after {most}")


def _plain(args: Any) -> dict[str, Any]:
    import json

    return json.loads(args) if isinstance(args, str) else dict(args)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The pack is loaded once per run; a test that empties the tables finds it again by `city`."""
    with django_db_blocker.unblock():
        _let_tests_empty_tables()
        _load_pack()


def _let_tests_empty_tables() -> None:
    """History refuses TRUNCATE (core/migrations/0004); this database alone says that it is a test's."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"alter database {name} set stadtkern.emptying = 'yes'")
    connection.close()


@pytest.fixture
def city(db: None) -> Any:
    """The tables as the city's pack fills them, without demo reports."""
    from stadtkern.core.city import city as pack
    from stadtkern.people.models import Organisation

    if not Organisation.objects.exists():
        _in_its_own_transaction(_load_pack)
    return pack()


def _in_its_own_transaction(work: Callable[[], None]) -> None:
    """On a connection of another thread, so that it stays when this test's changes are rolled back."""

    def working() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(working).result()


def _load_pack() -> None:
    from stadtkern.core.loading import load_city

    load_city(demo=False)


def _staff(name: str, organisation: str, *roles: str) -> Any:
    from stadtkern.people.models import Membership, Organisation, Person

    person = Person.objects.create_user(f"{name.lower()}@stadtkern.example", name=name)
    house = Organisation.objects.get(key=organisation)
    for role in roles:
        Membership.objects.create(person=person, organisation=house, role=role)
    return person


@pytest.fixture
def aylin(city: Any) -> Any:
    """A citizen with an account."""
    from stadtkern.people.models import Person

    return Person.objects.create_user("aylin@stadtkern.example", name="Aylin")


@pytest.fixture
def dmitri(city: Any) -> Any:
    """A stranger with an account."""
    from stadtkern.people.models import Person

    return Person.objects.create_user("dmitri@stadtkern.example", name="Dmitri")


@pytest.fixture
def bernd(city: Any) -> Any:
    """A caseworker of the Tiefbauamt."""
    return _staff("Bernd", "tiefbauamt", "caseworker")


@pytest.fixture
def clara(city: Any) -> Any:
    """A caseworker of another house, USB."""
    return _staff("Clara", "usb", "caseworker")


@pytest.fixture
def dora(city: Any) -> Any:
    """A dispatcher: sees and moves everything."""
    return _staff("Dora", "leitstelle", "dispatcher")


@pytest.fixture
def udo(city: Any) -> Any:
    """A member of the Innovation Unit, seconded from the Stadtwerke."""
    return _staff("Udo", "stadtwerke", "unit")


@pytest.fixture
def ada(city: Any) -> Any:
    """An administrator."""
    return _staff("Ada", "bochum", "administrator")


@pytest.fixture
def kai(city: Any) -> Any:
    """A crew member of the Tiefbauamt."""
    return _staff("Kai", "tiefbauamt", "crew")
