"""Two workers at once: raised once, told once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.db import connection, connections, transaction

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import judging, raising, silence, telling
from stadtkern.hub.domain.alerts.rules import acknowledge
from stadtkern.hub.models import Alert, AlertDue, AlertState
from stadtkern.hub.tests.alerts.acting import bring, rule_for, told, turn
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.quality.values import moment
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import Role

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work, times: int = 4) -> None:
    start = Barrier(times)

    def working() -> None:
        try:
            start.wait()
            with clock.at(moment(40)):
                work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(working) for _n in range(times)]:
            done.result()


@pytest.fixture
def selma(city) -> Person:
    person = Person.objects.create_user("selma@stadtkern.example", name="Selma")
    person.memberships.create(organisation=Organisation.objects.get(key="tiefbauamt"), role=Role.EDITOR)
    return Person.objects.get(pk=person.pk)


def test_two_workers_raise_and_tell_once(selma):
    house = selma.memberships.get().organisation
    ponds = [datastream(thing(organisation=house, name=f"Teich {n}")) for n in range(3)]
    for pond in ponds:
        rule_for(pond, selma, name=f"Hoch {pond.pk}")
        for minutes in (38, 39, 40):
            bring(pond, minutes, 11)
    at_once(judging.judge_due.func)
    assert not AlertDue.objects.exists()
    assert Alert.objects.count() == 3
    assert len(told(selma)) == 3


def test_two_clocks_see_a_silence_once(selma):
    pond = datastream(thing(organisation=selma.memberships.get().organisation), interval_seconds=300)
    bring(pond, 0, 1.0)
    turn(0)

    def look() -> None:
        silence.watch()
        silence.look(moment(0))
        telling.tell_of(telling.waiting_rules())

    at_once(look)
    assert Alert.objects.count() == 1
    assert len(told(selma)) == 1


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])


def test_who_takes_an_alert_and_who_ends_it_do_not_wait_for_each_other_for_ever(selma):
    pond = datastream(thing(organisation=selma.memberships.get().organisation))
    rule_for(pond, selma)
    bring(pond, 38, 11)
    with clock.at(moment(39)):
        judging.judge_due.func()
    alert = Alert.objects.get()

    def take() -> int:
        try:
            return acknowledge([alert.pk], by=selma)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():  # a value that is all right is judged at this moment
            state = AlertState.objects.select_for_update().get(rule=alert.rule_id)
            taken, end = beside.submit(take), monotonic() + 20
            while not waits_for_a_lock() and monotonic() < end:
                sleep(0.01)
            raising.end(state)
        assert taken.result() == 0
    alert.refresh_from_db()
    assert alert.over_at is not None
