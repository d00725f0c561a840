"""What a log line may hold: never who somebody is."""

import json
import logging
import os
import subprocess
import sys

import pytest

from stadtkern.config.logs import QuietFormatter, level_named, logging_settings, without_personal_data
from tests.operations.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to aylin.k+bo@example.org refused", "mail to <e-mail> refused"),
        ("from 203.0.113.9 port 4", "from <address> port 4"),
        ("listening on 127.0.0.1:8000", "listening on 127.0.0.1:8000"),
        ("client 2001:db8:0:1:2:3:4:5", "client <address>"),
        ("call 0234 910-1234 or +49 234 9101234", "call <phone> or <phone>"),
        ("GET /m/" + "a1" * 22, "GET /m/<secret>"),
        ("Key (lower(email))\nDETAIL: Key (x)=(Aylin) exists", "Key (lower(email))\nDETAIL: <row>"),
        (
            "report 4711 moved from assigned to done in 0.25 s",
            "report 4711 moved from assigned to done in 0.25 s",
        ),
        ("2026-11-23 18:02:11 release 1.2.3.4", "2026-11-23 18:02:11 release <address>"),
    ],
)
def test_contacts_addresses_and_secrets_never_reach_the_log(text, expected):
    assert without_personal_data(text) == expected


def test_a_line_is_json_and_a_traceback_is_cleaned_too():
    try:
        raise ValueError("no such person: dora@example.org")
    except ValueError:
        record = logging.LogRecord("stadtkern.x", 40, "x.py", 1, "broken", (), __import__("sys").exc_info())
    record.person = "bernd@example.org"
    record.request = "<WSGIRequest /konto/>"
    line = json.loads(QuietFormatter(logging_settings()["formatters"]["json"]["fmt"]).format(record))
    assert line["message"] == "broken"
    assert line["person"] == "<e-mail>"
    assert "request" not in line
    assert "dora" not in line["exc_info"]


def logged(level: str) -> subprocess.CompletedProcess[str]:
    """What an installation with this level says of a visitor, once quietly and once as a warning."""
    program = (
        "import django; django.setup(); import logging; log = logging.getLogger('stadtkern.trial');"
        "log.info('quiet, of dora@example.org'); log.warning('loud, of dora@example.org')"
    )
    environment = os.environ | {"STADTKERN_LOG_LEVEL": level, "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("level", "said"), [("info", ["quiet", "loud"]), ("WARNING", ["loud"])])
def test_an_installation_logs_as_the_settings_say(level, said):
    lines = [json.loads(line) for line in logged(level).stderr.splitlines()]
    assert [line["message"] for line in lines] == [f"{word}, of <e-mail>" for word in said]


def test_a_wrong_level_stops_the_start_with_one_sentence():
    done = logged("shout")
    assert done.returncode == 1
    assert "STADTKERN_LOG_LEVEL is not usable: say DEBUG, INFO, WARNING or ERROR" in done.stderr.splitlines()[-1]


def test_a_wrong_level_is_refused_with_the_right_ones():
    assert level_named("info") == "INFO"
    with pytest.raises(ValueError, match="DEBUG, INFO"):
        level_named("loud")
