"""Who does not see a thing, sees it nowhere: not in a path, a filter, an expansion, a count, an order, a format."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.hub.domain.store import rolling
from stadtkern.hub.models import AccessEntry, Contract, Datastream, FeatureOfInterest, Location, Sensor, Thing
from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import Town, build
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
AREA = "geography'POLYGON((7 51, 8 51, 8 52, 7 52, 7 51))'"
DAY = timedelta(days=1)


@pytest.fixture
def hidden(city: object) -> Town:
    """A town of the house USB that only this house sees; its things are called hush."""
    house = Organisation.objects.get(key="usb")
    town = build(organisation=house, visibility="organisation")
    for model in (Thing, Location, FeatureOfInterest, Sensor, Datastream):
        for one in model.objects.all():
            model.objects.filter(pk=one.pk).update(name=f"hush {one.name}", description="hush")
    rolling.roll()
    return town


def signed_in(person: Any) -> Sta:
    client = Client()
    client.force_login(person)
    return Sta(client)


def with_key(*scopes: str, organisation: str = "", header: str = "X-Api-Key", **more: Any) -> Sta:
    text = apikeys.issue("machine", scopes=scopes, organisation=organisation, **more)[1]
    return Sta(Client(), **{header: text if header == "X-Api-Key" else f"Bearer {text}"})


Build = Callable[[Any], Sta]
STRANGERS: dict[str, Build] = {
    "anybody": lambda _get: Sta(Client()),
    "a citizen": lambda get: signed_in(get("aylin")),
    "another house": lambda get: signed_in(get("bernd")),
    "a key of another house": lambda _get: with_key("hub.read", organisation="tiefbauamt"),
    "a key that only writes": lambda _get: with_key("hub.write", organisation="usb"),
    "a key of a house that is not there": lambda _get: with_key("hub.read", organisation="nowhere"),
}
INSIDERS: dict[str, Build] = {
    "the own house": lambda get: signed_in(get("clara")),
    "the administrator": lambda get: signed_in(get("ada")),
    "a key of the house": lambda _get: with_key("hub.read", organisation="usb"),
    "a key of the whole installation": lambda _get: with_key("hub.read", header="Authorization"),
}


def probes(town: Town) -> list[tuple[str, dict[str, str]]]:
    """Every way to ask; each would tell something of the hidden town to one who sees it."""
    thing, stream = town.things["bench"].pk, town.streams["bench air"].pk
    place, feature = town.locations["park"].pk, town.features["park"].pk
    sets = (
        "Things",
        "Locations",
        "HistoricalLocations",
        "Datastreams",
        "MultiDatastreams",
        "Sensors",
        "Observations",
        "FeaturesOfInterest",
    )
    asked: list[tuple[str, dict[str, str]]] = [(name, {"count": "true"}) for name in sets]
    asked += [(f"{name}/$count", {}) for name in sets] + [(f"{name}/$ref", {}) for name in sets]
    asked += [(name, {"resultFormat": "csv"}) for name in sets]
    asked += [(name, {"resultFormat": "geojson"}) for name in ("Things", "Locations", "Datastreams", "Observations")]
    asked += [
        ("Observations", {"resultFormat": "dataArray"}),
        ("Observations", {"apply": "aggregate(mean,count;interval=PT1H)", "select": "Datastream"}),
        (
            "Observations",
            {"expand": "Datastream/Thing/Locations,FeatureOfInterest", "orderby": "Datastream/Thing/name"},
        ),
        (
            "ObservedProperties",
            {
                "expand": "Datastreams($count=true;$expand=Observations($top=1),Thing/Locations),MultiDatastreams",
                "filter": "Datastreams/id gt 0 or id gt 0",
            },
        ),
        ("ObservedProperties", {"expand": "Datastreams($expand=Observations)"}),
        ("ObservedProperties", {"filter": "Datastreams/name ge 'hush'"}),
        (
            "ObservedProperties",
            {"filter": "Datastreams/Thing/name ge 'hush' or MultiDatastreams/Thing/Locations/name ge 'hush'"},
        ),
        ("ObservedProperties", {"filter": "Datastreams/Observations/result gt 0"}),
        ("Things", {"select": "distinct:name"}),
        ("Locations", {"filter": f"st_within(location, {AREA})", "orderby": f"geo.distance(location, {AREA})"}),
        (f"Things({thing})", {}),
        (f"Things({thing})/name/$value", {}),
        (f"Things({thing})/Datastreams", {}),
        (f"Datastreams({stream})/Observations", {"top": "1", "count": "true"}),
        (f"Datastreams({stream})/Thing", {}),
        (f"Datastreams({stream})/Observations", {"apply": "aggregate(mean;interval=day)"}),
        (f"Locations({place})/Things", {}),
        (f"FeaturesOfInterest({feature})/Observations", {}),
        (f"Sensors({town.sensor.pk})/Datastreams/$ref", {}),
        (f"ObservedProperties({town.properties['air'].pk})/Datastreams", {"expand": "Observations,Sensor"}),
    ]
    return asked


def told(sta: Sta, path: str, options: dict[str, str]) -> str:
    response = sta.raw(path, **options)
    assert response.status_code in (200, 404), response.body
    return response.body.decode()


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_learn_nothing(hidden: Town, request: pytest.FixtureRequest, who: str) -> None:
    sta = STRANGERS[who](request.getfixturevalue)
    for path, options in probes(hidden):
        response = sta.raw(path, **options)
        body = response.body.decode()
        assert "hush" not in body, (path, options)
        assert "10.5" not in body, (path, options)
        assert "coordinates" not in body, (path, options)
        if "(" in path and not path.startswith("Observed"):
            assert response.status_code == 404, (path, options)
        elif path.endswith("$count"):
            assert body == "0", path
        elif response["Content-Type"] == "application/json" and not path.startswith("ObservedProperties"):
            answer = orjson.loads(body)
            assert answer["value"] == [], (path, options)
            assert answer.get("@iot.count", 0) == 0
    for one in sta("ObservedProperties", expand="Datastreams($count=true),MultiDatastreams($count=true)")["value"]:
        assert (one["Datastreams@iot.count"], one["MultiDatastreams@iot.count"]) == (0, 0)
    for filter in ("Datastreams/name ge 'h'", "Datastreams/Observations/result gt 0", "MultiDatastreams/id gt 0"):
        assert sta.ids("ObservedProperties", filter=filter) == []
        assert len(sta.ids("ObservedProperties", filter=f"not ({filter})")) == 3
    assert AccessEntry.objects.count() == 0


@pytest.mark.parametrize("who", INSIDERS)
def test_insiders_see_all_of_it(hidden: Town, request: pytest.FixtureRequest, who: str) -> None:
    sta = INSIDERS[who](request.getfixturevalue)
    for path, options in probes(hidden):
        response = sta.raw(path, **options)
        assert response.status_code == 200, (path, options, response.body)
        assert response.body not in (b"0", b'{"value":[]}'), (path, options)
    assert len(sta.ids("Observations")) == 13
    assert sta("Observations", count="true", top=0)["@iot.count"] == 13
    area = sta(f"Datastreams({hidden.streams['bench air'].pk})")["observedArea"]
    assert area == {"type": "Point", "coordinates": [7.2239, 51.4921]}


@pytest.mark.parametrize("subject", ["datastream", "thing"])
@pytest.mark.parametrize("holder", ["person", "organisation", "key"])
@pytest.mark.parametrize(("until", "holds"), [(None, True), (DAY, True), (-DAY, False)])
def test_a_contract_opens_what_it_names_until_it_ends(
    hidden: Town, request: pytest.FixtureRequest, subject: str, holder: str, until: timedelta | None, holds: bool
) -> None:
    air = hidden.streams["bench air"]
    given: dict[str, Any] = {"datastream": air} if subject == "datastream" else {"thing": air.thing}
    if holder == "key":
        sta = with_key("hub.read", organisation="tiefbauamt")
        given["key_prefix"] = sta.headers["X-Api-Key"].split("_")[1]
    else:
        bernd = request.getfixturevalue("bernd")
        sta = signed_in(bernd)
        given |= (
            {"person": bernd} if holder == "person" else {"organisation": Organisation.objects.get(key="tiefbauamt")}
        )
    Contract.objects.create(purpose="test", until=until and timezone.now() + until, **given)
    streams = [] if not holds else [air.pk] if subject == "datastream" else [air.pk, hidden.streams["bench rain"].pk]
    assert sta.ids("Datastreams") == streams
    assert len(sta.ids("Observations")) == (0 if not holds else 6 if subject == "datastream" else 10)
    assert len(sta.ids("Things")) == (1 if holds and subject == "thing" else 0)
    assert sta.raw(f"Datastreams({air.pk})/Observations").status_code == (200 if holds else 404)
    if holds:
        found = sta(f"Datastreams({air.pk})", expand="Thing,Sensor,Observations($expand=FeatureOfInterest)")
        assert (found["Thing"] is None) == (subject == "datastream")
        assert found["Sensor"] is None
        assert {one["FeatureOfInterest"] for one in found["Observations"]} == {None}
        assert "observedArea" not in found


def test_named_is_for_the_owner_and_who_is_named(hidden: Town, clara: Any, dora: Any) -> None:
    Thing.objects.update(visibility="named")
    assert signed_in(clara).ids("Things") == []
    assert with_key("hub.read", organisation="usb").ids("Things") == []
    assert len(with_key("hub.read", "hub.manage", organisation="usb").ids("Things")) == 3


def test_a_public_series_of_a_hidden_thing_does_not_tell_of_the_thing(hidden: Town) -> None:
    sta = Sta(Client())
    Datastream.objects.filter(pk=hidden.streams["bench air"].pk).update(visibility="public", name="open")
    assert sta.names("Datastreams") == ["open"]
    for filter in (
        "Thing/name ge 'h'",
        "Thing/id gt 0",
        "Thing/properties/owner eq 'Parkamt'",
        "Sensor/name ge 'h'",
        f"st_within(Thing/Locations/location, {AREA})",
        "Thing/Datastreams/name eq 'open'",
        f"st_within(observedArea, {AREA})",
    ):
        assert sta.names("Datastreams", filter=filter) == [], filter
    assert sta.names("Datastreams", filter="Thing/name eq null and Thing/id eq null") == ["open"]
    assert sta.names("Datastreams", orderby="Thing/name,Sensor/name") == ["open"]
    assert sta("Datastreams", expand="Thing,Sensor")["value"][0]["Thing"] is None
    assert sta.raw(f"Datastreams({hidden.streams['bench air'].pk})/Thing").status_code == 404
    assert len(sta.ids("Observations", filter="FeatureOfInterest/name eq null")) == 6
    assert sta.ids("Observations", filter=f"st_within(FeatureOfInterest/feature, {AREA})") == []


def test_a_hidden_series_of_a_public_thing_does_not_show_in_the_thing(hidden: Town) -> None:
    sta = Sta(Client())
    Thing.objects.filter(pk=hidden.things["bench"].pk).update(visibility="public", name="open")
    assert sta.names("Things") == ["open"]
    for filter in ("Datastreams/id gt 0", "Datastreams/Observations/result gt 0", "Locations/id gt 0"):
        assert sta.names("Things", filter=filter) == []
        assert sta.names("Things", filter=f"not ({filter})") == ["open"]
    found = sta("Things", expand="Datastreams($count=true),MultiDatastreams,Locations")["value"][0]
    assert (found["Datastreams"], found["Datastreams@iot.count"], found["Locations"]) == ([], 0, [])
    features = orjson.loads(sta.raw("Things", resultFormat="geojson").body)["features"]
    assert [one["geometry"] for one in features] == [None]


def test_reading_what_is_not_public_is_noted_once(hidden: Town, clara: Any) -> None:
    sta = signed_in(clara)
    sta("Datastreams", expand="Observations")
    entry = AccessEntry.objects.get()
    assert (entry.person_id, entry.interface, entry.query) == (clara.pk, "sta", "Datastreams?$expand=Observations")
    assert sorted(entry.datastreams) == sorted(one.pk for name, one in hidden.streams.items() if name != "bench wind")
    assert entry.rows == 4 + 12
    with_key("hub.read", organisation="usb").raw("Observations", resultFormat="csv")
    entry = AccessEntry.objects.latest("pk")
    assert (entry.rows, bool(entry.key_prefix), len(entry.datastreams)) == (13, True, 4)
    sta("Observations", apply="aggregate(count)", select="Datastream")
    assert AccessEntry.objects.latest("pk").rows == 4
    sta("Observations", apply="aggregate(count)")
    assert (AccessEntry.objects.latest("pk").rows, len(AccessEntry.objects.latest("pk").datastreams)) == (1, 4)
    before = AccessEntry.objects.count()
    Datastream.objects.update(visibility="public")
    sta("Observations")
    assert AccessEntry.objects.count() == before


def test_a_key_that_is_not_valid_is_nobody(hidden: Town) -> None:
    ended = apikeys.issue("ended", scopes=["hub.read"], expires_at=timezone.now() - DAY)[1]
    key, revoked = apikeys.issue("revoked", scopes=["hub.read"])
    apikeys.revoke(key.prefix)
    for text in (ended, revoked, "nonsense", "sk_a_b"):
        for headers in ({"X-Api-Key": text}, {"Authorization": f"Bearer {text}"}):
            response = Sta(Client(), **headers).raw("Things")
            assert response.status_code == 401
            assert response["WWW-Authenticate"].startswith("Bearer")
            assert orjson.loads(response.body)["code"] == 401


def test_a_quota(hidden: Town) -> None:
    sta = with_key("hub.read", organisation="usb", per_minute=2)
    assert [sta.raw("Things").status_code for _ in range(3)] == [200, 200, 429]
    assert int(sta.raw("Things")["Retry-After"]) > 0


def test_links_are_the_services_own(hidden: Town) -> None:
    found = with_key("hub.read").raw("Things", top=1)
    assert orjson.loads(found.body)["@iot.nextLink"].startswith(f"{ROOT}/Things?")
