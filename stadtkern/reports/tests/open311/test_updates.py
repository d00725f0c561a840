"""The updates extension, as FixMyStreet has it: news out, news in."""

import json
from datetime import timedelta

import pytest

from stadtkern.core import apikeys, clock
from stadtkern.reports.domain import workflow
from stadtkern.reports.models import Report
from stadtkern.reports.tests.open311.conftest import V2
from stadtkern.reports.words import Status
from stadtkern.threads.words import ShownTo

PATH = f"{V2}/servicerequestupdates.json"


def told(visitor, **params):
    response = visitor.get(PATH, params)
    assert response.status_code == 200, response.content
    return response.json()


def news(report, key, **given):
    return {
        "api_key": key,
        "service_request_id": report.pk,
        "update_id": "their-17",
        "updated_datetime": clock.now().isoformat(),
        "status": "open",
        "description": "Material ist bestellt.",
    } | given


def said(visitor, fields, status=200):
    response = visitor.post(PATH, fields)
    assert response.status_code == status, response.content
    return response.json()


@pytest.fixture
def owners_key(city):
    """A key of the organisation that owns potholes."""
    return apikeys.issue("Bauhof", scopes=["open311.update"], organisation="tiefbauamt")[1]


def test_steps_come_out_in_order_with_the_state_of_their_moment(visitor, filed):
    report = filed()
    workflow.move_report(report.pk, to=Status.CHECKED, by=None, told="Angesehen.")
    workflow.move_report(report.pk, to=Status.DONE, by=None)
    rows = told(visitor)
    assert [(row["status"], row["external_status_code"], row["description"]) for row in rows] == [
        ("open", "received", "Eingegangen"),
        ("open", "checked", "Angesehen."),
        ("closed", "done", "Erledigt"),
    ]
    assert {row["service_request_id"] for row in rows} == {str(report.pk)}
    root = visitor.get(f"{V2}/servicerequestupdates.xml").content.decode()
    assert root.count("<request_update>") == 3


def test_only_what_happened_in_the_time_asked_for(visitor, filed):
    filed()
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert told(visitor, start_date=tomorrow) == []
    assert len(told(visitor, end_date=tomorrow)) == 1
    assert visitor.get(PATH, {"start_date": "bald"}).status_code == 400


def test_of_some_requests_only(visitor, filed):
    first, second = filed(), filed()
    assert {row["service_request_id"] for row in told(visitor, service_request_id=second.pk)} == {str(second.pk)}
    assert len(told(visitor, service_request_id=f"{first.pk},{second.pk},x")) == 2


def test_a_refusal_says_its_reason(visitor, filed, bernd):
    report = filed()
    workflow.move_report(report.pk, to=Status.REJECTED, by=bernd, reason="not-found")
    last = told(visitor)[-1]
    assert last["status"] == "closed"
    assert "vor Ort" in last["description"]


def test_words_from_outside_wait_for_staff_to_read_them(visitor, filed, key):
    report = filed()
    (answer,) = said(visitor, news(report, key))
    entry = report.thread.entries.get(pk=answer["update_id"])
    assert (entry.text, entry.shown_to) == ("Material ist bestellt.", ShownTo.STAFF)
    assert "Material" not in json.dumps(told(visitor))
    assert Report.objects.get(pk=report.pk).status == Status.RECEIVED


def test_the_same_update_is_written_once(visitor, filed, key):
    report = filed()
    fields = news(report, key)
    assert said(visitor, fields) == said(visitor, fields)
    assert report.thread.entries.filter(text="Material ist bestellt.").count() == 1
    said(visitor, fields | {"description": "Anderes"}, status=400)


def test_the_owner_speaks_in_public_closes_and_reopens(visitor, filed, owners_key):
    report = filed()
    said(visitor, news(report, owners_key))
    assert told(visitor)[-1]["description"] == "Material ist bestellt."
    said(visitor, news(report, owners_key, update_id="2", status="closed", description="Gefüllt."))
    report.refresh_from_db()
    assert report.status == Status.DONE
    assert told(visitor)[-1] == told(visitor, service_request_id=report.pk)[-1]
    assert (told(visitor)[-1]["status"], told(visitor)[-1]["description"]) == ("closed", "Gefüllt.")
    said(visitor, news(report, owners_key, update_id="3", status="open", description="Wieder auf."))
    report.refresh_from_db()
    assert report.status == Status.REOPENED


def test_what_cannot_be_seen_cannot_be_updated(visitor, filed, key):
    waiting = filed("playground", public=False)
    assert said(visitor, news(waiting, key), status=404)[0]["code"] == 404
    missing = news(waiting, key) | {"service_request_id": "999999999999999999999"}
    said(visitor, missing, status=404)


def test_updating_needs_a_key_with_that_scope(visitor, filed):
    report = filed()
    other = apikeys.issue("Nur melden", scopes=["open311.file"])[1]
    said(visitor, news(report, other), status=403)
    said(visitor, news(report, ""), status=403)


def test_what_is_missing_is_named(visitor, filed, key):
    report = filed()
    faults = said(visitor, news(report, key, update_id="", description=""), status=400)
    assert {fault["description"] for fault in faults} == {"update_id fehlt.", "description fehlt."}
    later = (clock.now() + timedelta(days=1)).isoformat()
    said(visitor, news(report, key, updated_datetime=later), status=400)
