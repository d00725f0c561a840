"""The operator's commands say what they are for, and the doctor names a remedy for whatever is wrong."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from stadtkern.config import cli, health
from stadtkern.config.check import database, machine, safety
from stadtkern.config.check.finding import Finding, Level
from tests.operations.conftest import stadtkern

SERVICE = Path(__file__).resolve().parents[2] / "deploy" / "stadtkern.service"


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_help_lists_every_command_with_its_purpose(words, capsys):
    assert cli.main(words) == 0
    printed = capsys.readouterr().out
    for command in cli.COMMANDS.values():
        assert re.search(rf"^  {command.word}\s+{re.escape(command.purpose)}$", printed, re.MULTILINE)


@pytest.mark.parametrize("word", [c.word for c in cli.OWN])
def test_every_own_command_explains_its_options(word, capsys):
    assert cli.main(["help", word]) == 0
    assert f"stadtkern {word}" in capsys.readouterr().out


def test_an_unknown_command_is_said(capsys):
    assert cli.main(["fly"]) == 2
    assert "no command 'fly'" in capsys.readouterr().err


@pytest.mark.operations
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STADTKERN_PORT", "many", "STADTKERN_PORT is not usable: say a whole number"),
        ("STADTKERN_DEBUG", "maybe", "STADTKERN_DEBUG is not usable: say yes or no"),
    ],
)
def test_a_wrong_setting_stops_every_command_with_one_sentence(name, value, said, tmp_path):
    done = stadtkern("up", **{name: value, "STADTKERN_DATA": str(tmp_path)})
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def levels(check) -> list[Level]:
    found = list(check())
    assert all(finding.remedy for finding in found if finding.level != Level.GOOD)
    return [finding.level for finding in found]


def test_a_fault_without_a_remedy_cannot_be_said():
    with pytest.raises(ValueError, match="without a remedy"):
        Finding(Level.FAULT, "broken")


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("only-for-development-and-tests-change-me-0123456789", Level.FAULT),
        ("short", Level.FAULT),
        ("a" * 80, Level.FAULT),
        ("Zk3-9fQ2_xW7bN1vM5cR8tY4uI6oP0aS-dFgHjKlQwErTyUiOpAsD", Level.GOOD),
    ],
)
def test_a_weak_secret_key_is_a_fault(settings, key, level):
    settings.SECRET_KEY = key
    assert levels(safety.secret_key) == [level]


@pytest.mark.parametrize(
    ("second", "demo", "address", "level"),
    [
        (True, False, "https://x.example", Level.GOOD),
        (False, True, "http://127.0.0.1:8000", Level.WARNING),
        (False, True, "https://x.example", Level.FAULT),
        (False, False, "http://localhost", Level.FAULT),
    ],
)
def test_staff_without_second_factor_are_a_fault_outside_a_local_demo(settings, second, demo, address, level):
    settings.STAFF_SECOND_FACTOR, settings.DEMO, settings.BASE_URL = second, demo, address
    assert levels(safety.second_factor) == [level]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://stadt.example", [Level.GOOD, Level.FAULT]),
        ("http://localhost:8000", [Level.WARNING]),
        ("http://stadt.example", [Level.FAULT, Level.FAULT]),
    ],
)
def test_the_public_address_needs_tls_and_its_host_name(settings, address, expected):
    settings.BASE_URL, settings.ALLOWED_HOSTS = address, ["localhost"]
    assert levels(safety.public_address) == expected


def test_a_broken_pack_is_a_fault_with_file_and_reason(settings, tmp_path):
    settings.CITY = str(tmp_path)
    assert levels(safety.city_pack) == [Level.FAULT]


def test_a_full_disk_and_a_read_only_storage_are_faults(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr(machine, "LEAST_FREE", 10**18)
    assert levels(machine.disk) == [Level.FAULT]
    place = {"location": "/proc/nowhere"}
    broken = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": place}
    settings.STORAGES = settings.STORAGES | {"private_media": broken, "public_media": broken}
    assert levels(machine.files) == [Level.FAULT, Level.FAULT]


def test_a_mail_server_that_is_down_is_a_fault(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert levels(machine.mail) == [Level.FAULT]


@pytest.mark.django_db
@pytest.mark.smoke
def test_the_tests_database_is_of_the_right_kind():
    assert levels(database.server) == [Level.GOOD]
    assert levels(database.migrations) == [Level.GOOD]
    assert levels(database.clock) == [Level.GOOD]


@pytest.mark.django_db
def test_a_database_that_may_forget_is_a_fault():
    assert levels(database.durability) == [Level.FAULT]  # the tests' cluster runs without fsync


@pytest.mark.django_db
def test_nobody_working_and_failed_jobs_are_warnings():
    assert levels(database.background_work) == [Level.WARNING]
    run("INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('q', 'x', 'failed', '{}')")
    assert levels(database.background_work) == [Level.WARNING, Level.WARNING]
    run("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert levels(database.background_work) == [Level.GOOD, Level.WARNING]


def run(text: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.mark.django_db
@pytest.mark.smoke
def test_health_is_ok_with_a_worker_and_degraded_when_jobs_wait_for_nobody(visitor):
    assert visitor.get("/health").json()["status"] == "ok"
    run("INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('q', 'x', 'todo', '{}')")
    assert visitor.get("/health").json()["status"] == "degraded"
    run("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert visitor.get("/health").json()["status"] == "ok"
    assert visitor.post("/health").status_code == 405


def test_the_queue_moves_or_it_does_not():
    def queue(**given) -> health.Queue:
        usual = {"waiting": 0, "running": 0, "failed": 0, "oldest_seconds": 0.0, "worker_seconds": 1.0}
        return health.Queue(**usual | given)

    assert queue().moves
    assert queue(worker_seconds=None).moves  # nothing waits
    assert not queue(worker_seconds=None, waiting=1).moves
    assert not queue(waiting=9, oldest_seconds=timedelta(hours=1).total_seconds()).moves


@pytest.mark.django_db
def test_metrics_are_for_the_monitoring_only(visitor, settings):
    assert b"stadtkern_jobs" in visitor.get("/metrics").content
    assert visitor.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    settings.METRICS_TOKEN = "word"
    assert visitor.get("/metrics").status_code == 404
    assert visitor.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert visitor.get("/metrics", headers={"Authorization": "Bearer word"}).status_code == 200


@pytest.mark.django_db
def test_retention_is_listed_with_every_rule(capsys):
    from stadtkern.config.upkeep import retention
    from stadtkern.core.parts import retention_rules

    assert retention(run=False) == 0
    printed = capsys.readouterr().out
    assert all(rule.key in printed for rule in retention_rules)


def test_the_service_file_runs_what_the_handbook_names():
    assert "stadtkern up" in SERVICE.read_text()
