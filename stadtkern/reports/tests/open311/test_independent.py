"""Judges from outside: the client `georeport`, the official JSON Schemas, the rules of SeeClickFix's validator."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from stadtkern.reports.domain import workflow
from stadtkern.reports.tests.open311.conftest import V2
from stadtkern.reports.words import Source, Status

VERSION_2 = "http://wiki.open311.org/GeoReport_v2"


@pytest.fixture
def some(filed):
    """An open one, a closed one, one with answers, one without a point."""
    hole, lamp = filed(), filed("lamp")
    workflow.move_report(lamp.pk, to=Status.DONE, by=None, told="Neue Leuchte.")
    return [hole, lamp, filed("playground"), _without_a_point(filed)]


def _without_a_point(filed):
    return filed(lat=None, lon=None, address="Rathaus Bochum", text="", source=Source.OPEN311)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_independent_client_understands_everything(live_server, some, form):
    georeport = pytest.importorskip("georeport")
    client = georeport.GeoReport(live_server.url + V2, jurisdiction="bochum.de", output_format=form)
    assert "pothole" in {row["service_code"] for row in client.get_service_list()}
    definition = client.get_service_definition("playground")
    assert definition["service_code"] == "playground"
    rows = client.get_service_requests(status="open")
    assert {row["service_request_id"] for row in rows} == {str(some[place].pk) for place in (0, 2, 3)}
    rows = client.get_service_requests(service_request_id=f"{some[0].pk},{some[1].pk}")
    assert {row["status"] for row in rows} == {"open", "closed"}
    if form == "json":  # the client cannot read an empty list in XML
        assert client.get_service_requests(service_code="pothole", start_date="2020-01-01T00:00:00Z") == []
    one = client.get_service_request(str(some[1].pk))
    assert (one["status_notes"], one["service_code"]) == ("Neue Leuchte.", "lamp")


@pytest.fixture
def checked(shared_data):
    """checked(answer, "request.json") raises for everything the official schema does not allow."""
    jsonschema = pytest.importorskip("jsonschema")
    folder = shared_data / "open311-schemas"

    def check(answer, name):
        schema = json.loads((folder / name).read_text())
        jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(answer)

    return check


@pytest.mark.parametrize("more", [{}, {"extensions": "true"}])
def test_every_request_keeps_the_official_schema(visitor, some, checked, more):
    rows = visitor.get(f"{V2}/requests.json", more).json()
    assert len(rows) == len(some)
    for row in rows:
        checked(row, "request.json")


def test_every_service_and_definition_keeps_the_official_schema(visitor, city, checked):
    services = visitor.get(f"{V2}/services.json").json()
    for row in services:
        checked(row, "service.json")
        if row["metadata"]:
            checked(visitor.get(f"{V2}/services/{row['service_code']}.json").json(), "service-definition.json")
    assert any(row["metadata"] for row in services)


@pytest.fixture
def found(visitor, city):
    """The discovery document as JSON and as XML."""
    plain = visitor.get(f"{V2}/discovery.json")
    marked = visitor.get(f"{V2}/discovery.xml")
    assert plain["Content-Type"] == "application/json; charset=utf-8"
    assert marked["Content-Type"] == "text/xml; charset=utf-8"
    return plain.json(), ElementTree.fromstring(marked.content)


def test_discovery_says_the_same_in_both_formats(found):
    plain, marked = found
    assert marked.tag == "discovery"
    for name in ("changeset", "contact", "key_service"):
        assert plain[name] == marked.findtext(name) != ""
    assert [one["url"] for one in plain["endpoints"]] == [
        node.text for node in marked.iterfind("endpoints/endpoint/url")
    ]


def test_the_changesets_are_moments_in_the_past(found):
    plain, _marked = found
    for text in (plain["changeset"], *(one["changeset"] for one in plain["endpoints"])):
        assert datetime.fromisoformat(text) < datetime.now(UTC)


def test_every_endpoint_says_all_that_is_required(found):
    plain, marked = found
    assert plain["endpoints"]
    for one in plain["endpoints"]:
        assert one["specification"] == VERSION_2
        assert one["url"].startswith("http")
        assert one["type"] in {"production", "test"}
        assert "text/xml" in one["formats"]
        assert set(one["formats"]) <= {"text/xml", "application/json"}
    assert [node.text for node in marked.iterfind("endpoints/endpoint/formats/format")] == plain["endpoints"][0][
        "formats"
    ]


def test_there_is_a_service_and_each_has_a_code(visitor, city):
    root = ElementTree.fromstring(visitor.get(f"{V2}/services.xml").content)
    codes = [node.findtext("service_code") for node in root.iterfind("service")]
    assert codes
    assert all(codes)
    assert len(set(codes)) == len(codes)


def test_the_xml_has_its_declaration_and_no_namespace(visitor, some):
    for path in ("discovery", "services", "services/playground", "requests", "servicerequestupdates", "requests/0"):
        body = visitor.get(f"{V2}/{path}.xml").content
        assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
        assert b"xmlns" not in body


def test_creating_answers_with_something(visitor, key):
    fields = {"api_key": key, "service_code": "pothole", "address_string": "Rathaus", "attribute[x]": "ignored"}
    for form in ("json", "xml"):
        response = visitor.post(f"{V2}/requests.{form}", fields)
        assert response.content not in (b"", b"[]"), response.content
