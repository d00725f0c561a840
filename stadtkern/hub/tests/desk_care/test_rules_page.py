"""The desk's pages about quality rules."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from stadtkern.core import clock
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.quality.rules import Kind, keep_rule
from stadtkern.hub.domain.recording import record
from stadtkern.hub.models import CalibrationPeriod, QualityRule
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.quality.values import at
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db


def page_of(stream) -> str:
    return reverse("hub-care:stream", args=[stream.pk])


def put(stream, numbers) -> None:
    """Values every five minutes until now."""
    now = clock.now()
    samples = [at(0, number, datastream_id=stream.pk) for number in numbers]
    for place, sample in enumerate(reversed(samples)):
        sample.phenomenon_start = now - place * (at(5).phenomenon_start - at(0).phenomenon_start)
    with writing() as connection:
        record(connection, samples)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_shows_my_houses_datastreams_alone(desk, other_desk, pond, steward):
    keep_rule(pond, kind=Kind.RANGE, low=0, high=5, by=steward)
    other = datastream(thing(organisation=Organisation.objects.get(key="usb"), name="Container"), name="Füllstand")
    mine, theirs = (who.get("/desk/daten/regeln/").content.decode() for who in (desk, other_desk))
    assert "Wasserstand" in mine
    assert other.name not in mine
    assert "Füllstand" in theirs
    assert "Wasserstand" not in theirs


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("?stand=without", []), ("?stand=with", ["Wasserstand"]), ("?q=teich", ["Wasserstand"]), ("?q=x", [])],
)
def test_the_list_is_filtered(desk, pond, steward, asked, shown):
    keep_rule(pond, kind=Kind.GAP, by=steward)
    html = desk.get(f"/desk/daten/regeln/{asked}").content.decode()
    assert ("Wasserstand" in html) == bool(shown)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(desk, pond, rows, django_assert_max_num_queries):
    for number in range(rows - 1):
        datastream(pond.thing, name=f"Reihe {number}")
    desk.get("/desk/daten/regeln/")
    with django_assert_max_num_queries(12):
        desk.get("/desk/daten/regeln/")


def test_a_rule_is_tried_out_before_it_is_kept(desk, pond):
    put(pond, [50.0 if n % 4 == 0 else 20.0 for n in range(40)])
    typed = {"kind": "range", "severity": "suspect", "high": "30,5", "again_days": "0"}
    tried = desk.post(page_of(pond), typed | {"do": "try"})
    assert "Von 40 Werten der letzten 30 Tage bekämen 10 ein Zeichen." in text_of(tried)
    assert not QualityRule.objects.exists()
    kept = desk.post(page_of(pond), typed | {"do": "keep"}, follow=True)
    assert "Die Regel gilt ab dem nächsten Wert." in text_of(kept)
    assert QualityRule.objects.get().high == 30.5


@pytest.mark.parametrize(
    ("typed", "count"),
    [({"kind": "gap"}, 0), ({"kind": "stuck", "count": "3"}, 4), ({"kind": "step", "high": "5", "minutes": "5"}, 2)],
)
def test_every_kind_can_be_tried(desk, pond, typed, count):
    put(pond, [1.0, 9.0, 20.0, 20.0, 20.0, 20.0, 20.0, 20.0])
    tried = desk.post(page_of(pond), {"severity": "bad", "again_days": "0", "do": "try"} | typed)
    assert f"bekämen {count} ein Zeichen" in text_of(tried)


@pytest.mark.parametrize("kind", ["duplicate", "drift"])
def test_what_only_the_arrival_shows_says_so(desk, pond, kind):
    tried = desk.post(page_of(pond), {"kind": kind, "severity": "suspect", "again_days": "0", "do": "try"})
    assert "nur beim Eintreffen" in text_of(tried)


def test_an_outlier_rule_can_be_tried(desk, pond):
    put(pond, [20.0 + n % 3 for n in range(25 * 12)] + [90.0])  # 25 hours: every hour of the day has its usual
    tried = desk.post(page_of(pond), {"kind": "outlier", "severity": "suspect", "again_days": "0", "do": "try"})
    assert "bekämen 1 ein Zeichen" in text_of(tried)


def test_a_wrong_rule_is_shown_again_with_its_reason(desk, pond):
    wrong = desk.post(page_of(pond), {"kind": "stuck", "severity": "suspect", "again_days": "0", "do": "keep"})
    assert wrong.status_code == 422
    assert "Nennen Sie eine Anzahl ab 2 oder eine Dauer." in text_of(wrong)


def test_the_page_shows_rules_health_and_care(desk, pond, steward):
    put(pond, [20.0 + n % 3 for n in range(100)])
    keep_rule(pond, kind=Kind.RANGE, high=30, severity="bad", note="Datenblatt", by=steward)
    pond.unit = {"symbol": "hpa"}
    pond.save()
    html = text_of(desk.get(page_of(pond)))
    for words in ("Datenblatt", "unbrauchbar", "nicht erkannt", "Gemeint vielleicht", "hPa", "Abweichungen", "Lücken"):
        assert words in html


def test_a_rule_is_ended_and_the_past_judged_again(desk, pond, steward, run_jobs):
    put(pond, [50.0] * 3)
    rule = keep_rule(pond, kind=Kind.RANGE, high=30, by=steward, again_days=7)
    run_jobs()
    ended = desk.post(reverse("hub-care:end-rule", args=[pond.pk, rule.pk]), {"again": "1"}, follow=True)
    assert ended.status_code == 200
    assert not QualityRule.objects.exists()
    assert run_jobs() == 1
    again = desk.post(reverse("hub-care:judge-again", args=[pond.pk]), follow=True)
    assert "werden neu geprüft" in text_of(again)


def test_care_is_noted_and_forgotten(desk, pond):
    care = reverse("hub-care:care", args=[pond.pk])
    last_week = clock.now().date() - timedelta(days=7)
    typed = {
        "care-since": f"{last_week}T10:00",
        "care-until": f"{last_week}T11:00",
        "care-note": "gereinigt",
        "care-who": "",
    }
    assert "gereinigt" in text_of(desk.post(care, typed, follow=True))
    wrong = desk.post(care, typed | {"care-until": f"{last_week}T09:00"})
    assert wrong.status_code == 422
    period = CalibrationPeriod.objects.get()
    desk.post(reverse("hub-care:forget-care", args=[pond.pk, period.pk]))
    assert not CalibrationPeriod.objects.exists()


def test_others_find_nothing_and_those_without_the_right_may_not(visitor, other_desk, pond, bernd, aylin):
    assert other_desk.get(page_of(pond)).status_code == 404
    for person in (bernd, aylin):
        assert visitor.signed_in(person).get("/desk/daten/regeln/").status_code == 403
    assert visitor.get("/desk/daten/regeln/").status_code == 302
