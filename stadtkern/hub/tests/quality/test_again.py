"""Rules kept and ended, periods judged again, outliers, completeness, calibration."""

from datetime import date, timedelta

import pytest

from stadtkern.core import clock
from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.quality import completeness, outliers, reevaluating
from stadtkern.hub.domain.quality.calibration import calibrations, forget_calibration, note_calibration
from stadtkern.hub.domain.quality.checking import Rule
from stadtkern.hub.domain.quality.rules import Kind, end_rule, keep_rule
from stadtkern.hub.domain.readers import ANYBODY, EVERYTHING
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store import rolling
from stadtkern.hub.models import CalibrationPeriod, Datastream, Latest, QualityRule
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.tests.quality.test_arrival import flags
from stadtkern.hub.tests.quality.values import at, moment
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db
Checked = Flag.CHECKED
DAY = timedelta(days=1)


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream(interval_seconds=300)


def put(stream: Datastream, pairs) -> None:
    with writing() as connection:
        record(connection, [at(minutes, number, datastream_id=stream.pk) for minutes, number in pairs])


@pytest.mark.parametrize(
    ("kind", "limits", "field"),
    [
        ("range", {}, "low"),
        ("range", {"low": 5, "high": 1}, "high"),
        ("step", {}, "high"),
        ("stuck", {}, "count"),
        ("stuck", {"count": 1}, "count"),
        ("late", {}, "seconds"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(air, ada, kind, limits, field):
    with pytest.raises(BadInput) as error:
        keep_rule(air, kind=kind, by=ada, **limits)
    assert field in error.value.fields


def test_one_rule_of_a_kind_changes_and_the_log_knows_who(air, ada):
    keep_rule(air, kind=Kind.RANGE, low=0, high=30, by=ada)
    keep_rule(air, kind=Kind.RANGE, high=40, count=9, by=ada)  # a range has no count
    rule = QualityRule.objects.get()
    assert (rule.low, rule.high, rule.count, rule.changed_by) == (None, 40, None, ada)
    assert AuditEntry.objects.filter(action="hub.rule_kept", actor_id=ada.pk).count() == 2


def test_only_who_cares_for_the_data_makes_rules(air, bernd, udo):
    for person in (bernd, udo):
        with pytest.raises(NotAllowed):
            keep_rule(air, kind=Kind.RANGE, high=40, by=person)


def test_a_changed_rule_judges_the_last_days_again_and_rollups_follow(air, ada, run_jobs):
    put(air, [(5 * n, 50.0 if n % 4 == 0 else 20.0) for n in range(40)])
    with clock.at(NOON + DAY):
        rolling.roll(until=NOON + DAY)
        keep_rule(air, kind=Kind.RANGE, high=30, severity="bad", by=ada, again_days=5)
        run_jobs()
        rolling.roll(until=NOON + DAY)
    bad = Checked | Flag.RANGE | Flag.BAD
    assert flags(air) == [bad if n % 4 == 0 else Checked for n in range(40)]
    days = list(completeness.by_day([air.pk], since=NOON.date(), until=NOON.date() + DAY, reader=EVERYTHING))
    assert (days[0].received, days[0].bad) == (40, 10)
    with clock.at(NOON + DAY):
        end_rule(QualityRule.objects.get().pk, by=ada, again_days=5)
        run_jobs()
    assert flags(air) == [0] * 40


def test_a_long_period_is_judged_in_parts(air, monkeypatch, run_jobs):
    monkeypatch.setattr(reevaluating, "AT_ONCE", 7)
    put(air, [(5 * n, float(n % 3)) for n in range(40)])
    whole = datastream(air.thing)
    put(whole, [(5 * n, float(n % 3)) for n in range(40)])
    for stream in (air, whole):
        keep_rule(stream, kind=Kind.STEP, high=1, by=None)
        keep_rule(stream, kind=Kind.STUCK, count=2, by=None)
    with clock.at(NOON + DAY):
        reevaluating.judge_last_days(air.pk, 5)
        run_jobs()
    monkeypatch.setattr(reevaluating, "AT_ONCE", 5_000)
    reevaluating.judge_period(whole.pk, since=NOON - DAY, until=NOON + DAY)
    assert flags(air) == flags(whole)
    assert Checked | Flag.STEP in flags(air)


def test_the_newest_value_shows_the_new_flags(air):
    put(air, [(0, 50.0)])
    keep_rule(air, kind=Kind.RANGE, high=30, by=None)
    reevaluating.judge_period(air.pk, since=NOON - DAY, until=NOON + DAY)
    assert Latest.objects.get(pk=air.pk).flags == Checked | Flag.RANGE


def test_a_late_value_that_came_between_is_seen_when_judged_again(air):
    keep_rule(air, kind=Kind.STEP, high=5, by=None)
    put(air, [(0, 1.0), (10, 2.0)])
    put(air, [(5, 99.0)])
    assert flags(air) == [Checked, Checked | Flag.STEP, Checked]
    reevaluating.judge_period(air.pk, since=moment(0), until=moment(60))
    assert flags(air) == [Checked, Checked | Flag.STEP, Checked | Flag.STEP]


def test_a_trial_counts_and_writes_nothing(air):
    put(air, [(5 * n, 50.0 if n % 4 == 0 else 20.0) for n in range(40)])
    with clock.at(NOON + DAY):
        trial = reevaluating.try_out(air.pk, [Rule(kind=Kind.RANGE, high=30)])
    assert (trial.looked_at, trial.flagged, len(trial.examples)) == (40, 10, 5)
    assert set(flags(air)) == {0}


def two_weeks(stream: Datastream) -> None:
    """Every half hour, warm at noon and cold at night, the same every day but for a little."""
    put(stream, [(30 * n - 14 * 1440, 15 + 10 * abs(n % 48 - 24) / 24 + (n * 7 % 5) / 10) for n in range(14 * 48)])


def test_an_outlier_is_far_from_what_is_usual_at_this_hour(air):
    two_weeks(air)
    keep_rule(air, kind=Kind.OUTLIER, severity="bad", by=None)
    put(air, [(0, 24.5), (30, 15.0), (720, 15.2), (750, 24.5)])  # noon, half past; midnight, half past
    with clock.at(NOON + DAY):
        assert outliers.flag_outliers(air.pk) == 2
        assert outliers.flag_outliers(air.pk) == 0
    bad = Checked | Flag.OUTLIER | Flag.BAD
    assert flags(air)[-4:] == [Checked, bad, Checked, bad]


def test_the_score_says_how_unusual_a_value_is(air):
    two_weeks(air)
    usual_score, usual = outliers.score_of(air.pk, 24.5, NOON)
    far_score, _usual = outliers.score_of(air.pk, 90.0, NOON)
    assert usual_score < 2 < 20 < far_score
    assert usual.middle == pytest.approx(24.5, abs=0.5)
    assert outliers.score_of(air.pk, 90.0, NOON - 20 * DAY) is None  # nothing is known of that time


@pytest.mark.parametrize(
    ("numbers", "number", "expected"),
    [
        ([1.0] * 19, 1.0, None),  # too few
        ([1.0] * 40, 2.0, None),  # never changes
        ([float(n) for n in range(41)], 20.0, 0.0),
        ([float(n) for n in range(41)], 20 + 10 * 1.4826 * 2, 2.0),
        ([0.0] * 30 + [1.0] * 10, 1.0, 1 / (1.2533 * 0.25)),  # the median deviation is 0, the mean stands in
    ],
)
def test_robust_deviations(numbers, number, expected):
    usual = outliers.usual_of(numbers)
    score = usual.score(number) if usual else None
    assert score == (None if expected is None else pytest.approx(expected))


def test_completeness_by_local_day(air):
    put(air, [(5 * n, 1.0) for n in range(-12, 100)])
    with clock.at(NOON + 3 * DAY):
        days = list(completeness.by_day([air.pk], since=date(2026, 5, 3), until=date(2026, 5, 6), reader=ANYBODY))
    assert [(one.day.day, one.received, one.expected) for one in days] == [(3, 0, 288), (4, 112, 288), (5, 0, 288)]
    assert days[1].share == pytest.approx(112 / 288)


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 3, 29), 276), (date(2026, 10, 25), 300), (date(2026, 5, 4), 288)]
)
def test_a_day_on_which_clocks_are_set_has_23_or_25_hours(day, expected):
    with clock.at(NOON + 365 * DAY):
        assert completeness.expected_on(day, 300) == expected


