"""Two workers whose clocks strike at once: a dry tree is told once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from stadtkern.hub.domain import caring
from stadtkern.hub.domain.thirst import judge_all
from stadtkern.hub.models import Thing
from stadtkern.hub.tests.caring.conftest import JULY, seen
from stadtkern.hub.tests.cast import measured
from stadtkern.threads.domain.conversation import device_contact
from stadtkern.threads.models import Contact, Notification

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


def test_all_at_once_tell_each_carer_once(linden: Thing, carer: Contact) -> None:
    caring.adopt(device_contact(language="de"), seen(linden))
    measured(linden, 42, JULY)
    start = Barrier(WORKERS)

    def judge() -> int:
        try:
            start.wait()
            return judge_all(now=JULY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        told = [done.result() for done in [pool.submit(judge) for _ in range(WORKERS)]]
    assert sorted(told) == [0, 0, 0, 1]
    assert Notification.objects.filter(topic="hub.tree").count() == 2
