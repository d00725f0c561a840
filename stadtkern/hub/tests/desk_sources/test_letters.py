"""Letters at the desk: what nobody could read, read again or given up."""

from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.models import Device, Letter
from stadtkern.people.models import Membership, Organisation, Person

pytestmark = pytest.mark.django_db
BASE = "/desk/daten/quellen/nachrichten/"


@pytest.fixture
def desk(visitor: Visitor, city: Any) -> Visitor:
    person = Person.objects.create_user("eva@stadtkern.example", name="Eva")
    house = Organisation.objects.get(key="gruenflaechenamt")
    Membership.objects.create(person=person, organisation=house, role="editor")
    return visitor.signed_in(person)


def letter(key: str, house: str, **given: Any) -> Letter:
    Device.objects.create(key=key, organisation=Organisation.objects.get(key=house))
    usual = {
        "source": "ttn",
        "frame": "7",
        "payload": {"a": "<b>"},
        "state": Letter.State.FAILED,
        "error": "Byte 3 fehlt",
    }
    return Letter.objects.create(device_key=key, **usual | given)


def test_what_failed_is_listed_with_its_reason(desk: Visitor) -> None:
    letter("A84041", "gruenflaechenamt")
    letter("FREMD1", "usb")
    text = desk.get(BASE).content.decode()
    assert "A84041" in text
    assert "Byte 3 fehlt" in text
    assert "&lt;b&gt;" in text
    assert "FREMD1" not in text


def test_chosen_letters_are_read_again_or_given_up(desk: Visitor, run_jobs: Callable[..., int]) -> None:
    mine, other = letter("A84041", "gruenflaechenamt"), letter("FREMD1", "usb")
    answer = desk.post(f"{BASE}auswahl/", {"brief": [mine.pk, other.pk], "was": "neu"}, follow=True)
    assert "1 Nachricht wird neu gelesen." in answer.content.decode()
    run_jobs()
    mine.refresh_from_db()
    assert (mine.state, mine.tries) == (Letter.State.FAILED, 1)  # nobody has repaired anything
    answer = desk.post(f"{BASE}auswahl/", {"brief": [mine.pk], "was": "weg"}, follow=True)
    text = answer.content.decode()
    assert "1 Nachricht verworfen." in text
    assert "Alle Nachrichten sind gelesen." in text
    other.refresh_from_db()
    assert other.state == Letter.State.FAILED


def test_nothing_chosen_is_said(desk: Visitor) -> None:
    answer = desk.post(f"{BASE}auswahl/", {"brief": ["x"], "was": "neu"}, follow=True)
    assert "Keine Nachricht war ausgewählt" in answer.content.decode()


def test_only_stewards_see_letters(visitor: Visitor, clara: Any) -> None:
    assert visitor.signed_in(clara).get(BASE).status_code == 403
