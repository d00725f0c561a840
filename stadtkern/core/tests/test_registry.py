"""Registries: sorted by key, known by name, and a second part with the same key stops the start."""

from dataclasses import dataclass

import pytest

from stadtkern.core.parts import every_registry
from stadtkern.core.registry import Registry


@dataclass(frozen=True)
class Card:
    key: str
    text: str = ""


@pytest.fixture
def cards() -> Registry[Card]:
    made: Registry[Card] = Registry("cards of a test")
    for key in ("b", "c", "a"):
        made.add(Card(key))
    return made


def test_parts_come_in_the_order_of_their_keys(cards):
    assert [card.key for card in cards] == ["a", "b", "c"]
    assert len(cards) == 3


def test_a_twin_stops_the_start_and_changes_nothing(cards):
    with pytest.raises(RuntimeError, match="cards of a test: 'a' is taken by"):
        cards.add(Card("a", "another"))
    assert cards["a"].text == ""


def test_an_unknown_key_is_answered_with_the_known_ones(cards):
    with pytest.raises(KeyError, match="no part 'x'; known: a, b, c"):
        cards["x"]
    assert cards.get("x") is None
    assert "x" not in cards


def test_a_part_may_come_while_others_are_read(cards):
    for card in cards:
        if card.key == "a":
            cards.add(Card("d"))
    assert "d" in cards


def test_every_registry_of_the_house_has_a_purpose_of_its_own():
    purposes = [registry.purpose for registry in every_registry.values()]
    assert len(set(purposes)) == len(purposes) > 10