def test_today_only_what_could_have_come():
    with clock.at(NOON):  # 14:00 in the city
        assert completeness.expected_on(NOON.date(), 3600) == 14
        assert completeness.expected_on(NOON.date() + DAY, 3600) == 0
        assert completeness.expected_on(NOON.date(), None) is None


def test_gaps_are_listed_with_the_edges(air):
    put(air, [(5, 1.0), (10, 1.0), (60, 1.0), (65, 1.0)])
    with clock.at(NOON + DAY):
        found = completeness.gaps(air.pk, since=moment(0), until=moment(100), reader=ANYBODY)
    assert found == [(moment(10), moment(60)), (moment(65), moment(100))]


def test_who_does_not_see_a_datastream_sees_no_completeness_of_it(air):
    Datastream.objects.filter(pk=air.pk).update(visibility="named")
    put(air, [(0, 1.0)])
    assert list(completeness.by_day([air.pk], since=NOON.date(), until=NOON.date() + DAY, reader=ANYBODY)) == []
    assert completeness.gaps(air.pk, since=moment(0), until=moment(100), reader=ANYBODY) == []


def test_calibration_stands_beside_the_values_of_its_time(air, ada, bernd):
    period = note_calibration(air, since=moment(0), until=moment(60), note="Sonde getauscht", who="Labor", by=ada)
    note_calibration(air, since=moment(500), until=None, note="gereinigt", by=ada)
    assert list(calibrations(air.pk, since=moment(60), until=moment(90))) == [period]
    assert calibrations(air.pk, since=moment(600), until=moment(900)).get().note == "gereinigt"
    with pytest.raises(NotAllowed):
        note_calibration(air, since=moment(0), until=None, note="x", by=bernd)
    with pytest.raises(BadInput):
        note_calibration(air, since=moment(60), until=moment(0), note="x", by=ada)
    forget_calibration(period.pk, by=ada)
    assert CalibrationPeriod.objects.count() == 1
