"""Who may write what: keys by scope and organisation, people with their token, contracts; and in whose name."""

from typing import Any

import orjson
import pytest
from django.test import Client

from stadtkern.core import apikeys
from stadtkern.hub.models import Contract, Datastream, FeatureOfInterest, Location, Thing
from stadtkern.hub.tests.sta_write.api import (
    FEATURE,
    LOCATION,
    NOON,
    PROPERTY,
    ROOT,
    SENSOR,
    STREAM,
    THING,
    Api,
    station,
)
from stadtkern.hub.words import Visibility
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
ORGANISATION, VISIBILITY = "Stadtkern-Organisation", "Stadtkern-Visibility"


@pytest.fixture
def mine(city: Any) -> Api:
    """The steward of the Stadtwerke's things."""
    return Api("hub.read", "hub.write", "hub.manage", organisation="stadtwerke")


@pytest.fixture
def theirs(city: Any) -> Api:
    return Api("hub.read", "hub.write", "hub.manage", organisation="usb")


@pytest.fixture
def sender(city: Any) -> Api:
    """A device of the Stadtwerke that only sends."""
    return Api("hub.write", organisation="stadtwerke")


WRITES = [
    ("POST", "Things", THING),
    ("POST", "Datastreams({stream})/Observations", {"result": 1}),
    ("POST", "CreateObservations", []),
    ("PATCH", "Things({thing})", {"name": "x"}),
    ("PUT", "Things({thing})", THING),
    ("DELETE", "Things({thing})", None),
    ("DELETE", "Things?$filter=id gt 0", None),
    ("DELETE", "Observations({value})", None),
    ("PATCH", "Observations({value})", {"result": 3}),
]


def public_station(api: Api) -> dict[str, int]:
    thing, stream = station(api)
    value = api.made(f"Datastreams({stream})/Observations", {"result": 1, "phenomenonTime": NOON})
    return {"thing": thing, "stream": stream, "value": value}


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_nobody_in_particular_writes_nothing(mine: Api, anybody: Api, method: str, path: str, body: Any) -> None:
    there = public_station(mine)
    told = anybody.ask(method, path.format(**there), body)
    assert (told.status, told.body["code"]) == (401, 401)
    assert told.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_key_that_ended_is_nobody(mine: Api, method: str, path: str, body: Any) -> None:
    there = public_station(mine)
    key, text = apikeys.issue("Alt", scopes=["hub.manage"])
    apikeys.revoke(key.prefix)
    told = Api().ask(method, path.format(**there), body, **{"X-Api-Key": text})
    assert told.status == 401


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_key_that_only_reads_writes_nothing(mine: Api, method: str, path: str, body: Any) -> None:
    there = public_station(mine)
    reader = Api("hub.read", organisation="stadtwerke")
    told = reader.ask(method, path.format(**there), body)
    assert told.status == (201 if path == "CreateObservations" else 403), "no rows, nothing to forbid"


@pytest.mark.parametrize(("method", "path", "body"), WRITES[3:])
def test_what_is_anothers_is_refused(mine: Api, theirs: Api, method: str, path: str, body: Any) -> None:
    there = public_station(mine)
    told = theirs.ask(method, path.format(**there), body)
    if "filter" in path:
        assert told.body == {"removed": 0, "refused": 0, "more": False}
    else:
        assert told.status == 403
    assert mine.get(f"Things({there['thing']})")["name"] == THING["name"]
    assert mine.get(f"Observations({there['value']})")["result"] == 1


@pytest.mark.parametrize(("method", "path", "body"), WRITES[3:])
def test_what_another_does_not_see_is_not_there(mine: Api, theirs: Api, method: str, path: str, body: Any) -> None:
    mine.headers[VISIBILITY] = Visibility.ORGANISATION
    there = public_station(mine)
    told = theirs.ask(method, path.format(**there), body)
    assert told.status == (200 if "filter" in path else 404)
    assert mine.get(f"Things({there['thing']})")["name"] == THING["name"]


def test_new_entities_belong_to_the_keys_organisation(mine: Api) -> None:
    house = Organisation.objects.get(key="stadtwerke")
    thing, stream = station(mine)
    assert Thing.objects.get(pk=thing).organisation == house
    assert Datastream.objects.get(pk=stream).organisation == house
    assert Location.objects.get().organisation == house
    assert FeatureOfInterest.objects.get().organisation == house
    assert {one.visibility for one in (Thing.objects.get(), Datastream.objects.get())} == {Visibility.PUBLIC}


