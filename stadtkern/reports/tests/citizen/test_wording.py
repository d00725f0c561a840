"""Words that only differ by their grammar have entries of their own for translators."""

from collections import defaultdict
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import stadtkern
from stadtkern.reports.domain.times import Span
from stadtkern.reports.web.wording import honest_times

PLURALS = {"ngettext": (1, 2), "ngettext_lazy": (1, 2)}


@pytest.mark.parametrize(("days", "said"), [(1, "1 Tag "), (3, "3 Tagen ")])
def test_days_after_a_preposition_stand_in_the_dative(days, said):
    span = Span(count=40, median_days=1, most_days=days, of_owner=False)
    assert said in honest_times(span, 0)


def test_no_singular_has_two_plurals():
    """One entry of a catalogue holds one plural: another case of the noun needs a context (npgettext)."""
    plurals = defaultdict(set)
    for path in Path(stadtkern.__file__).parent.rglob("*.py"):
        for _line, words, _comments, _context in extract_from_file("python", path, PLURALS):
            if isinstance(words, tuple):
                plurals[words[0]].add(words[1])
    assert {singular: found for singular, found in plurals.items() if len(found) > 1} == {}
    assert len(plurals) > 5
