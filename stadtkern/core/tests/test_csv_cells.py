"""A CSV of ours runs nothing in a spreadsheet."""

import pytest

from stadtkern.core.csv_cells import harmless


@pytest.mark.parametrize("text", ["=1+1", "+49 234", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_is_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Laterne", "1-2", "a=b", "'=1"])
def test_everything_else_stays(text):
    assert harmless(text) == text
