"""$count: only when asked, exact where it is cheap, estimated and said so beyond."""

import pytest

from stadtkern.hub.api.sta.planning import counting
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


def test_a_count_is_told_only_when_asked(town: Town, sta: Sta, statements: list[str]) -> None:
    assert "@iot.count" not in sta("Things")
    assert "@iot.count" not in sta("Things", count="false")
    assert not [text for text in statements if "count(" in text]
    assert sta("Things", count="true", top=1)["@iot.count"] == 3
    assert sta("Things", count="true", top=0) == {"@iot.count": 3, "value": []}
    assert sta("Things", count="true", filter="name ne 'pond'")["@iot.count"] == 2
    assert sta("Things", count="true", filter="Datastreams/id gt 0")["@iot.count"] == 3


@pytest.mark.parametrize(
    ("path", "filter", "number"),
    [
        ("Observations", "", 13),
        ("Datastreams({air})/Observations", "", 6),
        ("Observations", "Datastream/Thing/name eq 'bench'", 9),
        ("Observations", "Datastream/id eq {air} or Datastream/ObservedProperty/name eq 'water'", 12),
        ("Observations", "MultiDatastream/name eq 'bench wind'", 1),
        ("FeaturesOfInterest({park})/Observations", "", 10),
    ],
)
def test_observations_are_summed_up(
    town: Town, sta: Sta, statements: list[str], path: str, filter: str, number: int
) -> None:
    names = {"air": town.streams["bench air"].pk, "park": town.features["park"].pk}
    options = {"filter": filter.format(**names)} if filter else {}
    assert sta(path.format(**names), count="true", top=1, **options)["@iot.count"] == number
    if "Features" not in path:
        assert any("sum(" in text and "hub_latest" in text for text in statements)


def test_a_filter_on_values_is_counted(town: Town, sta: Sta) -> None:
    assert sta("Observations", count="true", filter="result gt 12")["@iot.count"] == 4
    assert sta("Observations", count="true", filter="result gt 12 or Datastream/id lt 0", top=0)["@iot.count"] == 4


def test_beyond_the_bound_it_is_an_estimate(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    found = sta("Observations", count="true", filter="result gt 12")
    assert found["@iot.countIsEstimated"] is True
    assert found["@iot.count"] > 2
    found = sta("Datastreams", expand="Observations($count=true;$filter=result gt 12)")["value"][0]
    assert (found["Observations@iot.count"], found["Observations@iot.countIsEstimated"]) == (3, True)


def test_a_count_that_takes_too_long_is_an_estimate(town: Town, sta: Sta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_MILLISECONDS", 1)
    monkeypatch.setattr(counting, "COUNTING", "select count(*), pg_sleep(0.05) from ({}) counted")
    found = sta("Things", count="true")
    assert found["@iot.countIsEstimated"] is True
    assert len(found["value"]) == 3