def test_visibility_is_said_by_a_header_and_inherited_by_datastreams(mine: Api, anybody: Api) -> None:
    thing = mine.made("Things", THING | {"Locations": [LOCATION]}, **{VISIBILITY: "organisation"})
    links = {"Sensor": SENSOR, "ObservedProperty": PROPERTY}
    stream = mine.made(f"Things({thing})/Datastreams", STREAM | links)
    assert Datastream.objects.get(pk=stream).visibility == Visibility.ORGANISATION
    assert anybody.get("Things")["value"] == anybody.get("Datastreams")["value"] == []
    public = mine.made(f"Things({thing})/Datastreams", STREAM | links, **{VISIBILITY: "public"})
    assert [one["@iot.id"] for one in anybody.get("Datastreams")["value"]] == [public]
    assert mine.post("Things", THING, **{VISIBILITY: "secret"}).status == 400


def test_a_key_of_the_whole_installation_may_say_in_whose_name(api: Api, mine: Api) -> None:
    thing = api.made("Things", THING, **{ORGANISATION: "usb"})
    assert Thing.objects.get(pk=thing).organisation.key == "usb"
    assert Thing.objects.get(pk=api.made("Things", THING)).organisation is None
    assert api.post("Things", THING, **{ORGANISATION: "nobody"}).status == 400
    assert mine.post("Things", THING, **{ORGANISATION: "usb"}).status == 400
    assert mine.post("Things", THING, **{ORGANISATION: "stadtwerke"}).status == 201


def test_a_sender_only_sends(mine: Api, sender: Api) -> None:
    there = public_station(mine)
    assert sender.post(f"Datastreams({there['stream']})/Observations", {"result": 2}).status == 201
    assert sender.patch(f"Observations({there['value']})", {"result": 3}).status == 200
    assert sender.delete(f"Observations({there['value']})").status == 403
    for path, body in (
        ("Things", THING),
        ("Sensors", SENSOR),
        ("Locations", LOCATION),
        ("FeaturesOfInterest", FEATURE),
    ):
        assert sender.post(path, body).status == 403
    stream = STREAM | {"Thing": THING, "Sensor": SENSOR, "ObservedProperty": PROPERTY}
    assert sender.post("Observations", {"result": 1, "Datastream": stream}).status == 403
    assert Thing.objects.count() == 1


def test_a_sender_writes_where_it_does_not_read(mine: Api, sender: Api) -> None:
    """It has no hub.read: the answer has the address, not what stands there."""
    mine.headers[VISIBILITY] = "organisation"
    _thing, stream = station(mine)
    told = sender.post(f"Datastreams({stream})/Observations", {"result": 2, "phenomenonTime": NOON})
    assert (told.status, told.body) == (201, b"")
    assert mine.get(f"Observations({told.id})")["result"] == 2
    assert sender.post("Observations", {"result": 3, "Datastream": {"@iot.id": stream}}).status == 201
    assert sender.patch(f"Observations({told.id})", {"result": 5}).status == 200
    assert sender.ask("GET", f"Observations({told.id})").status == 404


def test_a_feature_that_a_sender_describes_belongs_to_the_datastream(mine: Api, sender: Api) -> None:
    mine.headers[VISIBILITY] = "organisation"
    _thing, stream = station(mine)
    id = sender.made(f"Datastreams({stream})/Observations", {"result": 2, "FeatureOfInterest": FEATURE})
    feature = FeatureOfInterest.objects.get(name=FEATURE["name"])
    assert (feature.organisation.key, feature.visibility) == ("stadtwerke", Visibility.ORGANISATION)
    assert mine.get(f"Observations({id})/FeatureOfInterest")["@iot.id"] == feature.pk
    own = Datastream.objects.get(pk=stream).default_feature_id
    body = {"result": 3, "FeatureOfInterest": {"@iot.id": own}}
    assert sender.post(f"Datastreams({stream})/Observations", body).status == 201


def test_a_contract_lets_another_organisation_send(mine: Api, theirs: Api) -> None:
    _thing, stream = station(mine)
    path = f"Datastreams({stream})/Observations"
    assert theirs.post(path, {"result": 1}).status == 403
    house = Organisation.objects.get(key="usb")
    Contract.objects.create(datastream_id=stream, organisation=house, may_write=True, purpose="Vertretung")
    assert theirs.post(path, {"result": 1}).status == 201
    assert theirs.patch(f"Datastreams({stream})", {"name": "x"}).status == 403


