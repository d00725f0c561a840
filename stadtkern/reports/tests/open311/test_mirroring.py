"""Reading other servers: the shapes of real cities, and their requests in our tables, each once."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command

from stadtkern.core import clock
from stadtkern.reports.domain import remote311
from stadtkern.reports.domain.mirroring import mirror
from stadtkern.reports.domain.remote311 import SaysNo, Server, Unreachable, request_of
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.open311.other_city import OtherCity, running
from stadtkern.reports.words import Source, Status, Visibility
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.following import follow
from stadtkern.threads.models import Notification


@pytest.fixture
def other():
    with running(OtherCity()) as there:
        yield there


def row(number, **given):
    return {
        "service_request_id": number,
        "status": "open",
        "service_code": "pothole",
        "service_name": "Pothole",
        "description": "Deep hole",
        "requested_datetime": (clock.now() - timedelta(days=2)).isoformat(),
        "lat": "51.4818",
        "long": "7.2162",
    } | given


def serving(other, rows):
    """One page of rows, then empty ones, whatever the dates."""
    other.pages["GET requests.json"] = lambda params: (200, rows if params["page"] == ["1"] else [])
    return other


@pytest.mark.parametrize(
    "told",
    [
        [{"service_request_id": 7}],
        {"service_requests": [{"service_request_id": "7"}]},
        {"requests": [{"service_request_id": 7}]},
        {"service_requests": {"request": {"service_request_id": "7"}}},
        [{"request": {"service_request_id": "7"}}],
    ],
)
def test_wrapped_and_bare_lists_are_read_alike(other, told):
    other.pages["GET requests.json"] = 200, told
    assert [request.id for request in Server(other.url).requests()] == ["7"]


def test_a_server_that_speaks_only_xml_is_read_too(other):
    other.pages["GET requests.xml"] = (
        200,
        b'<?xml version="1.0"?><service_requests><request><service_request_id>7</service_request_id>'
        b"<status>closed</status><lat>51.5</lat><long>7.2</long><description>a &amp; b</description></request>"
        b"<request><service_request_id>8</service_request_id></request></service_requests>",
    )
    first, second = Server(other.url).requests()
    assert (first.id, first.is_closed, first.lat, first.description) == ("7", True, 51.5, "a & b")
    assert (second.id, second.lat) == ("8", None)


def test_definitions_in_both_formats_say_the_same(other):
    question = {"code": "size", "datatype": "singlevaluelist", "required": "true", "values": [{"key": 1, "name": "x"}]}
    other.pages["GET services/a%20b.json"] = 200, {"service_code": "a b", "attributes": [question]}
    other.pages["GET services/c.xml"] = (
        200,
        b"<service_definition><attributes><attribute><code>size</code><datatype>singlevaluelist</datatype>"
        b"<required>true</required><values><value><key>1</key></value></values></attribute></attributes>"
        b"</service_definition>",
    )
    wanted = [{"code": "size", "datatype": "singlevaluelist", "required": True, "values": ["1"]}]
    assert Server(other.url).questions("a b") == Server(other.url).questions("c") == wanted


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ((500, b"broken"), Unreachable),
        ((302, b""), Unreachable),
        ((200, b"<html>busy</html"), Unreachable),
        ((200, b""), Unreachable),
        ((404, b"<html>nothing"), SaysNo),
        ((403, [{"code": 403, "description": "key"}]), SaysNo),
    ],
)
def test_what_goes_wrong_is_told_apart(other, told, error):
    other.pages["GET requests.json"] = other.pages["GET requests.xml"] = told
    with pytest.raises(error):
        Server(other.url).requests()


def test_hostile_xml_is_no_answer(other):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><service_requests>&b;</service_requests>'
    other.pages["GET requests.xml"] = 200, bomb
    with pytest.raises(Unreachable):
        Server(other.url).requests()


def test_an_answer_without_end_is_cut(other, monkeypatch):
    monkeypatch.setattr(remote311, "MOST_BYTES", 1000)
    other.pages["GET requests.json"] = 200, b"[" + b" " * 5000 + b"]"
    with pytest.raises(Unreachable):
        Server(other.url).requests()


def test_settings_may_follow_the_address(other):
    server = Server(f"{other.url}/#jurisdiction_id=bonn.de&service_code=rest")
    assert (server.url, server.jurisdiction, server.usual_service) == (other.url, "bonn.de", "rest")
    other.pages["GET requests.json"] = 200, []
    server.requests(status="open")
    assert other.sent("GET requests.json") == [{"status": ["open"], "jurisdiction_id": ["bonn.de"]}]


def test_fifty_real_requests_of_chicago_are_understood(other, shared_data):
    told = json.loads((shared_data / "reports" / "chicago_open311_extended.json").read_text())
    other.pages["GET requests.json"] = 200, told
    found = Server(other.url).requests()
    assert len(found) == len(told) == 50
    assert found[0].id == "14-00684314"
    assert found[0].requested == datetime(2014, 5, 10, 0, 2, 21, tzinfo=UTC)
    assert {type(one.lat) for one in found} <= {float, type(None)}
    assert all(one.requested and one.service_code for one in found)


def test_fifty_eight_real_services_of_muenster_are_understood(other, shared_data):
    told = json.loads((shared_data / "reports" / "muenster_services_open311.json").read_text())
    other.pages["GET services.json"] = 200, told
    found = Server(other.url).services()
    assert len(found) == len(told)
    assert found[0].code == "73"
    assert all(isinstance(one.code, str) and one.name for one in found)


def test_chicago_does_not_become_bochum(other, shared_data, city):
    told = json.loads((shared_data / "reports" / "chicago_open311_extended.json").read_text())
    categories = {one["service_code"]: "pothole" for one in told}
    done = mirror(serving(other, told).url, categories=categories)
    assert (done.made, len(done.left_out)) == ([], 50)
    assert all("Bochum" in reason for _number, reason in done.left_out)
    assert not Report.objects.exists()


def test_the_same_fifty_moved_to_bochum_are_kept_with_state_and_time(other, shared_data, city):
    told = json.loads((shared_data / "reports" / "chicago_open311_extended.json").read_text())
    for place, one in enumerate(told):
        one |= {"lat": 51.48 + place / 10_000, "long": 7.21}
    categories = {one["service_code"]: "pothole" for one in told}
    done = mirror(serving(other, told).url, "chicago.gov", categories=categories)
    assert (len(done.made), done.left_out) == (50, [])
    report = Report.objects.get(external_id="14-00684314")
    assert (report.external_source, report.source) == ("open311:chicago.gov", Source.IMPORT)
    assert (report.status, report.visibility) == (Status.DONE, Visibility.PUBLIC)
    assert report.filed_at == request_of(told[0]).requested
    assert report.closed_at == request_of(told[0]).updated
    again = mirror(other.url, "chicago.gov", categories=categories)
    assert (again.made, len(again.same)) == ([], 50)
    assert Report.objects.count() == 50


def test_later_states_follow(other, city):
    serving(other, [row("a")])
    assert mirror(other.url).made == ["a"]
    serving(other, [row("a", status="closed", status_notes="Fixed")])
    assert mirror(other.url).changed == ["a"]
    report = Report.objects.get(external_id="a")
    assert report.status == Status.DONE
    assert report.thread.entries.filter(text="Fixed").exists()
    serving(other, [row("a")])
    assert mirror(other.url).changed == ["a"]
    assert Report.objects.get(external_id="a").status == Status.REOPENED


def test_categories_are_found_by_key_name_or_mapping_and_never_guessed(other, city):
    rows = [
        row("key", service_code="lamp"),
        row("name", service_code="55", service_name="schlagloch oder straßenschaden"),
        row("mapped", service_code="56", service_name="Tiere"),
        row("strange", service_code="57", service_name="Unbekannt"),
        row("later", requested_datetime="2999-01-01T00:00:00Z"),
        row("placeless", lat=None, long=None),
    ]
    done = mirror(serving(other, rows).url, categories={"56": "rats"})
    assert done.made == ["key", "name", "mapped"]
    assert [number for number, _reason in done.left_out] == ["strange", "later", "placeless"]
    assert Report.objects.get(external_id="mapped").category_id == "rats"


def test_long_times_are_asked_in_windows_of_90_days(other, city):
    asked = []

    def answer(params):
        asked.append((params["start_date"][0], params["end_date"][0]))
        return 200, []

    other.pages["GET requests.json"] = answer
    mirror(other.url, since=clock.now() - timedelta(days=200))
    assert len(asked) == 3
    for start, end in asked:
        assert datetime.fromisoformat(end) - datetime.fromisoformat(start) <= timedelta(days=90)
    assert all(before[1] == after[0] for before, after in pairwise(asked))


def test_a_server_without_pages_is_left_when_it_repeats_itself(other, city):
    other.pages["GET requests.json"] = lambda params: (200, [row("a")])
    assert mirror(other.url).made == ["a"]
    assert len(other.sent("GET requests.json")) == 2


def test_what_staff_decided_stands_until_the_other_side_says_something_new(other, city, bernd):
    serving(other, [row("a"), row("b", status="closed")])
    mirror(other.url)
    ours, theirs = (Report.objects.get(external_id=number) for number in "ab")
    move_report(ours.pk, to=Status.DONE, by=bernd, told="Erledigt.")
    move_report(theirs.pk, to=Status.REOPENED, by=bernd)
    assert mirror(other.url).changed == []
    serving(other, [row("a", status="closed"), row("b", status="closed")])
    assert mirror(other.url).changed == []
    serving(other, [row("a"), row("b", status="closed")])
    assert mirror(other.url).changed == ["a"]
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.status, theirs.status) == (Status.REOPENED, Status.REOPENED)


def test_a_report_mirrored_before_states_were_kept_is_not_moved_at_the_first_look(other, city, bernd):
    serving(other, [row("a")])
    mirror(other.url)
    report = Report.objects.get(external_id="a")
    move_report(report.pk, to=Status.DONE, by=bernd, told="Erledigt.")
    Report.objects.update(external_state="")
    assert mirror(other.url).changed == []
    assert Report.objects.get(external_id="a").status == Status.DONE


def test_nobody_is_told_of_old_matters(other, filed, aylin, run_jobs):
    follow(contact_for(person=aylin), "district", value="mitte")
    serving(other, [row("a"), row("b", status="closed")])
    assert mirror(other.url).made == ["a", "b"]
    run_jobs()
    assert not Notification.objects.filter(topic="reports.area").exists()
    filed()
    run_jobs()
    assert Notification.objects.filter(topic="reports.area").count() == 1


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(other, city, run_jobs):
    serving(other, [row("a")])
    mirror(other.url)
    run_jobs()
    serving(other, [row("a", status="closed"), row("b"), row("far", lat="48.1")])
    told = StringIO()
    call_command("mirror_open311", other.url, "--dry-run", stdout=told)
    assert "1 new, 1 changed, 0 as they were, 1 left out" in told.getvalue()
    assert "nothing was kept" in told.getvalue()
    assert [(one.external_id, one.status) for one in Report.objects.all()] == [("a", Status.RECEIVED)]
    assert run_jobs() == 0


def test_what_seems_personal_there_is_read_here_first(city, other):
    with_name = row("1", description="Herr Schmidt hat das Loch gegraben, Tel. 0234 9101234")
    serving(other, [with_name, row("2", status="closed", description=with_name["description"]), row("3")])
    mirror(other.url)
    found = dict(Report.objects.values_list("external_id", "visibility"))
    assert found == {"1": Visibility.CHECKING, "2": Visibility.CHECKING, "3": Visibility.PUBLIC}
