"""/api/v1: lists, one report, filing; the same facts as everywhere."""

import json
from datetime import timedelta

import pytest

from stadtkern.core import apikeys, clock
from stadtkern.reports.domain import catalogue, workflow
from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.models import Category, Report
from stadtkern.reports.tests.open311.conftest import answers_for
from stadtkern.reports.words import Status

V1 = "/api/v1"


def got(visitor, path, expect=200, **params):
    response = visitor.get(f"{V1}/{path}", params)
    assert response.status_code == expect, response.content
    kind = "application/problem+json" if expect >= 400 else "application/"
    assert response["Content-Type"].startswith(kind)
    return response.json()


def sent(visitor, fields, expect=201, **headers):
    response = visitor.post(f"{V1}/reports", json.dumps(fields), content_type="application/json", headers=headers)
    assert response.status_code == expect, response.content
    return response.json()


def fields(category="playground", **given):
    asked = {"category": category, "text": "Schaukel hängt schief", "lat": 51.4818, "lon": 7.2162}
    return asked | {"answers": answers_for(category)} | given


def test_pages_of_the_list_hold_every_report_once(visitor, filed):
    made = [filed().pk for _each in range(5)]
    seen, after = [], ""
    while after is not None:
        page = got(visitor, "reports", limit=2, after=after)
        seen += [row["id"] for row in page["items"]]
        after = page["next"]
    assert seen == made[::-1]


