"""Resource paths to any depth, and what is not there."""

import orjson
import pytest

from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def air(town: Town) -> str:
    return f"Things({town.things['bench'].pk})/Datastreams({town.streams['bench air'].pk})"


def test_every_kind_of_path(town: Town, sta: Sta, air: str) -> None:
    bench, stream = town.things["bench"].pk, town.streams["bench air"].pk
    observation = sta.ids(f"{air}/Observations")[2]
    assert sta(f"{air}/Observations({observation})/FeatureOfInterest")["name"] == "park"
    assert len(sta.ids(f"{air}/Observations({observation})/FeatureOfInterest/Observations")) == 10
    assert sta(f"{air}/Observations({observation})/Datastream/Thing/Locations")["value"][0]["name"] == "park"
    assert sta(f"Observations({observation})/Datastream")["@iot.id"] == stream
    assert sta(f"{air}/Thing/name") == {"name": "bench"}
    assert sta.raw(f"{air}/Thing/name/$value").body == b"bench"
    assert sta(f"Things({bench})/properties") == {"properties": {"owner": "Parkamt", "height": 2.5, "wired": True}}
    assert sta(f"Things({bench})/properties/owner") == {"owner": "Parkamt"}
    assert sta.raw(f"Things({bench})/properties/height/$value").body == b"2.5"
    assert sta.raw(f"Things({bench})/properties/owner/$value").body == b"Parkamt"
    assert sta.raw(f"Things({town.things['pond'].pk})/properties/tags/$value").body == b'["a", "b"]'
    assert sta(f"Things({bench})/@iot.id") == {"@iot.id": bench}
    assert sta(f"Things({bench})/id") == {"@iot.id": bench}
    assert sta(f"{air}/$ref") == {"@iot.selfLink": f"{ROOT}/Datastreams({stream})"}
    assert sta(f"Things({bench})/Locations/$ref", top=1)["value"] == [
        {"@iot.selfLink": f"{ROOT}/Locations({town.locations['park'].pk})"}
    ]
    assert sta.raw(f"{air}/Observations/$count").body == b"6"
    assert sta.raw(f"{air}/Observations/$count", filter="result gt 12").body == b"4"
    assert sta(f"Observations({observation})/result") == {"result": 12.5}


def test_a_null_property_has_no_content(town: Town, sta: Sta) -> None:
    response = sta.raw(f"Things({town.things['bench'].pk})/properties/nothing")
    assert (response.status_code, response.body) == (204, b"")


def test_what_is_not_there_is_404(town: Town, sta: Sta, air: str) -> None:
    pond, elsewhere = town.things["pond"].pk, town.streams["pond level"].pk
    for path in (
        "Nothings",
        "Things(99999)",
        "Things(99999)/Datastreams",
        f"Things({pond})/Nothing",
        f"Things({pond})/Datastreams({town.streams['bench air'].pk})",
        f"Things({pond})/Datastreams({town.streams['bench air'].pk})/Observations",
        f"{air}/Observations({sta.ids(f'Datastreams({elsewhere})/Observations')[0]})",
        "Things/Datastreams",
        f"Things({pond})/$count",
        f"Things({pond})/$value",
        f"Things({pond})/name/$ref",
        f"{air}/Thing(1)",
        "Observations(5)",
        "Observations(9223372036854775807)",
        "Observations(743269860376576000)",
        f"Datastreams({town.streams['bench wind'].pk})",
        f"Things({pond})/Datastreams/Observations",
    ):
        status, message = sta.problem(path)
        assert status == 404, path
        assert message.endswith("."), message


def test_an_observation_is_found_in_whatever_month_it_is_now(town: Town, sta: Sta) -> None:
    from django.db import connection

    stream = town.streams["pond level"].pk
    id = sta.ids(f"Datastreams({stream})/Observations")[0]
    with connection.cursor() as cursor:
        cursor.execute("update hub_observation set phenomenon_start = '2026-06-20T00:00Z' where id = %s", [id])
    assert sta(f"Observations({id})")["phenomenonTime"] == "2026-06-20T00:00:00Z"
    assert sta(f"Observations({id})/Datastream")["@iot.id"] == stream
    assert stream in sta.ids(f"Observations({id})/FeatureOfInterest/Observations({id})/Datastream/Thing/Datastreams")


def test_options_of_collections_do_not_go_with_entities(town: Town, sta: Sta) -> None:
    for options in ({"filter": "id eq 1"}, {"top": 1}, {"orderby": "id"}, {"count": "true"}, {"resultFormat": "csv"}):
        assert sta.problem(f"Things({town.things['bench'].pk})", **options)[0] == 400


def test_head_and_options_and_cors(town: Town, sta: Sta) -> None:
    head = sta.client.head("/sta/v1.1/Things")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Access-Control-Allow-Origin"] == "*"
    preflight = sta.client.options("/sta/v1.1/Things")
    assert preflight.status_code == 204
    assert "X-Api-Key" in preflight["Access-Control-Allow-Headers"]
    told = orjson.loads(sta.raw("Nothings").body)
    assert set(told) == {"code", "type", "message"}
