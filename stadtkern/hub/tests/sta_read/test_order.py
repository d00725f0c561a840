"""$orderby: several terms, through relations, JSON, distances; null first."""

import pytest

from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


def test_an_order_of_several_terms(town: Town, sta: Sta) -> None:
    assert sta.names("Datastreams", orderby="Thing/name desc,name desc") == [
        "tree moisture",
        "pond level",
        "bench rain",
        "bench air",
    ]
    assert sta.names("Datastreams", orderby="ObservedProperty/name,Thing/id desc") == [
        "bench air",
        "tree moisture",
        "pond level",
        "bench rain",
    ]
    assert sta.names("Things", orderby="id desc") == ["tree", "pond", "bench"]
    assert sta.names("Things", orderby="length(name) desc,name") == ["bench", "pond", "tree"]


def test_results_sort_as_numbers_then_as_texts(town: Town, sta: Sta) -> None:
    found = [one["result"] for one in sta("Observations", orderby="result desc", filter="result ne null")["value"]]
    assert found[:6] == [15.5, 14.5, 13.5, 12.5, 11.5, 10.5]
    assert found[-3] == "frozen"


def test_json_sorts_by_its_kind_and_null_comes_first(town: Town, sta: Sta) -> None:
    assert sta.names("Things", orderby="properties/owner") == ["tree", "bench", "pond"]
    assert sta.names("Things", orderby="properties/owner desc") == ["pond", "bench", "tree"]
    assert sta.names("Things", orderby="properties/height desc") == ["pond", "bench", "tree"]


def test_by_distance(town: Town, sta: Sta) -> None:
    here = "geo.distance(location,geography'POINT(7.2162 51.4818)')"
    assert sta.names("Locations", orderby=here) == ["street", "park", "lake"]
    pages = sta.pages("Locations", orderby=f"{here} desc", top=1)
    assert [one["name"] for page in pages for one in page] == ["lake", "park", "street"]


def test_the_properties_of_a_multi_datastream_come_in_the_order_of_its_values(town: Town, sta: Sta) -> None:
    wind = f"MultiDatastreams({town.streams['bench wind'].pk})"
    assert sta.names(f"{wind}/ObservedProperties") == ["water", "air"]
    assert [one["name"] for one in sta(wind, expand="ObservedProperties")["ObservedProperties"]] == ["water", "air"]
    pages = sta.pages(f"{wind}/ObservedProperties", top=1)
    assert [one["name"] for page in pages for one in page] == ["water", "air"]


def test_a_constant_sorts_nothing(town: Town, sta: Sta) -> None:
    assert sta.names("Things", orderby="1 desc,'a'") == ["bench", "pond", "tree"]
