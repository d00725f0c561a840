"""GeoReport v2 through the whole chain: addresses, answers, refusals."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from stadtkern.core import apikeys, clock
from stadtkern.reports.domain import catalogue, workflow
from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.models import Category, Report
from stadtkern.reports.tests.open311.conftest import V2, answers_for
from stadtkern.reports.words import Source, Status, Visibility
from stadtkern.threads.words import EntryKind, ShownTo

HOLE = {"service_code": "pothole", "lat": "51.4818", "long": "7.2162", "description": "Tiefes Loch"}


def got(visitor, path, expect=200, **params):
    response = visitor.get(f"{V2}/{path}", params)
    assert response.status_code == expect, response.content
    if "xml" in response["Content-Type"]:
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        return ElementTree.fromstring(response.content)
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(response.content)


def form(key, **given):
    fields = HOLE | {"api_key": key} | given
    for code, value in answers_for(fields["service_code"]).items():
        several = isinstance(value, list)
        fields.setdefault(f"attribute[{code}]{'[]' if several else ''}", value)
    return {name: value for name, value in fields.items() if value is not None}


def sent(visitor, fields, path="requests.json", status=200, **headers):
    response = visitor.post(f"{V2}/{path}", fields, headers=headers)
    assert response.status_code == status, response.content
    return json.loads(response.content) if path.endswith("json") else ElementTree.fromstring(response.content)


def filed_by(visitor, key, **given):
    (told,) = sent(visitor, form(key, **given))
    return Report.objects.get(pk=told["service_request_id"])


def described(faults):
    return " ".join(fault["description"] for fault in faults)


def test_services_in_both_formats_say_the_same(visitor, city):
    plain = got(visitor, "services.json")
    root = got(visitor, "services.xml")
    assert root.tag == "services"
    assert [node.findtext("service_code") for node in root] == [row["service_code"] for row in plain]
    (hole,) = [row for row in plain if row["service_code"] == "pothole"]
    assert hole["metadata"] is True
    assert hole["type"] == "realtime"
    assert hole["service_name"].startswith("Schlagloch")


def test_service_names_come_in_the_language_asked_for(visitor, city):
    (hole,) = [row for row in got(visitor, "services.json", locale="en") if row["service_code"] == "pothole"]
    assert hole["service_name"].startswith("Pothole")


def test_a_closed_category_is_not_offered_and_takes_nothing(visitor, key):
    Category.objects.filter(pk="pothole").update(is_active=False, closed_reason={"de": "Zuständig ist das Land."})
    catalogue.forget()
    assert "pothole" not in {row["service_code"] for row in got(visitor, "services.json")}
    assert "Zuständig ist das Land." in described(sent(visitor, form(key), status=400))


def test_a_definition(visitor, city):
    told = got(visitor, "services/playground.json")
    root = got(visitor, "services/playground.xml")
    assert root.tag == "service_definition"
    assert told["service_code"] == root.findtext("service_code") == "playground"
    first = told["attributes"][0]
    assert (first["code"], first["datatype"], first["order"], first["variable"]) == ("part", "singlevaluelist", 1, True)
    assert first["values"][0] == {"key": "swing", "name": "Schaukel"}
    assert [node.findtext("code") for node in root.find("attributes")] == [a["code"] for a in told["attributes"]]
    assert root.findtext("attributes/attribute/required") == "true"


def test_unknown_things_are_404_in_the_format_asked_for(visitor, city):
    assert got(visitor, "services/nothing.json", 404)[0]["code"] == 404
    assert got(visitor, "services/nothing.xml", 404).findtext("error/code") == "404"
    assert got(visitor, "requests/999999.json", 404)[0]["code"] == 404
    assert got(visitor, "requests/9999999999999999999999.json", 404)[0]["code"] == 404
    assert got(visitor, "requests/abc.xml", 404).tag == "errors"
    assert got(visitor, "tokens/abc.json", 404)[0]["code"] == 404
    assert got(visitor, "nonsense.json", 404)[0]["code"] == 404
    assert got(visitor, "nonsense/of/all.kinds", 404).tag == "errors"


@pytest.mark.parametrize("path", ["services.csv", "requests.html", "requests", "discovery.", "requests/1.yaml"])
def test_an_unknown_format_is_refused_in_xml(visitor, city, path):
    root = got(visitor, path, 400)
    assert ".json" in root.findtext("error/description")


def test_the_jurisdiction_is_needed_by_nobody_but_must_be_right(visitor, city):
    got(visitor, "services.json", jurisdiction_id="bochum.de")
    assert got(visitor, "services.json", 404, jurisdiction_id="elsewhere.de")[0]["code"] == 404


def test_filing_needs_a_living_key_that_may_file(visitor, key):
    for wrong in (None, "nonsense", "sk_x_y", key + "x", key[:-1]):
        assert sent(visitor, form(wrong), status=403)[0]["code"] == 403
    other = apikeys.issue("Nur lesen", scopes=["reports.file"])[1]
    sent(visitor, form(other), status=403)
    apikeys.revoke(key.split("_")[1])
    sent(visitor, form(key), status=403)
    assert not Report.objects.exists()


def test_a_request_is_filed_routed_and_waits_for_its_check(visitor, key):
    who = {"email": "aylin@example.org", "first_name": "Aylin", "last_name": "K."}
    report = filed_by(visitor, key, service_code="playground", **who)
    assert (report.source, report.text, report.visibility) == (Source.OPEN311, "Tiefes Loch", Visibility.CHECKING)
    assert report.owner.key == "jugendamt"
    contact = report.thread.participants.get().contact
    assert (contact.email, contact.name) == ("aylin@example.org", "Aylin K.")


def test_the_sender_sees_the_own_request_at_once_everybody_after_the_check(visitor, key):
    report = filed_by(visitor, key, service_code="playground")
    path = f"requests/{report.pk}.json"
    got(visitor, path, 404)
    assert got(visitor, "requests.json") == []
    assert got(visitor, path, api_key=key)[0]["status"] == "open"
    assert len(got(visitor, "requests.json", api_key=key)) == 1
    stranger = apikeys.issue("Andere", scopes=["open311.file"])[1]
    got(visitor, path, 404, api_key=stranger)
    got(visitor, path, 403, api_key="nonsense")
    workflow.move_report(report.pk, to=Status.CHECKED, by=None)
    assert got(visitor, path)[0]["service_request_id"] == str(report.pk)


def test_filing_answers_in_xml_too(visitor, key):
    root = sent(visitor, form(key), "requests.xml")
    assert root.tag == "service_requests"
    assert Report.objects.get().pk == int(root.findtext("request/service_request_id"))
    assert "Arbeitstagen" in root.findtext("request/service_notice")
    assert root.find("request/token") is None


def test_who_prefers_a_token_gets_one_that_leads_to_the_number(visitor, key):
    (told,) = sent(visitor, form(key), Prefer="respond-async")
    assert "service_request_id" not in told
    (found,) = got(visitor, f"tokens/{told['token']}.json")
    assert found == {"service_request_id": str(Report.objects.get().pk), "token": told["token"]}
    assert got(visitor, f"tokens/{told['token']}.xml").findtext("request/token") == told["token"]


def test_the_same_idempotency_key_files_once(visitor, key):
    first = sent(visitor, form(key), **{"Idempotency-Key": "abcdefgh-1"})
    again = sent(visitor, form(key), **{"Idempotency-Key": "abcdefgh-1"})
    assert first == again
    assert Report.objects.count() == 1
    other = sent(visitor, form(key, description="Anderes"), status=400, **{"Idempotency-Key": "abcdefgh-1"})
    assert other[0]["code"] == 409
    sent(visitor, form(key), status=400, **{"Idempotency-Key": "short"})
    sent(visitor, form(key), **{"Idempotency-Key": "abcdefgh-2"})
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": "48.1", "long": "11.5"}, 400, "Bochum"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"email": "nobody"}, 400, "email"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"lat": "here"}, 400, "lat"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(visitor, key, given, status, named):
    fields = form(key)
    fields = {name: value for name, value in (fields | given).items() if value is not None}
    assert named in described(sent(visitor, fields, status=status))
    assert not Report.objects.exists()


def test_an_unknown_service_is_404(visitor, key):
    fields = form(key) | {"service_code": "nothing"}
    assert sent(visitor, fields, status=404)[0]["code"] == 404


def test_attributes_are_checked_against_the_definition(visitor, key):
    fields = form(key, service_code="playground")
    fields.pop("attribute[danger]")
    assert "attribute[danger]" in described(sent(visitor, fields, status=400))
    wrong = form(key, service_code="playground") | {"attribute[danger]": "perhaps"}
    assert "attribute[danger]" in described(sent(visitor, wrong, status=400))
    report = filed_by(visitor, key, service_code="playground", **{"attribute[nobody_asked]": "x"})
    assert report.answers == {"part": "swing", "danger": "yes"}


def test_markup_and_control_characters_come_back_as_harmless_text(visitor, key):
    text = "<script>alert(1)</script> & \x00\x07\u200b 'Grüße' \U0001f6a7"
    report = filed_by(visitor, key, description=text)
    root = got(visitor, f"requests/{report.pk}.xml")
    (row,) = got(visitor, f"requests/{report.pk}.json")
    assert root.findtext("request/description") == row["description"]
    assert row["description"].startswith("<script>alert(1)</script> &")
    assert b"<script>" not in visitor.get(f"{V2}/requests/{report.pk}.xml").content


def test_what_is_not_utf8_is_refused(visitor, key):
    body = b"api_key=%s&service_code=pothole&description=caf%%E9&lat=51.48&long=7.21" % key.encode()
    kind = "application/x-www-form-urlencoded"
    response = visitor.post(f"{V2}/requests.json", body, content_type=kind)
    assert response.status_code == 400
    assert "UTF-8" in described(response.json())
    response = visitor.post(f"{V2}/requests.json", body, content_type=kind + "; charset=latin-1")
    assert response.status_code == 400
    assert visitor.get(f"{V2}/requests.xml?q=%E9").status_code == 400
    assert not Report.objects.exists()


def test_other_content_types_and_broken_bodies_are_refused(visitor, key):
    json_body = json.dumps(form(key))
    assert visitor.post(f"{V2}/requests.json", json_body, content_type="application/json").status_code == 400
    kind = "multipart/form-data; boundary=x"
    assert visitor.post(f"{V2}/requests.json", b"--x\r\nbroken", content_type=kind).status_code in {400, 403}
    kind = "multipart/form-data"
    assert visitor.post(f"{V2}/requests.json", b"", content_type=kind).status_code == 400


def test_too_much_is_refused(visitor, key, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    kind = "application/x-www-form-urlencoded"
    response = visitor.post(f"{V2}/requests.xml", b"description=" + b"x" * 2000, content_type=kind)
    assert response.status_code == 400
    assert ElementTree.fromstring(response.content).findtext("error/code") == "413"
    many = "&".join(f"a{n}=1" for n in range(600))
    assert visitor.get(f"{V2}/requests.json?{many}").status_code == 400


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused_with_what_is_allowed(visitor, city, method):
    response = getattr(visitor, method)(f"{V2}/requests.json")
    assert response.status_code == 405
    assert "POST" in response["Allow"]
    assert response.json()[0]["code"] == 405
    assert visitor.post(f"{V2}/services.json").status_code == 405


def test_head_options_cors_and_etag(visitor, filed):
    filed()
    got_once = visitor.get(f"{V2}/requests.json")
    assert got_once["Access-Control-Allow-Origin"] == "*"
    assert "public" in got_once["Cache-Control"]
    again = visitor.get(f"{V2}/requests.json", headers={"If-None-Match": got_once["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = visitor.head(f"{V2}/requests.json")
    assert (head.status_code, head["ETag"], head.content) == (200, got_once["ETag"], b"")
    options = visitor.options(f"{V2}/requests.json")
    assert options.status_code == 204
    assert "GET" in options["Access-Control-Allow-Methods"]
    assert "POST" not in options["Access-Control-Allow-Methods"]


def test_answers_to_a_key_are_kept_by_nobody(visitor, key):
    assert "no-store" in visitor.get(f"{V2}/requests.json", {"api_key": key})["Cache-Control"]


def test_no_cookie_is_set_and_none_counts(visitor, key):
    response = visitor.post(f"{V2}/requests.json", form(key))
    assert not response.cookies


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_one_query_however_many_rows(visitor, filed, rows, django_assert_num_queries):
    for _row in range(rows):
        filed()
    catalogue.catalogue()
    with django_assert_num_queries(1):
        assert len(got(visitor, "requests.json")) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_with_extensions_it_costs_two(visitor, filed, rows, django_assert_num_queries):
    for _row in range(rows):
        filed()
    catalogue.catalogue()
    with django_assert_num_queries(2):
        assert len(got(visitor, "requests.json", extensions="true")) == rows


def test_filters(visitor, filed):
    hole, lamp = filed(), filed("lamp", lat=51.49, lon=7.25, text="Laterne flackert")
    workflow.move_report(hole.pk, to=Status.DONE, by=None, told="Gefüllt.")

    def ids(**params):
        return [int(row["service_request_id"]) for row in got(visitor, "requests.json", **params)]

    assert ids() == [lamp.pk, hole.pk]
    assert ids(sort="requested_datetime") == [hole.pk, lamp.pk]
    assert ids(sort="-updated_datetime") == [hole.pk, lamp.pk]
    assert ids(status="open") == [lamp.pk]
    assert ids(status="closed") == [hole.pk]
    assert ids(status="open,closed") == [lamp.pk, hole.pk]
    assert ids(service_code="pothole,nothing") == [hole.pk]
    assert ids(service_request_id=f"{hole.pk},0,x", status="open", service_code="lamp") == [hole.pk]
    assert ids(bbox="7.24,51.48,7.26,51.50") == [lamp.pk]
    assert ids(q="Laternen") == [lamp.pk]
    assert ids(page_size="1") == [lamp.pk]
    assert ids(page_size="1", page="2") == [hole.pk]
    assert ids(page_size="1", page="3") == []
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert ids(start_date=tomorrow) == []
    assert ids(end_date=tomorrow) == [lamp.pk, hole.pk]
    assert ids(updated_after=tomorrow) == []
    assert ids(updated_before=tomorrow, strange="ignored") == [lamp.pk, hole.pk]


def test_older_than_90_days_only_when_asked_for(visitor, filed):
    report = filed()
    Report.objects.filter(pk=report.pk).update(filed_at=clock.now() - timedelta(days=100))
    assert got(visitor, "requests.json") == []
    start = (clock.now() - timedelta(days=110)).isoformat()
    assert len(got(visitor, "requests.json", start_date=start)) == 1
    assert len(got(visitor, "requests.json", service_request_id=str(report.pk))) == 1


def test_a_closed_request_says_when_and_what(visitor, filed):
    report = filed()
    workflow.move_report(report.pk, to=Status.DONE, by=None, told="Gefüllt am Dienstag.")
    report.refresh_from_db()
    (row,) = got(visitor, f"requests/{report.pk}.json")
    assert (row["status"], row["status_notes"]) == ("closed", "Gefüllt am Dienstag.")
    assert row["updated_datetime"] == report.closed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert row["expected_datetime"] is None
    assert row["agency_responsible"] == "Tiefbauamt"


def test_what_is_not_public_never_appears(visitor, filed, bernd, key):
    hidden, waiting, shown = filed(), filed("playground", public=False), filed(text="Anruf bei 0234 123456")
    hide_report(hidden.pk, because="Name im Text", by=bernd)
    workflow.write_note(shown, "intern: Frau Müller", by=bernd)
    Report.objects.filter(pk=shown.pk).update(public_text="Anruf bei […]")
    for path in ("requests.json", "requests.xml", "servicerequestupdates.json"):
        body = visitor.get(f"{V2}/{path}", {"extensions": "true", "api_key": key}).content.decode()
        assert "0234" not in body
        assert "Müller" not in body
    got(visitor, f"requests/{hidden.pk}.json", 404)
    got(visitor, f"requests/{waiting.pk}.json", 404)


def test_citizens_words_are_no_status_note(visitor, filed, aylin):
    from stadtkern.threads.domain.conversation import add_entry, contact_for

    report = filed()
    add_entry(
        report.thread,
        kind=EntryKind.MESSAGE,
        text="Ich bin Aylin",
        shown_to=ShownTo.PUBLIC,
        contact=contact_for(person=aylin),
    )
    (row,) = got(visitor, f"requests/{report.pk}.json", extensions="true")
    assert row["status_notes"] is None
    assert "Aylin" not in json.dumps(row)


def test_extensions_bring_answers_and_history(visitor, filed):
    report = filed("playground")
    workflow.move_report(report.pk, to=Status.CHECKED, by=None)
    workflow.move_report(report.pk, to=Status.IN_WORK, by=None, told="Bestellt.")
    (row,) = got(visitor, f"requests/{report.pk}.json", extensions="true")
    assert {"code": "part", "label": "Was ist betroffen?", "value": "Schaukel"} in row["attributes"]
    assert row["extended_attributes"]["detailed_status"] == "in_work"
    assert [note["type"] for note in row["notes"]] == ["received", "checked", "in_work"]
    assert row["notes"][-1]["description"] == "Bestellt."
    root = got(visitor, f"requests/{report.pk}.xml", extensions="true")
    assert [note.findtext("type") for note in root.iterfind("request/notes/note")] == ["received", "checked", "in_work"]


def test_a_referral_says_who_is_in_charge(visitor, filed, city):
    from stadtkern.people.models import Organisation

    report = filed()
    other = Organisation.objects.filter(kind="external").first()
    workflow.move_report(report.pk, to=Status.REJECTED, by=None, reason="not-ours", referred_to=other)
    (row,) = got(visitor, f"requests/{report.pk}.json")
    assert row["status"] == "closed"
    assert other.name in row["status_notes"]
    assert row["service_notice"].startswith(other.name)
