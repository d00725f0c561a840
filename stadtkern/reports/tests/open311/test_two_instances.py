"""Two Stadtkern, two processes, two databases: one carries a matter to the other and hears what became of it."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import psycopg
import pytest
from django.conf import settings

from stadtkern.core import clock
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import forwarding
from stadtkern.reports.domain.forwarding import forward_report
from stadtkern.reports.domain.mirroring import mirror
from stadtkern.reports.models import Report
from stadtkern.reports.tests.open311.conftest import V2
from stadtkern.reports.words import ForwardState, Status

SCRIPT = Path(__file__).with_name("second_instance.py")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """Its address and keys; its database goes with it."""
    given = settings.DATABASES["default"]
    name = f"second_stadtkern_{os.getpid()}"
    login = {"host": given["HOST"], "port": given["PORT"] or None, "user": given["USER"], "password": given["PASSWORD"]}
    with closing(psycopg.connect(dbname="postgres", autocommit=True, **login)) as server:
        server.execute(f'create database "{name}"')
        try:
            with Running(given, name, tmp_path_factory.mktemp("second")) as ready:
                yield ready
        finally:
            server.execute(f'drop database "{name}" with (force)')


class Running:
    """The process, from its first line to its end."""

    def __init__(self, given, name, folder):
        place = f"{given['HOST']}" if not given["HOST"].startswith("/") else ""
        address = f"postgresql://{given['USER']}:{given['PASSWORD']}@{place}/{name}?host={given['HOST']}"
        self.environment = os.environ | {
            "DATABASE_URL": address + (f"&port={given['PORT']}" if given["PORT"] else ""),
            "STADTKERN_DATA": str(folder),
            "STADTKERN_CITY": "bochum",
            "PYTHONPATH": str(Path(__file__).resolve().parents[4]),
        }

    def __enter__(self):
        command = [sys.executable, str(SCRIPT)]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, "the second instance did not start"
        told = json.loads(line)
        return f"http://127.0.0.1:{told['port']}{V2}", told["keys"]

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


@pytest.fixture
def neighbour(city, second):
    url, keys = second
    return Organisation.objects.create(
        key="second", name="Zweite Stadt", short="Zweite", kind="external", open311_url=url, open311_key=keys["sender"]
    )


def close_there(second, number, *, by, words):
    url, keys = second
    news = {
        "api_key": keys[by],
        "service_request_id": number,
        "update_id": f"done-{number}",
        "updated_datetime": clock.now().isoformat(),
        "status": "closed",
        "description": words,
    }
    answer = httpx.post(f"{url}/servicerequestupdates.json", data=news)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("category", "owner"), [("pothole", "tiefbauamt"), ("playground", "jugendamt")])
def test_a_matter_goes_there_and_its_end_comes_back(second, neighbour, filed, bernd, run_jobs, category, owner):
    url, _keys = second
    report = filed(category)
    sent = forward_report(report.pk, to=neighbour, by=bernd, words="Das liegt bei Ihnen.")
    run_jobs()
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (ForwardState.SENT, "")
    forwarding.ask_everybody.func(timestamp=0)
    assert not report.thread.entries.filter(code="remote").exists()

    close_there(second, sent.remote_id, by=owner, words="Ist repariert.")
    there = httpx.get(f"{url}/requests/{sent.remote_id}.json", params={"extensions": "true"}).json()[0]
    assert there["status"] == "closed"
    assert there["description"].startswith("Das liegt bei Ihnen.\n\nTiefes Loch")
    assert (there["lat"], there["long"]) == (51.4818, 7.2162)

    forwarding.ask_everybody.func(timestamp=0)
    sent.refresh_from_db()
    assert sent.remote_status == "closed"
    assert report.thread.entries.get(code="remote").text == "Bei Zweite Stadt: Ist repariert."


def test_sent_twice_by_a_broken_job_it_is_there_once(second, neighbour, filed, bernd, run_jobs):
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    numbers = set()
    for _attempt in range(2):
        forwarding.send.func(forwarding_id=sent.pk, words="")
        sent.refresh_from_db()
        numbers.add(sent.remote_id)
        sent.state = ForwardState.WAITING
        sent.save(update_fields=["state"])
    assert len(numbers) == 1


def test_a_wrong_key_is_a_final_no_that_staff_can_see(second, neighbour, filed, bernd, run_jobs):
    Organisation.objects.filter(pk=neighbour.pk).update(open311_key="sk_wrong_key")
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    run_jobs()
    sent.refresh_from_db()
    assert sent.state == ForwardState.FAILED
    assert sent.error.startswith("403: Dieser api_key")


def test_what_is_public_there_can_be_mirrored_here_once(second, neighbour, filed, bernd, run_jobs):
    url, _keys = second
    sent = forward_report(filed(text="Zum Spiegeln").pk, to=neighbour, by=bernd)
    forwarding.send.func(forwarding_id=sent.pk, words="")
    sent.refresh_from_db()
    close_there(second, sent.remote_id, by="tiefbauamt", words="Gefüllt.")  # whoever works on it makes it public
    done = mirror(url, "bochum.de")
    assert sent.remote_id in done.made
    mirrored = Report.objects.get(external_source="open311:bochum.de", external_id=sent.remote_id)
    assert "Zum Spiegeln" in mirrored.text
    assert mirrored.status == Status.DONE
    again = mirror(url, "bochum.de")
    assert (again.made, again.changed) == ([], [])
    assert sent.remote_id in again.same
