"""Honest times, statistics and forecast: right on hand-made data, honest when there is too little."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from stadtkern.core import clock
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import figures, measures, reminders, statistics, times
from stadtkern.reports.domain.charts import draw_all
from stadtkern.reports.domain.forecast import AHEAD, forecast
from stadtkern.reports.domain.talking import confirm_solution
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.citizen.test_public import public, text_of
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for

MONDAY = date(2026, 11, 16)


def ended(days: float, **given) -> Report:
    """A report that was filed a month ago and done after so many days."""
    made = public(**given)
    filed = timezone.now() - timedelta(days=30)
    values = {"status": "done", "filed_at": filed, "closed_at": filed + timedelta(days=days)}
    Report.objects.filter(pk=made.pk).update(**values)
    return made


@pytest.mark.django_db
def test_nothing_is_said_of_fewer_than_ten(city):
    for days in range(1, 10):
        ended(days)
    assert times.spans() == {}


@pytest.mark.django_db
def test_eight_of_ten_and_the_half(city):
    made = ended(10)
    for days in range(1, 10):
        ended(days)
    span = times.span_for("bollard", made.owner_id, times.spans())
    assert (span.count, span.median_days, span.most_days, span.of_owner) == (10, 6, 8, True)


@pytest.mark.django_db
def test_an_owner_with_few_cases_borrows_the_times_of_all(city):
    for days in range(1, 11):
        ended(days)
    span = times.span_for("bollard", 424242, times.spans())
    assert span.most_days == 8
    assert not span.of_owner
    assert times.span_for("pothole", 424242, times.spans()) is None


@pytest.mark.django_db
def test_the_page_of_a_report_says_the_honest_time(visitor, city):
    for days in range(1, 11):
        ended(days)
    figures.keep(figures.TIMES, times.spans())
    made = public()
    assert "8 von 10 Meldungen dieser Art in höchstens 8 Tagen" in text_of(visitor.get(f"/meldungen/{made.pk}/"))


@pytest.mark.django_db
def test_the_page_of_figures_asks_for_them_once_and_then_shows_them(visitor, city, run_jobs):
    for days in range(1, 12):
        ended(days)
    for _ in range(2):
        assert "Wir rechnen gerade" in text_of(visitor.get("/meldungen/zahlen/"))
    run_jobs()
    figures.forget()
    page = text_of(visitor.get("/meldungen/zahlen/"))
    assert "Wie lange es dauert" in page
    assert "<svg" in page
    assert "#010101" not in page
    assert "zu wenige Daten" in page


@pytest.mark.django_db
def test_every_table_can_be_taken_along(visitor, city):
    for days in range(1, 12):
        ended(days)
    figures.keep(statistics.STATISTICS, statistics.work_out())
    for key in ("monate", "bereiche", "stellen", "bezirke", "orte", "wochentage", "jahreszeiten", "vorschau"):
        table = visitor.get(f"/meldungen/zahlen/{key}.json").json()
        lines = text_of(visitor.get(f"/meldungen/zahlen/{key}.csv")).splitlines()
        assert len(lines) == len(table["rows"]) + 1
    assert visitor.get("/meldungen/zahlen/nothing.csv").status_code == 404
    assert visitor.get("/meldungen/zahlen/monate.exe").status_code == 404


@pytest.mark.django_db
def test_the_figures_hold_what_happened(city):
    for days in range(1, 11):
        ended(days)
    public()
    content = statistics.work_out()
    (group,) = content["groups"]
    assert group[1] == 11
    assert group[2] == 1
    assert group[3] == pytest.approx(5.5)
    assert content["months"][-1][3] == 1
    assert content["hot_spots"][0]["count"] == 11
    assert json.dumps(content)


@pytest.mark.django_db
def test_who_is_told_the_right_house_does_not_count_as_refused(visitor, city, bernd):
    usb = Organisation.objects.get(key="usb")
    ended(3)
    for reason, more in (("not-ours", {"referred_to": usb}), ("no-money", {}), ("no-money", {})):
        move_report(public().pk, to=Status.REJECTED, by=bernd, reason=reason, told="Leider.", **more)
    content = statistics.work_out()
    assert [sum(column) for column in zip(*(row[1:] for row in content["outcomes"]), strict=True)] == [1, 1, 0, 2]
    figures.keep(statistics.STATISTICS, content)
    figures.keep(statistics.CHARTS, draw_all(content))
    assert "Säulendiagramm: Meldungen je Monat, für die andere zuständig sind" in text_of(
        visitor.get("/meldungen/zahlen/")
    )
    table = visitor.get("/meldungen/zahlen/ausgang.json").json()
    assert table["columns"] == ["Monat", "erledigt", "andere zuständig", "doppelt gemeldet", "abgelehnt"]
    assert sorted(row["outcome"] for row in measures.open_rows()) == ["declined", "declined", "done", "referral"]


@pytest.mark.django_db
def test_what_reporters_say_to_was_it_solved_is_shown_and_can_be_taken_along(visitor, city, aylin, bernd):
    for number in range(12):
        made = report(contact=contact_for(person=aylin))
        move_report(made.pk, to=Status.DONE, by=bernd, told="Gerichtet.")
        with clock.at(clock.now() + timedelta(days=4)):
            reminders.ask_if_solved.func(timestamp=0)
            confirm_solution(made.pk, solved=number < 9, contact=contact_for(person=aylin))
    with clock.at(clock.now() + timedelta(days=5)):
        content = statistics.work_out()
    said = content["satisfaction"]
    assert [sum(column) for column in zip(*(row[1:] for row in said["months"]), strict=True)] == [12, 9, 3, 3]
    assert said["categories"] == [["bollard", 12, 9, 3, 3]]
    assert said["owners"] == [[made.owner_id, 12, 9, 3, 3]]
    figures.keep(statistics.STATISTICS, content)
    figures.keep(statistics.CHARTS, draw_all(content))
    page = text_of(visitor.get("/meldungen/zahlen/"))
    assert "War es wirklich gelöst?" in page
    assert "Säulendiagramm: Antworten je Monat" in page
    table = visitor.get("/meldungen/zahlen/zufriedenheit_stellen.json").json()
    assert table["rows"] == [["Tiefbauamt", 12, 9, 3, 3, 75]]


@pytest.mark.django_db
def test_figures_kept_before_there_were_outcomes_are_still_shown(visitor, city):
    content = statistics.work_out()
    del content["outcomes"], content["satisfaction"]
    figures.keep(statistics.STATISTICS, content)
    assert draw_all(content)
    assert visitor.get("/meldungen/zahlen/").status_code == 200


@pytest.mark.django_db
def test_an_empty_city_has_figures_too(visitor, city):
    figures.keep(statistics.STATISTICS, statistics.work_out())
    assert visitor.get("/meldungen/zahlen/").status_code == 200


def test_too_few_weeks_are_not_guessed_from():
    told = forecast([5] * 10, last_monday=MONDAY)
    assert (told.weeks, told.why) == ((), "too-few")


def test_the_same_every_week_teaches_nothing():
    assert forecast([5] * 40, last_monday=MONDAY).why == "no-variation"


def test_a_record_that_ended_is_not_carried_on():
    assert forecast([5, 6] * 30 + [0] * 4, last_monday=MONDAY).why == "stopped"


def test_a_steady_rhythm_is_carried_on_with_an_interval():
    counts = [20 + week % 4 for week in range(60)]
    told = forecast(counts, last_monday=MONDAY)
    assert len(told.weeks) == AHEAD
    assert told.weeks[0].monday == MONDAY + timedelta(days=7)
    assert all(week.low <= week.mean <= week.high for week in told.weeks)
    assert all(15 < week.mean < 30 for week in told.weeks)


def test_two_years_teach_the_season():
    counts = [10 + (15 if 20 <= week % 52 < 32 else 0) + week % 3 for week in range(52 * 3)]
    told = forecast(counts, last_monday=MONDAY)
    assert told.seasonal
    assert all(week.low >= 0 for week in told.weeks)
