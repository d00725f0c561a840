"""Pages: $top, $skip, nextLinks that go on where the page ended, whatever is written in between."""

from datetime import timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.models import ObservedProperty, Thing
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import HOUR, Town, put

pytestmark = pytest.mark.django_db
ORDERS = {
    "Things": [
        "",
        "name",
        "name desc",
        "properties/height",
        "properties/height desc,id desc",
        "properties/owner desc",
        "description,name desc",
    ],
    "Observations": [
        "",
        "phenomenonTime desc",
        "result",
        "result desc,phenomenonTime",
        "resultTime desc",
        "Datastream/Thing/name,result desc",
        "day(phenomenonTime),id desc",
        "validTime",
    ],
    "Datastreams": ["phenomenonTime desc", "Thing/properties/owner,ObservedProperty/name desc", "resultTime,id desc"],
}
CASES = [(name, order) for name, orders in ORDERS.items() for order in orders]


def test_top_and_next_link(town: Town, sta: Sta) -> None:
    first = sta("Things", top=2)
    assert [one["name"] for one in first["value"]] == ["bench", "pond"]
    second = orjson.loads(sta.get(first["@iot.nextLink"]).body)
    assert [one["name"] for one in second["value"]] == ["tree"]
    assert "@iot.nextLink" not in second
    assert "@iot.nextLink" not in sta("Things", top=3)
    assert sta("Things", top=0) == {"value": []}


def test_skip(town: Town, sta: Sta) -> None:
    assert sta.names("Things", skip=1) == ["pond", "tree"]
    assert sta.names("Things", skip=5) == []
    pages = sta.pages("Things", skip=1, top=1)
    assert [one["name"] for page in pages for one in page] == ["pond", "tree"]


def test_a_hundred_without_a_top_and_ten_thousand_at_most(town: Town, sta: Sta) -> None:
    ObservedProperty.objects.bulk_create(ObservedProperty(name=str(n)) for n in range(10_050))
    assert len(sta("ObservedProperties")["value"]) == 100
    found = sta("ObservedProperties", top=1_000_000, select="id")
    assert len(found["value"]) == 10_000
    rest = orjson.loads(sta.get(found["@iot.nextLink"]).body)
    assert len(rest["value"]) == 53
    assert len({one["@iot.id"] for one in found["value"] + rest["value"]}) == 10_053


@pytest.mark.parametrize(("name", "order"), CASES)
@pytest.mark.parametrize("top", [1, 4])
def test_a_walk_loses_and_repeats_nothing(town: Town, sta: Sta, name: str, order: str, top: int) -> None:
    options = {"orderby": order} if order else {}
    whole = sta.ids(name, top=1000, **options)
    walked = [one["@iot.id"] for page in sta.pages(name, top=top, **options) for one in page]
    assert walked == whole
    assert len(set(whole)) == len(whole) > 0


def test_what_was_there_at_first_is_met_once_while_others_write(town: Town, sta: Sta) -> None:
    air = town.streams["bench air"]
    for order in ("", "phenomenonTime desc", "result"):
        before = set(sta.ids(f"Datastreams({air.pk})/Observations"))
        page = sta(f"Datastreams({air.pk})/Observations", top=2, **({"orderby": order} if order else {}))
        met = [one["@iot.id"] for one in page["value"]]
        n = 0
        while link := page.get("@iot.nextLink"):
            n += 1
            for shift in (-n, n):
                put(air, NOON + shift * HOUR + timedelta(seconds=len(order) + 1), number=10.5 + shift / 7)
            page = orjson.loads(sta.get(link).body)
            met += [one["@iot.id"] for one in page["value"]]
        assert len(met) == len(set(met))
        assert before <= set(met)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.one_of(st.none(), st.integers(-2, 2), st.sampled_from(["a", "", "Ü", True, [1], {"a": 1}])), max_size=8)
)
def test_walks_over_values_of_any_kind(db: None, values: list[object]) -> None:
    from django.test import Client

    sta = Sta(Client())
    Thing.objects.all().delete()
    for one in values:
        Thing.objects.create(name="x", properties={"a": one} if one is not None else {})
    for order in ("properties/a", "properties/a desc"):
        walked = [one["@iot.id"] for page in sta.pages("Things", top=2, orderby=order) for one in page]
        assert walked == sta.ids("Things", orderby=order)
        assert len(walked) == len(values)


def test_a_mark_counts_for_its_own_address_only(town: Town, sta: Sta) -> None:
    link = sta("Things", top=1, orderby="name")["@iot.nextLink"]
    mark = link.split("$skiptoken=")[1]
    for options in ({"orderby": "name desc"}, {"orderby": "name", "filter": "id gt 0"}, {}):
        assert sta.problem("Things", skiptoken=mark, **options)[0] == 400
    assert sta.problem("Datastreams", skiptoken=mark, orderby="name")[0] == 400
    for broken in ("abc", mark[:-1], "x" + mark, "."):
        assert sta.problem("Things", skiptoken=broken, orderby="name")[0] == 400
    assert sta.names("Things", skiptoken=mark, orderby="name") == ["pond", "tree"]


def test_a_name_too_long_for_a_mark_pages_by_skip(town: Town, sta: Sta) -> None:
    Thing.objects.create(name="A" * 5_000)
    pages = sta.pages("Things", top=1, orderby="name")
    assert [len(page) for page in pages] == [1, 1, 1, 1]
    assert [one["name"][:5] for page in pages for one in page] == ["AAAAA", "bench", "pond", "tree"]
