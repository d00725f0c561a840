"""Exact answers, letter by letter, and the official JSON Schemas."""

import json
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stadtkern.core.problems import BadInput, Conflict, TooMany
from stadtkern.reports.api.open311 import answer, rows
from stadtkern.reports.api.open311.errors import Fault, Refused, as_refused

AT = "2026-11-01T12:30:00Z"
HOLE = answer.Request(
    id=638344,
    open=True,
    status_notes="",
    service_code="pothole",
    service_name="Schlagloch",
    description='Tief & gefährlich <b>"hier"</b>',
    agency="Tiefbauamt",
    notice="",
    requested=AT,
    updated=AT,
    expected="2026-11-15T17:00:00Z",
    address="Kortumstraße 1",
    lat=51.4818,
    lon=7.2162,
    media_url="",
)
HOLE_XML = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    "<service_requests><request><service_request_id>638344</service_request_id><status>open</status><status_notes/>"
    "<service_name>Schlagloch</service_name><service_code>pothole</service_code>"
    '<description>Tief &amp; gefährlich &lt;b&gt;"hier"&lt;/b&gt;</description>'
    "<agency_responsible>Tiefbauamt</agency_responsible><service_notice/>"
    "<requested_datetime>2026-11-01T12:30:00Z</requested_datetime>"
    "<updated_datetime>2026-11-01T12:30:00Z</updated_datetime>"
    "<expected_datetime>2026-11-15T17:00:00Z</expected_datetime>"
    "<address>Kortumstraße 1</address><address_id/><zipcode/>"
    "<lat>51.4818</lat><long>7.2162</long><media_url/></request></service_requests>"
)
HOLE_JSON = {
    "service_request_id": "638344",
    "status": "open",
    "status_notes": None,
    "service_name": "Schlagloch",
    "service_code": "pothole",
    "description": 'Tief & gefährlich <b>"hier"</b>',
    "agency_responsible": "Tiefbauamt",
    "service_notice": None,
    "requested_datetime": "2026-11-01T12:30:00Z",
    "updated_datetime": "2026-11-01T12:30:00Z",
    "expected_datetime": "2026-11-15T17:00:00Z",
    "address": "Kortumstraße 1",
    "address_id": None,
    "zipcode": None,
    "lat": 51.4818,
    "long": 7.2162,
    "media_url": None,
}


def test_a_request_in_xml_letter_by_letter():
    assert answer.render(answer.requests([HOLE]), "xml").decode() == HOLE_XML


def test_a_request_in_json_is_a_list_of_one():
    assert json.loads(answer.render(answer.requests([HOLE]), "json")) == [HOLE_JSON]


def test_a_moment_is_told_in_utc():
    assert answer.when(datetime(2026, 11, 1, 13, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-01T12:30:00Z"


def test_no_request_is_an_empty_root_and_an_empty_list():
    empty = answer.requests([])
    assert answer.render(empty, "xml").decode().endswith("\n<service_requests/>")
    assert answer.render(empty, "json") == b"[]"


TEXTS = st.text(max_size=20)
MAYBE = st.one_of(st.none(), st.floats(-180, 180))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(
            answer.Request,
            id=st.integers(1, 10**12),
            open=st.booleans(),
            status_notes=TEXTS,
            service_code=TEXTS,
            service_name=TEXTS,
            description=TEXTS,
            agency=TEXTS,
            notice=TEXTS,
            requested=st.just(AT),
            updated=st.just(AT),
            expected=st.one_of(st.none(), st.just(AT)),
            address=TEXTS,
            lat=MAYBE,
            lon=MAYBE,
            media_url=TEXTS,
            more=st.none(),
        ),
        max_size=4,
    )
)
def test_the_quick_way_of_writing_lists_writes_the_same(found):
    tree = answer.requests(found)
    assert rows.render(found, "xml") == answer.render(tree, "xml")
    assert json.loads(rows.render(found, "json")) == json.loads(answer.render(tree, "json"))


def test_errors_in_both_formats():
    tree = answer.errors([Fault(403, "api_key fehlt."), Fault(400, "a < b")])
    assert (
        answer.render(tree, "xml")
        .decode()
        .endswith(
            "<errors><error><code>403</code><description>api_key fehlt.</description></error>"
            "<error><code>400</code><description>a &lt; b</description></error></errors>"
        )
    )
    assert json.loads(answer.render(tree, "json"))[0] == {"code": 403, "description": "api_key fehlt."}


def test_a_new_request_answers_with_its_number_or_with_a_token_never_with_both():
    assert json.loads(answer.render(answer.filed(7, None, "Danke."), "json")) == [
        {"service_request_id": "7", "service_notice": "Danke.", "account_id": None}
    ]
    (told,) = json.loads(answer.render(answer.filed(None, "t", ""), "json"))
    assert told["token"] == "t"
    assert "service_request_id" not in told


def test_an_update_in_xml():
    row = answer.Update(id=9, request_id=7, open=False, status="done", at=AT, description="Behoben")
    assert (
        answer.render(answer.updates([row]), "xml")
        .decode()
        .endswith(
            "<service_request_updates><request_update><update_id>9</update_id><service_request_id>7</service_request_id>"
            "<status>closed</status><external_status_code>done</external_status_code>"
            "<updated_datetime>2026-11-01T12:30:00Z</updated_datetime><description>Behoben</description><media_url/>"
            "</request_update></service_request_updates>"
        )
    )


def test_the_official_schema_accepts_it(shared_data):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((shared_data / "open311-schemas" / "request.json").read_text())
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    (told,) = json.loads(answer.render(answer.requests([HOLE]), "json"))
    assert list(checker.iter_errors(told)) == []


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_whatever_the_text_the_xml_is_well_formed_and_says_it(text):
    rendered = answer.render(answer.requests([HOLE._replace(description=text)]), "xml")
    said = ElementTree.fromstring(rendered).findtext("request/description") or ""
    kept = answer.NOT_XML.sub("", text)
    assert said == kept.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_whatever_the_text_the_json_can_be_read(text):
    json.loads(answer.render(answer.requests([HOLE._replace(description=text)]), "json").decode("utf-8"))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused(404, "no"), 404, 404),
        (BadInput(fields={"answers.size": "fehlt"}), 400, 400),
        (Conflict("anders"), 400, 409),
        (TooMany("oft", retry_after=3), 429, 429),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), 400, 400),
    ],
)
def test_every_problem_has_its_code(error, status, code):
    refused = as_refused(error)
    assert (refused.status, refused.faults[0].code) == (status, code)


def test_fields_have_the_names_that_the_caller_used():
    refused = as_refused(BadInput(fields={"answers.size": "fehlt", "text": "zu lang", "place": "außerhalb"}))
    assert [fault.description for fault in refused.faults] == [
        "attribute[size]: fehlt",
        "description: zu lang",
        "lat, long: außerhalb",
    ]


def test_what_nobody_expected_is_not_explained_away():
    assert as_refused(ZeroDivisionError()) is None
