"""Settings speak: a wrong one stops the start with one sentence, and none is read behind the others' back."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stadtkern.config import secret_key
from stadtkern.config.check import machine, safety
from stadtkern.config.check.finding import Level
from stadtkern.config.mail_server import MailServer
from stadtkern.config.sender import sender_of
from tests.operations.conftest import ROOT

DECLARED_IN = {"settings.py", "database.py", "hub.py"}


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python as an installation without a secret key of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("STADTKERN_SECRET_KEY")}
    env |= {"DJANGO_SETTINGS_MODULE": "stadtkern.config.settings"} | environment
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STADTKERN_SMTP", "imap://mail.example", "begin with smtp:// or smtps://"),
        ("STADTKERN_SMTP", "smtp://mail.example:many", "the port is a number up to 65535"),
        ("STADTKERN_SMTP", "smtp://mail.example:70000", "the port is a number up to 65535"),
        ("STADTKERN_SMTP", "smtp://", "the host is missing"),
        ("STADTKERN_OIDC", "[{", "it is no JSON"),
        ("STADTKERN_OIDC", "{}", "say a JSON list"),
        ("STADTKERN_OIDC", '[{"name": "BundID"}]', "provider 1 has no provider_id, client_id"),
        ("STADTKERN_PROXIES", "the-proxy", "'the-proxy' does not appear to be an IPv4 or IPv6 network"),
        ("STADTKERN_SECRET_KEY_FILE", "/nowhere/key", "STADTKERN_SECRET_KEY_FILE names /nowhere/key: No such file"),
        ("STADTKERN_WORKER_TIMEOUT", "soon", "say a whole number"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence(name, value, said):
    done = python("from stadtkern.config import settings", **{name: value})
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert f"{name.removesuffix('_FILE')} is not usable: " in last
    assert said in last


def test_a_value_may_come_from_a_file(tmp_path):
    (tmp_path / "smtp").write_text("smtps://u:p%40ss@mail.example\n")
    program = "from stadtkern.config import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_PASSWORD)"
    assert python(program, STADTKERN_SMTP_FILE=str(tmp_path / "smtp")).stdout == "mail.example 465 p@ss\n"
    (tmp_path / "proxies").write_text("127.0.0.1/32\n")
    program = "from stadtkern.config import settings as s; print(*s.PROXIES, s.ALLAUTH_TRUSTED_PROXY_COUNT)"
    assert python(program, STADTKERN_PROXIES_FILE=str(tmp_path / "proxies")).stdout == "127.0.0.1/32 2\n"


def test_every_setting_is_declared_where_every_process_reads_it():
    """Then the handbook names it whatever was imported, and a wrong value stops every command."""
    found = set()
    for path in (ROOT / "stadtkern").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "env":
                found.add(path.relative_to(ROOT / "stadtkern/config").name)
    assert found == DECLARED_IN


@pytest.mark.parametrize("application", ["wsgi:application", "door:app"])
def test_nobody_is_served_with_the_key_that_everybody_knows(application):
    module = application.split(":", maxsplit=1)[0]
    serve = f"import stadtkern.config.{module}"
    refused = python(serve)
    assert refused.returncode == 1
    assert "STADTKERN_SECRET_KEY is missing" in refused.stderr.splitlines()[-1]
    for allowed in ({"STADTKERN_DEMO": "yes"}, {"STADTKERN_DEBUG": "yes"}, {"STADTKERN_SECRET_KEY": "k" * 50}):
        assert python(serve, **allowed).returncode == 0
    assert python("import django; django.setup()").returncode == 0, "commands that serve nobody need no key"


def levels(check) -> list[Level]:
    return [finding.level for finding in check()]


def test_the_key_of_development_is_a_fault_for_the_doctor(settings):
    settings.SECRET_KEY = secret_key.DEVELOPMENT
    assert levels(safety.secret_key) == [Level.FAULT]


@pytest.mark.parametrize(
    ("address", "proxies", "expected"),
    [
        ("https://stadt.example", [], [Level.FAULT]),
        ("https://stadt.example", ["127.0.0.1/32"], [Level.GOOD]),
        ("http://127.0.0.1:8000", [], []),
    ],
)
def test_tls_without_a_known_proxy_is_a_fault(settings, address, proxies, expected):
    settings.BASE_URL, settings.PROXIES = address, proxies
    assert levels(safety.proxies) == expected


@pytest.mark.django_db
def test_behind_a_proxy_the_metrics_need_their_token(visitor, settings):
    settings.BASE_URL = "https://stadt.example"
    assert visitor.get("/metrics").status_code == 404, "the proxy on this machine looks like this machine"
    settings.METRICS_TOKEN = "word"
    assert visitor.get("/metrics", headers={"Authorization": "Bearer wörd"}).status_code == 404
    assert visitor.get("/metrics", headers={"Authorization": "Bearer word"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "starts_tls", "tls"),
    [
        ("smtp://u:p@mail.example", True, False),
        ("smtps://u:p@mail.example", False, True),
        ("smtp://relay.example:25", False, False),
    ],
)
def test_how_letters_travel(address, starts_tls, tls):
    server = MailServer.parse(address)
    assert (server.starts_tls, server.tls_from_the_start) == (starts_tls, tls)


def test_mail_in_the_clear_to_another_machine_is_warned_of(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = 1, False, False
    settings.EMAIL_HOST = "localhost"
    assert Level.WARNING not in levels(machine.mail)
    settings.EMAIL_HOST = "relay.invalid"
    assert Level.WARNING in levels(machine.mail)
    settings.EMAIL_USE_TLS = True
    assert Level.WARNING not in levels(machine.mail)


def test_the_sender_is_the_packs(tmp_path):
    pack = tmp_path / "city.toml"
    where = {"base_url": "https://stadt.example"}
    assert sender_of(str(tmp_path), **where) == "stadtkern@stadt.example"
    pack.write_text('[contact]\nemail = "rathaus@stadt.example"\n')
    assert sender_of(str(tmp_path), **where) == "rathaus@stadt.example"
    pack.write_text('[contact]\nemail = "rathaus@stadt.example"\n[mail]\nsender = "echo@stadt.example"\n')
    assert sender_of(str(tmp_path), **where) == "echo@stadt.example"
    pack.write_text("[contact")
    assert sender_of(str(tmp_path), **where) == "stadtkern@stadt.example"
    assert sender_of("stuttgart", **where).endswith("@stuttgart.example")


def test_no_city_is_named_in_the_code():
    """What belongs to a city stands in its pack; the code names one only as the choice when none was made."""
    named = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / "stadtkern").rglob("*")
        if path.suffix in {".py", ".html", ".txt", ".js", ".css"} and not _of_tests(path)
        for text in _said(path)
        if "bochum" in text.lower()
    ]
    assert [text for text in named if not text.endswith((": bochum", "e.g. bochum"))] == []


def _of_tests(path: Path) -> bool:
    return bool({"tests", "testing", "static_built", "node_modules"} & set(path.parts))


def _said(path: Path) -> list[str]:
    """The lines of a template, script or style; of Python the strings, without what explains it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text.splitlines()
    tree = ast.parse(text)
    explaining = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in explaining)
    return [node.value for node in strings if isinstance(node.value, str)]
