"""Rate limits: each key alone, each window anew, nothing readable kept, and a clock that jumps locks nobody out."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from stadtkern.core.limits import forget, spend
from stadtkern.core.models import Spent
from stadtkern.core.problems import TooMany

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NOON = "2026-10-25T12:00:00Z"


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def use(key: str = "198.51.100.7", *, bucket: str = "test", most: int = 2) -> int:
    return spend(bucket, key, most=most, per=MINUTE)


def test_the_last_allowed_passes_and_the_next_is_told_when_to_come_back(time_machine):
    time_machine.shift(15)
    assert [use(), use()] == [1, 2]
    with pytest.raises(TooMany) as refused:
        use()
    assert refused.value.retry_after == 46


def test_the_next_window_begins_anew(time_machine):
    for _ in range(2):
        use()
    time_machine.shift(60)
    assert use() == 1


def test_keys_and_buckets_are_counted_apart():
    assert [use("a"), use("b"), use("a", bucket="other"), use("a")] == [1, 1, 1, 2]


def test_no_key_can_be_read_in_the_table():
    use("vera@stadtkern.example")
    assert "vera" not in Spent.objects.get().bucket


def test_a_clock_that_jumps_back_counts_on_in_the_window_it_comes_to(time_machine):
    use()
    time_machine.shift(-3600)
    assert [use(), use()] == [1, 2]
    time_machine.shift(3600)
    assert use() == 2


def test_old_counters_go_and_fresh_ones_stay(time_machine):
    use("old")
    time_machine.shift(3 * 24 * 3600)
    use("fresh")
    assert forget(timezone.now() - timedelta(days=2)) == 1
    assert Spent.objects.get().window == datetime.fromisoformat(NOON) + timedelta(days=3)
