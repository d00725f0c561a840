"""Two workers at once: raised once, told once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import judging, silence, telling
from stadtkern.hub.models import Alert, AlertDue
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
