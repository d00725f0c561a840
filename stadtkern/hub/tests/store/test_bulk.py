"""Stretches of numbers in bulk leave the same tables behind as the same values one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as django

from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import record, record_lines
from stadtkern.hub.domain.store import writing as store
from stadtkern.hub.domain.store.bulk import Line
from stadtkern.hub.domain.store.ids import month_named_by, month_of
from stadtkern.hub.domain.store.port import BeyondTime, Sample
from stadtkern.hub.domain.watched import mark
from stadtkern.hub.models import Datastream, Latest, QualityRule
from stadtkern.hub.tests.cast import NOON, datastream
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
COMPARED = "phenomenon_start, slot, number, feature_id, flags, text, json, result_time, phenomenon_end, quality"


@pytest.fixture
def air(city: object) -> Datastream:
    return datastream()


def line(stream: Datastream, at: Sequence[datetime], values: Sequence[float], **more: Any) -> Line:
    return Line(stream.pk, stream.default_feature_id, at, values, **more)


def write(*lines: Line) -> set[int]:
    with writing() as connection:
        return record_lines(connection, lines)


def rows(stream: Datastream) -> list[tuple[Any, ...]]:
    with django.cursor() as cursor:
        cursor.execute(f"select {COMPARED} from hub_observation where datastream_id = %s order by 1", [stream.pk])
        return cursor.fetchall()


def newest(stream: Datastream) -> dict[str, Any]:
    hidden = {"_state", "datastream_id", "observation_id", "received_at"}
    return {name: value for name, value in vars(Latest.objects.get(pk=stream.pk)).items() if name not in hidden}


def test_in_bulk_or_one_by_one_is_the_same(air: Datastream) -> None:
    other = datastream()
    at = [NOON + n * timedelta(days=11) for n in range(8)]  # over three months
    values = [float(n) for n in range(8)]
    assert write(line(air, at, values)) == {air.pk}
    with writing() as connection:
        record(
            connection,
            [Sample(datastream_id=other.pk, phenomenon_start=a, number=v) for a, v in zip(at, values, strict=True)],
        )
    assert rows(air) == rows(other)
    assert newest(air) == newest(other)


def test_numbers_name_their_months_and_are_all_different(air: Datastream) -> None:
    at = [NOON + n * timedelta(days=20) for n in range(30)]
    write(line(air, at, [0.0] * 30))
    with django.cursor() as cursor:
        cursor.execute("select id, phenomenon_start from hub_observation where datastream_id = %s", [air.pk])
        found = cursor.fetchall()
    assert len({id for id, _start in found}) == 30
    assert all(month_named_by(id) == month_of(start) for id, start in found)
    assert Latest.objects.get(pk=air.pk).observation_id == max(found, key=lambda row: row[1])[0]


@pytest.mark.parametrize(
    ("hours", "is_new"),
    [
        ([5, 6], True),
        ([-3, -2], True),
        ([2, 3], False),
        ([1, 9], False),
        ([0], False),
        ([6, 5], False),
        ([7, 7], False),
    ],
)
def test_only_what_surely_is_new_goes_in_bulk(air: Datastream, hours: list[int], is_new: bool) -> None:
    write(line(air, [NOON, NOON + 4 * HOUR], [1.0, 2.0]))
    at = [NOON + n * HOUR for n in hours]
    assert write(line(air, at, [3.0] * len(at))) == ({air.pk} if is_new else set())
    assert len(rows(air)) == 2 + (len(at) if is_new else 0)
    assert Latest.objects.get(pk=air.pk).count == len(rows(air))


def test_a_line_before_the_others_is_not_the_newest(air: Datastream) -> None:
    write(line(air, [NOON], [1.0]))
    write(line(air, [NOON - HOUR], [2.0]))
    latest = Latest.objects.get(pk=air.pk)
    assert (latest.number, latest.count, latest.first_start) == (1.0, 2, NOON - HOUR)


def test_hours_that_were_rolled_up_are_noted(air: Datastream) -> None:
    Latest.objects.filter(pk=air.pk).update(rolled_until=NOON + 2 * HOUR)
    write(line(air, [NOON, NOON + HOUR / 2, NOON + HOUR, NOON + 3 * HOUR], [1.0] * 4))
    with django.cursor() as cursor:
        cursor.execute("select hour from hub_dirty_hour where datastream_id = %s order by 1", [air.pk])
        assert [hour for (hour,) in cursor.fetchall()] == [NOON, NOON + HOUR]


def test_rules_that_look_at_the_value_alone_are_kept_in_bulk(air: Datastream) -> None:
    QualityRule.objects.create(datastream=air, kind="range", severity="bad", low=-40, high=50)
    mark([air.pk])
    assert write(line(air, [NOON, NOON + HOUR], [20.0, 50.0])) == {air.pk}
    assert [row[4] for row in rows(air)] == [Flag.CHECKED, Flag.CHECKED]
    assert write(line(air, [NOON + 2 * HOUR], [50.1])) == set()


def test_a_rule_that_looks_beside_wants_them_one_by_one(air: Datastream) -> None:
    QualityRule.objects.create(datastream=air, kind="step", high=5)
    mark([air.pk])
    assert write(line(air, [NOON, NOON + HOUR], [20.0, 21.0])) == set()


def test_beyond_time_nothing_is_written(air: Datastream) -> None:
    with pytest.raises(BeyondTime):
        write(line(air, [datetime(2090, 1, 1, tzinfo=UTC)], [1.0]))
    assert rows(air) == []


def test_nothing_to_write_is_fine(city: object) -> None:
    assert write() == set()


def test_who_listens_is_told(air: Datastream, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    keep = store.update_latest
    monkeypatch.setattr("stadtkern.hub.domain.store.bulk.update_latest", lambda c, r: told.extend(r) or keep(c, r))
    write(line(air, [NOON], [1.0]))
    assert [row["datastream_id"] for row in told] == [air.pk]
