"""Too much in an hour from one address: the forms of care say so in plain words, and nothing is written."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.models import Thing, Watering
from stadtkern.hub.tests.caring.conftest import JULY
from stadtkern.hub.web import adopting
from stadtkern.threads.models import Contact, Follow

pytestmark = pytest.mark.django_db


def send(visitor: Visitor, tree: Thing, form: str, **more: Any) -> Any:
    return visitor.post(f"/daten/vor-ort/{tree.pk}/{form}/", **more)


def written() -> tuple[int, int, int]:
    return Follow.objects.count(), Contact.objects.count(), Watering.objects.count()


def refused_kindly(answer: Any) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3601
    page = answer.content.decode()
    assert "Das war etwas zu oft." in page
    assert "Bitte warten Sie einen Moment" in page
    assert "Zur Startseite" in page


@pytest.mark.parametrize("form", ["patenschaft", "gegossen"])
def test_the_forms_have_a_most_each_hour(
    visitor: Visitor, linden: Thing, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    with time_machine.travel(JULY, tick=False) as clock:
        assert send(visitor, linden, "patenschaft").status_code == 302
        monkeypatch.setattr(adopting, "MOST_PER_HOUR", 1)
        before = written()
        refused_kindly(send(visitor, linden, form))
        refused_kindly(send(Visitor(), linden, form))  # another browser behind the same address
        assert written() == before
        assert send(Visitor(), linden, "patenschaft", REMOTE_ADDR="203.0.113.9").status_code == 302
        assert send(visitor, linden, "patenschaft/beenden").status_code == 302  # to end it is always allowed
        clock.shift(timedelta(hours=1))
        assert send(visitor, linden, "patenschaft").status_code == 302


def test_thirty_an_hour_are_enough_for_a_whole_street(visitor: Visitor, linden: Thing) -> None:
    with time_machine.travel(JULY, tick=False):
        answers = [send(visitor, linden, "patenschaft").status_code for _ in range(31)]
    assert answers == [302] * 30 + [429]
    assert Follow.objects.count() == 1
