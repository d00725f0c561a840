"""Files of the city become places; what cannot be one is named with its line and reason."""

import dataclasses

import pytest

from stadtkern.core.problems import BadInput
from stadtkern.places.domain import geocoding, importing
from stadtkern.places.models import Place

pytestmark = pytest.mark.django_db
HEAD = '"poi_id";"name";"str_hausnr";"plz_ort";"kategorie";"rechts_utm";"hoch_utm"\n'
GOOD = '"1";"Grundschule am Test";"Herner Str. 5";"44787 Bochum";"Grundschulen";"376362";"5705577"\n'


@pytest.fixture
def folder(tmp_path, map_of_bochum):
    (tmp_path / "places").mkdir()
    return tmp_path


def school(folder, text, encoding="utf-8", **given):
    (folder / "places" / "schools.csv").write_bytes(text.encode(encoding))
    return importing.import_places(folder, only="schools", **given)[0]


def test_a_row_becomes_a_place_an_address_and_a_street(folder):
    outcome = school(folder, HEAD + GOOD)
    assert (outcome.rows, outcome.places, outcome.addresses, outcome.rejects) == (1, 1, 2, [])
    place = Place.objects.get(key="schools:1")
    assert (place.kind, place.street, place.house_number, place.postcode) == ("school", "Herner Straße", "5", "44787")
    assert place.district.key == "mitte"
    assert place.licence == "CC0-1.0"
    assert geocoding.search("Herner Str 5")[0].precision == "point"


def test_a_second_run_corrects_and_never_doubles(folder):
    school(folder, HEAD + GOOD)
    count = Place.objects.count()
    school(folder, HEAD + GOOD.replace("am Test", "am Markt"))
    assert Place.objects.count() == count
    assert Place.objects.get(key="schools:1").name == "Grundschule am Markt"


def test_what_is_gone_from_the_file_is_switched_off(folder):
    school(folder, HEAD + GOOD)
    school(folder, HEAD + GOOD.replace('"1"', '"2"'))
    assert not Place.objects.get(key="schools:1").is_active
    assert Place.objects.get(key="schools:2").is_active


def test_a_dry_run_writes_nothing(folder):
    before = Place.objects.count()
    assert school(folder, HEAD + GOOD, dry_run=True).places == 1
    assert Place.objects.count() == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("376362", ""), "no coordinates"),
        (GOOD.replace("376362", "nan"), "no coordinates"),
        (GOOD.replace("376362", "1e400"), "no coordinates"),
        (GOOD.replace("376362", "zwölf"), "no coordinates"),
        (GOOD.replace("376362", "1e30"), "no place on earth"),
        (GOOD.replace("376362", "500000"), "outside the city"),
        (GOOD.replace("Grundschule am Test", " "), "no name"),
        (GOOD + GOOD, "doubled"),
        ('"3"\n', "no name"),
    ],
)
def test_a_row_that_cannot_be_a_place_is_named(folder, row, reason):
    outcome = school(folder, HEAD + row)
    assert [reject.reason for reject in outcome.rejects] == [reason]
    assert outcome.rejects[0].line >= 2


def test_a_file_in_an_old_encoding_is_read(folder):
    school(folder, HEAD + GOOD.replace("am Test", "Höntrop"), encoding="cp1252")
    assert Place.objects.get(key="schools:1").name == "Grundschule Höntrop"


@pytest.mark.parametrize("text", ["", "a;b\n1;2\n", "\x00" * 50])
def test_a_file_without_the_columns_is_refused_by_name(folder, text):
    with pytest.raises(BadInput) as caught:
        school(folder, text)
    assert "columns" in caught.value.fields


def test_a_missing_file_and_an_unknown_import_are_named(folder):
    with pytest.raises(BadInput) as caught:
        importing.import_places(folder, only="schools")
    assert caught.value.fields["file"] == "places/schools.csv"
    with pytest.raises(BadInput):
        importing.import_places(folder, only="castles")


def test_rows_without_coordinates_are_found_by_their_address(folder):
    text = "Art;Bezeichnung;Adresse\nSportplatz;Am Stadtpark;Castroper Str. 145\nHalle;Weit weg;Nirgendweg 3\n"
    (folder / "places" / "sports_facilities.csv").write_bytes(text.encode("cp1252"))
    outcome = importing.import_places(folder, only="sports")[0]
    assert [reject.reason for reject in outcome.rejects] == ["address not known"]
    assert Place.objects.get(origin="import:sports").name == "Sportplatz Am Stadtpark"


def test_the_citys_real_files_are_taken(map_of_bochum, shared_data):
    outcomes = {one.key: one for one in importing.import_places(shared_data / "bochum-open-data")}
    found = {key: (one.rows, one.places) for key, one in outcomes.items()}
    assert found["stolpersteine"][0] == 361
    assert found["defibrillators"] == (131, outcomes["defibrillators"].places)
    for key in ("schools", "daycare", "playgrounds", "stolpersteine", "defibrillators"):
        rows, places = found[key]
        # the city lists a place once per category: the repeats are named as doubled
        assert places + outcomes[key].reasons["doubled"] >= rows * 0.97, (key, outcomes[key].reasons)
        assert rows == places + len(outcomes[key].rejects)
    assert Place.objects.filter(kind="address", is_active=True).count() > 600
    assert geocoding.search("Kortumstr. 10")[0].precision == "point"
    assert geocoding.search("Alice Salomon Berufskoleg")[0].label.startswith("Alice-Salomon")


def test_an_outcome_counts_its_reasons():
    rejects = [importing.Reject(2, "no name", ""), importing.Reject(3, "no name", "")]
    assert dataclasses.replace(importing.Outcome("x"), rejects=rejects).reasons == {"no name": 2}


def test_the_command_tells_what_was_taken_and_what_not(folder, capsys):
    from django.core.management import CommandError, call_command

    (folder / "places" / "schools.csv").write_text(HEAD + GOOD + GOOD.replace('"1"', '"2"').replace("376362", "x"))
    call_command("import_places", str(folder), "--only", "schools")
    told = capsys.readouterr().out
    assert "schools: 2 rows, 1 places, 2 addresses and streets, 1 not taken" in told
    assert "line 3: no coordinates" in told
    with pytest.raises(CommandError, match="castles"):
        call_command("import_places", str(folder), "--only", "castles")