def test_filters_hold_together(visitor, filed):
    hole, lamp = filed(), filed("lamp", lat=51.49, lon=7.25, text="Laternen flackern")
    workflow.move_report(hole.pk, to=Status.DONE, by=None, told="Gefüllt.")

    def ids(**params):
        return [row["id"] for row in got(visitor, "reports", **params)["items"]]

    assert ids() == [lamp.pk, hole.pk]
    assert ids(category="lamp") == [lamp.pk]
    assert ids(group="streets") == [lamp.pk, hole.pk]
    assert ids(kind="idea") == []
    assert ids(status="closed") == ids(status="done") == [hole.pk]
    assert ids(status="open") == ids(status="received") == [lamp.pk]
    assert ids(bbox="7.24,51.48,7.26,51.50") == [lamp.pk]
    assert ids(q="Laternen") == [lamp.pk]
    assert ids(district=Report.objects.get(pk=lamp.pk).district, category="lamp") == [lamp.pk]
    assert ids(since=(clock.now() + timedelta(hours=1)).isoformat()) == []
    assert ids(changed_since=(clock.now() - timedelta(hours=1)).isoformat()) == [lamp.pk, hole.pk]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("category", "nothing", 400),
        ("group", "nothing", 400),
        ("kind", "nothing", 400),
        ("status", "nothing", 400),
        ("bbox", "1,2,3", 400),
        ("bbox", "nan,1,2,3", 400),
        ("after", "nonsense", 400),
        ("since", "2026-01-01T00:00:00", 400),
        ("since", "tomorrow", 422),
        ("limit", "0", 422),
        ("limit", "201", 422),
        ("q", "a\x00b", 422),
    ],
)
def test_a_value_that_makes_no_sense_is_named(visitor, city, name, value, status):
    problem = got(visitor, "reports", status, **{name: value})
    assert problem["status"] == status
    assert problem["detail"] or problem["errors"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_one_query_however_many_rows(visitor, filed, rows, django_assert_num_queries):
    for _each in range(rows):
        filed()
    catalogue.catalogue()
    for path in ("reports", "reports.geojson"):
        with django_assert_num_queries(1):
            got(visitor, path)


def test_geojson_has_points_and_the_way_on(visitor, filed):
    report = filed()
    filed("idea-green", lat=None, lon=None, address="")
    page = got(visitor, "reports.geojson")
    assert page["type"] == "FeatureCollection"
    assert [one["geometry"] for one in page["features"]] == [
        None,
        {"type": "Point", "coordinates": [7.2162, 51.4818]},
    ]
    assert page["features"][1]["id"] == report.pk
    assert page["features"][1]["properties"]["category"] == "pothole"
    assert got(visitor, "reports.geojson", limit=1)["next"]
    assert visitor.get(f"{V1}/reports.geojson")["Content-Type"] == "application/geo+json"


def test_one_report_with_its_history(visitor, filed):
    report = filed("playground")
    workflow.move_report(report.pk, to=Status.CHECKED, by=None, told="Angesehen.")
    found = got(visitor, f"reports/{report.pk}")
    assert [(step["code"], step["text"]) for step in found["timeline"]] == [("received", ""), ("checked", "Angesehen.")]
    assert found["answers"][0] == {"code": "part", "label": "Was ist betroffen?", "value": "Schaukel"}
    assert found["url"].endswith(f"/meldungen/{report.pk}/")


def test_a_no_says_why_and_who_is(visitor, filed, bernd):
    from stadtkern.people.models import Organisation

    other = Organisation.objects.filter(kind="external").first()
    report = filed()
    workflow.move_report(report.pk, to=Status.REJECTED, by=bernd, reason="not-ours", referred_to=other)
    found = got(visitor, f"reports/{report.pk}")
    assert (found["reason"], found["referred_to"]) == ("not-ours", other.key)
    assert other.name in found["reason_text"]


def test_what_is_not_public_is_not_there(visitor, filed, bernd):
    hidden, waiting = filed(), filed("playground", public=False)
    hide_report(hidden.pk, because="Name", by=bernd)
    assert got(visitor, "reports")["items"] == []
    for report in (hidden, waiting):
        got(visitor, f"reports/{report.pk}", 404)
    got(visitor, "reports/999999999999", 404)


def test_lists_may_be_read_from_other_sites(visitor, city):
    assert visitor.get(f"{V1}/reports")["Access-Control-Allow-Origin"] == "*"


def test_filing_without_an_account_gives_a_secret_link(visitor, city):
    told = sent(visitor, fields())
    report = Report.objects.get(pk=told["id"])
    assert (told["status"], told["is_public"]) == ("received", False)
    assert report.text == "Schaukel hängt schief"
    assert "/m/" in told["follow_url"]


def test_the_same_idempotency_key_files_once(visitor, city):
    first = sent(visitor, fields(), **{"Idempotency-Key": "abcdefgh"})
    assert sent(visitor, fields(), **{"Idempotency-Key": "abcdefgh"}) == first
    assert Report.objects.count() == 1
    sent(visitor, fields(text="Anderes"), 409, **{"Idempotency-Key": "abcdefgh"})
    sent(visitor, fields(), 422, **{"Idempotency-Key": "short"})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"lat": 48.1, "lon": 11.5}, "place"),
        ({"lat": 200}, "lat"),
        ({"lon": None}, "lat"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "a\x00"}, "text"),
        ({"answers": {}}, "answers.part"),
        ({"answers": {"part": "nothing", "danger": "yes"}}, "answers.part"),
        ({"answers": 7}, "answers"),
        ({"email": "nobody"}, "email"),
        ({"category": "nothing"}, "category"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(visitor, city, given, named):
    problem = sent(visitor, fields() | given, 422)
    assert any(named in name for name in problem["errors"]), problem
    assert not Report.objects.exists()


def test_who_sends_too_often_is_told_when_to_come_back(visitor, city, monkeypatch):
    from stadtkern.reports.api import json as api

    monkeypatch.setattr(api, "MOST_WITHOUT_KEY", 1)
    sent(visitor, fields())
    response = visitor.post(f"{V1}/reports", json.dumps(fields()), content_type="application/json")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_a_key_has_its_own_limit_and_must_be_right(visitor, city, monkeypatch):
    from stadtkern.reports.api import json as api

    monkeypatch.setattr(api, "MOST_WITHOUT_KEY", 0)
    text = apikeys.issue("App", scopes=["reports.file"])[1]
    told = sent(visitor, fields(), **{"X-Api-Key": text})
    assert Report.objects.get(pk=told["id"]).external_source.startswith("key:")
    sent(visitor, fields(), 403, **{"X-Api-Key": "nonsense"})
    other = apikeys.issue("Andere", scopes=["open311.file"])[1]
    sent(visitor, fields(), 403, **{"X-Api-Key": other})


def test_categories_in_every_language(visitor, city):
    Category.objects.filter(pk="lamp").update(is_active=False, closed_reason={"de": "Bitte beim Netz melden."})
    catalogue.forget()
    rows = {row["key"]: row for row in got(visitor, "categories")}
    assert set(rows["playground"]["name"]) == set(city.languages)
    assert rows["playground"]["questions"][0]["code"] == "part"
    assert rows["lamp"]["is_active"] is False
    assert rows["lamp"]["closed_reason"]["de"] == "Bitte beim Netz melden."
