"""Datastreams with several observed properties are a view of their own (MultiDatastream extension)."""

import pytest

from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


def test_a_multi_datastream_is_a_view(town: Town, sta: Sta) -> None:
    wind, bench = town.streams["bench wind"].pk, town.things["bench"].pk
    assert sta.ids("MultiDatastreams") == [wind]
    assert wind not in sta.ids("Datastreams")
    assert sta.ids(f"Things({bench})/MultiDatastreams") == [wind]
    assert sta.raw(f"Datastreams({wind})").status_code == 404
    assert sta.ids("Sensors", filter="MultiDatastreams/name eq 'bench wind'") == [town.sensor.pk]
    assert sta.ids("ObservedProperties", filter="MultiDatastreams/id gt 0") == [
        town.properties["air"].pk,
        town.properties["water"].pk,
    ]
    found = sta(f"MultiDatastreams({wind})/Observations", expand="MultiDatastream,Datastream")["value"][0]
    assert found["result"] == [1.5, 270]
    assert found["MultiDatastream"]["name"] == "bench wind"
    assert "Datastream" not in found
    assert "Datastream@iot.navigationLink" not in found
    assert sta(f"Observations({found['@iot.id']})/MultiDatastream")["@iot.id"] == wind
    assert sta.raw(f"Observations({found['@iot.id']})/Datastream").status_code == 404
    assert sta.ids("Observations", filter="Datastream/name eq 'bench wind'") == []
    assert sta.ids("Observations", filter="result/1 eq 270") == [found["@iot.id"]]


def test_its_newest_value(town: Town, sta: Sta) -> None:
    found = sta("MultiDatastreams", expand="Observations($top=1;$select=result)", select="name")["value"]
    assert found == [{"name": "bench wind", "Observations": [{"result": [1.5, 270]}]}]
