"""The event path: told once, dies with its transaction, a broken follower holds up nobody."""

import pytest
from django.db import connection, transaction

from stadtkern.core import events
from stadtkern.core.events import deliver, emit, event, follow

heard: list[int] = []


@event("core_tests.lamp_broke")
class LampBroke:
    """A lamp went out."""

    lamp_id: int
    street: str | None = None


@follow(LampBroke)
def write_down(happened: LampBroke) -> None:
    heard.append(happened.lamp_id)


@follow(LampBroke)
def stumble(happened: LampBroke) -> None:
    if happened.lamp_id == 13:
        raise RuntimeError("thirteen")


@pytest.fixture(autouse=True)
def _nothing_heard() -> None:
    heard.clear()


def jobs(status: str = "todo") -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status = %s", [status])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_every_follower_is_told_once(run_jobs):
    emit(LampBroke(lamp_id=7))
    assert jobs() == 2
    run_jobs()
    assert heard == [7]


@pytest.mark.django_db(transaction=True)
def test_an_event_dies_with_its_transaction(run_jobs):
    with pytest.raises(ValueError, match="storm"), transaction.atomic():
        emit(LampBroke(lamp_id=7))
        raise ValueError("storm")
    assert jobs() == 0
    assert run_jobs() == 0
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_emit_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction"):
        emit(LampBroke(lamp_id=7))


@pytest.mark.django_db
def test_a_broken_follower_does_not_hold_up_the_other():
    data = {"lamp_id": 13, "street": None}
    keys = sorted(events._followers["core_tests.lamp_broke"])
    with pytest.raises(RuntimeError, match="thirteen"):
        deliver.func(name="core_tests.lamp_broke", follower=keys[0], data=data)
    deliver.func(name="core_tests.lamp_broke", follower=keys[1], data=data)
    assert heard == [13]


def test_an_event_told_before_an_update_is_understood_after_it():
    keys = sorted(events._followers["core_tests.lamp_broke"])
    deliver.func(name="core_tests.lamp_broke", follower=keys[1], data={"lamp_id": 3, "gone_field": 1})
    assert heard == [3]


def test_a_name_is_declared_once():
    with pytest.raises(RuntimeError, match="declared twice"):

        @event("core_tests.lamp_broke")
        class Again:
            lamp_id: int


def test_an_event_carries_plain_values_only():
    with pytest.raises(TypeError, match="not a plain value"):

        @event("core_tests.bad")
        class Bad:
            lamp: list


def test_events_are_frozen_and_keyword_only():
    with pytest.raises(TypeError):
        LampBroke(7)
    with pytest.raises(AttributeError):
        LampBroke(lamp_id=1).lamp_id = 2
