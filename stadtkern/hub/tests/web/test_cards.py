"""A station in a list: where it stands is said once."""

import pytest

from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.domain.stations.place import Place
from stadtkern.hub.web.cards import where

SOUTH, EAST, WATTENSCHEID = (51.450468, 7.276502), (51.492286, 7.309437), (51.482228, 7.134357)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "place", "at", "said"),
    [
        ("Leonardo-da-Vinci-Platz", "Leonardo-da-Vinci-Platz, Bezirk Süd", SOUTH, "Bezirk Süd"),
        ("Smarte Bank Leonardo-da-Vinci-Platz", "Smarte Bank Leonardo-da-Vinci-Platz", SOUTH, "Süd"),
        ("Ümminger See", "am Ümminger See", EAST, "Ost"),
        ("Werner Hellweg", "Werner Hellweg 519, Werne", EAST, "Werner Hellweg 519, Werne, Ost"),
        ("Old Wattsche", "Innenstadt Wattenscheid", WATTENSCHEID, "Innenstadt Wattenscheid"),
        ("Zeche Holland", "", WATTENSCHEID, "Wattenscheid"),
    ],
)
def test_nothing_stands_twice(city: object, name: str, place: str, at: tuple[float, float], said: str) -> None:
    assert where(Station(1, name, {}, "", None, Place(place, *at), [])) == said


def test_a_station_without_a_place_stands_nowhere() -> None:
    assert where(Station(1, "Linde 1", {}, "", None, None, [])) == ""