def test_others_things_cannot_be_linked(mine: Api, theirs: Api) -> None:
    there = public_station(mine)
    links = {"Sensor": SENSOR, "ObservedProperty": PROPERTY}
    own = theirs.made("Things", THING)
    past = {"time": NOON, "Thing": {"@iot.id": there["thing"]}, "Locations": [LOCATION]}
    refused = [
        theirs.post("Datastreams", STREAM | links | {"Thing": {"@iot.id": there["thing"]}}),
        theirs.post(f"Things({there['thing']})/Datastreams", STREAM | links),
        theirs.post(f"Things({there['thing']})/Locations", LOCATION),
        theirs.post("Locations", LOCATION | {"Things": [{"@iot.id": there["thing"]}]}),
        theirs.post("Sensors", SENSOR | {"Datastreams": [{"@iot.id": there["stream"]}]}),
        theirs.patch(f"Things({own})", {"Datastreams": [{"@iot.id": there["stream"]}]}),
        theirs.post("HistoricalLocations", past),
    ]
    assert [told.status for told in refused] == [403] * len(refused)
    assert Datastream.objects.get().thing_id == there["thing"]
    sensor = mine.get(f"Datastreams({there['stream']})/Sensor")["@iot.id"]
    shared = STREAM | links | {"Thing": {"@iot.id": own}, "Sensor": {"@iot.id": sensor}}
    assert theirs.post("Datastreams", shared).status == 201, "a public sensor may be named by everybody"


def test_what_is_hidden_is_not_betrayed_by_a_link(mine: Api, theirs: Api) -> None:
    mine.headers[VISIBILITY] = "organisation"
    there = public_station(mine)
    links = {"Sensor": SENSOR, "ObservedProperty": PROPERTY}
    hidden = theirs.post("Datastreams", STREAM | links | {"Thing": {"@iot.id": there["thing"]}})
    nothing = theirs.post("Datastreams", STREAM | links | {"Thing": {"@iot.id": 99_999}})
    assert hidden.status == nothing.status == 400
    sentence = hidden.body["errors"]["/Thing"].replace(str(there["thing"]), "N")
    assert sentence == nothing.body["errors"]["/Thing"].replace("99999", "N")


def test_a_person_writes_with_the_token_of_the_page(ada: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    send = {"data": orjson.dumps(THING), "content_type": "application/json"}
    refused = browser.post(f"{ROOT}/Things", **send)
    assert (refused.status_code, Thing.objects.count()) == (403, 0)
    browser.get("/")
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    assert browser.post(f"{ROOT}/Things", **send, headers={"X-CSRFToken": token}).status_code == 201
    assert browser.post(f"{ROOT}/Things", **send, headers={"X-CSRFToken": "b" * 32}).status_code == 403


def test_a_key_needs_no_token(city: Any) -> None:
    _key, text = apikeys.issue("Test", scopes=["hub.manage"])
    client = Client(enforce_csrf_checks=True)
    told = client.post(
        f"{ROOT}/Things",
        orjson.dumps(THING),
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )
    assert told.status_code == 201


def test_a_citizen_writes_nothing(aylin: Any) -> None:
    browser = Client()
    browser.force_login(aylin)
    told = browser.post(f"{ROOT}/Things", orjson.dumps(THING), content_type="application/json")
    assert told.status_code == 403


def test_a_person_of_one_organisation_writes_in_its_name(udo: Any) -> None:
    browser = Client()
    browser.force_login(udo)
    told = browser.post(f"{ROOT}/Things", orjson.dumps(THING), content_type="application/json")
    assert told.status_code == 201
    assert Thing.objects.get().organisation.key == "stadtwerke"


@pytest.mark.parametrize("value", [2, 3])
def test_a_json_patch_needs_the_right_to_read(mine: Api, sender: Api, value: int) -> None:
    """Its tests and the sentences of its errors tell what stands there."""
    mine.headers[VISIBILITY] = "organisation"
    _thing, stream = station(mine)
    id = sender.made(f"Datastreams({stream})/Observations", {"result": 2, "phenomenonTime": NOON})
    steps = [{"op": "test", "path": "/result", "value": value}]
    kind = {"Content_Type": "application/json-patch+json"}
    told = sender.patch(f"Observations({id})", steps, **kind)
    assert told.status == 403
    assert "2" not in told.body["message"].replace(str(id), "")
    assert mine.patch(f"Observations({id})", steps, **kind).status == (200 if value == 2 else 400)


def test_whoever_manages_all_sees_all(mine: Api) -> None:
    mine.headers[VISIBILITY] = "organisation"
    thing, _stream = station(mine)
    manager = Api("hub.manage")
    assert manager.get(f"Things({thing})")["@iot.id"] == thing
    assert manager.patch(f"Things({thing})", {"name": "Neu"}).status == 200
