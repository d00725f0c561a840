"""What people type and what the city writes meet in the middle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.places.domain import spelling


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Königsallee", "Konigsallee"),
        ("Koenigsallee", "KÖNIGSALLEE"),
        ("Kortumstr.", "Kortumstraße"),
        ("kortumstrasse", "Kortumstr"),
        ("Herner Str.", "Herner Straße"),
        ("Von-der-Recke-Str.", "Von der Recke Straße"),
        ("Dr.-C.-Otto-Straße", "Dr C Otto Str"),
        ("Ruhr–Universität", "ruhr universitat"),
    ],
)
def test_spellings_of_one_name_fold_to_the_same(typed, stored):
    assert spelling.fold(typed) == spelling.fold(stored)


@pytest.mark.parametrize(
    ("typed", "words", "number", "postcode"),
    [
        ("Kortumstraße 90", ("kortumstr",), "90", ""),
        ("Kortumstr. 90 a, 44787 Bochum", ("kortumstr",), "90a", "44787"),
        ("Suttner-Nobel-Allee 4 A", ("suttner", "nobel", "allee"), "4a", ""),
        ("Bochum", ("bochum",), "", ""),
        ("Straße des 17. Juni", ("str", "des", "17", "juni"), "", ""),
        ("In der Schornau 23 - 25", ("in", "der", "schornau"), "23", ""),
        ("", (), "", ""),
    ],
)
def test_house_number_postcode_and_town_are_taken_out(typed, words, number, postcode):
    wish = spelling.understand(typed, town="Bochum")
    assert (wish.number, wish.postcode) == (number, postcode)
    assert wish.words[: len(words)] == words


@pytest.mark.parametrize(
    ("address", "street", "number"),
    [
        ("Alte Bahnhofstr. 6", "Alte Bahnhofstraße", "6"),
        ("Suttner-Nobel-Allee 4 a", "Suttner-Nobel-Allee", "4a"),
        ("In der Schornau 23 - 25", "In der Schornau", "23"),
        ("Dr.-C.-Otto-Str. 222", "Dr.-C.-Otto-Straße", "222"),
        ("Spielwiese Ruhraue", "Spielwiese Ruhraue", ""),
        ("", "", ""),
    ],
)
def test_an_address_comes_apart(address, street, number):
    assert spelling.split_address(address) == (street, number)


@given(st.text(max_size=400))
def test_any_text_folds_to_something_short_that_folds_to_itself(text):
    folded = spelling.fold(text)
    assert spelling.fold(folded) == folded or len(text) > 0
    assert "'" not in folded
    assert "\\" not in folded
    spelling.grams(text)
    spelling.split_address(text)
    spelling.understand(text, town="Bochum")
