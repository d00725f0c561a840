"""Batches: in JSON and as multipart, in order, groups that stand or fall together, references between requests."""

from email.message import Message
from email.parser import BytesParser
from typing import Any

import orjson
import pytest

from stadtkern.hub.models import Sensor, Thing
from stadtkern.hub.tests.sta_write.api import LOCATION, PROPERTY, SENSOR, STREAM, THING, Api, Told, station

pytestmark = pytest.mark.django_db


def ask(id: str, method: str, url: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "method": method, "url": url, **({} if body is None else {"body": body}), **more}


def batch(api: Api, *requests: Any) -> Told:
    return api.post("$batch", {"requests": list(requests)})


def statuses(told: Told) -> list[tuple[str, int]]:
    assert told.status == 200, told.body
    return [(one["id"], one["status"]) for one in told.body["responses"]]


def test_requests_are_done_in_order_and_answered_in_order(api: Api) -> None:
    told = batch(
        api,
        ask("a", "post", "Things", THING),
        ask("b", "get", "Things?$count=true"),
        ask("c", "PATCH", "Things($a)", {"name": "Neu"}),
        ask("d", "GET", "/sta/v1.1/$a/name/$value"),
        ask("e", "DELETE", "http://testserver/sta/v1.1/$a"),
        ask("f", "GET", "Things(1)/nonsense"),
    )
    assert statuses(told) == [("a", 201), ("b", 200), ("c", 200), ("d", 200), ("e", 200), ("f", 404)]
    assert told.body["responses"][1]["body"]["@iot.count"] == 1
    assert told.body["responses"][3]["body"] == "Neu"
    assert not Thing.objects.exists()
    assert told.body["responses"][0]["headers"]["Location"].startswith("http://testserver/sta/v1.1/Things(")


def test_references_in_addresses_and_bodies(api: Api) -> None:
    told = batch(
        api,
        ask("1", "POST", "Things", THING | {"Locations": [LOCATION]}),
        ask("sensor", "POST", "Sensors", SENSOR),
        ask("3", "POST", "$1/Datastreams", STREAM | {"Sensor": {"@iot.id": "$sensor"}, "ObservedProperty": PROPERTY}),
        ask("4", "POST", "Observations", {"result": 5, "Datastream": {"@iot.id": "$3"}}),
        ask("5", "GET", "$1/Datastreams?$expand=Observations"),
        ask("6", "GET", "$4/result"),
    )
    assert {status for _id, status in statuses(told)} == {201, 200}
    assert told.body["responses"][4]["body"]["value"][0]["Observations"][0]["result"] == 5
    assert told.body["responses"][5]["body"] == {"result": 5}


def test_a_text_in_a_query_is_no_reference(api: Api) -> None:
    api.made("Things", THING | {"name": "($a)"})
    told = batch(api, ask("a", "POST", "Things", THING), ask("b", "GET", "Things?$filter=name eq '($a)'"))
    assert [one["name"] for one in told.body["responses"][1]["body"]["value"]] == ["($a)"]


def test_a_failure_outside_of_groups_harms_nobody(api: Api) -> None:
    told = batch(api, ask("a", "POST", "Things", {}), ask("b", "POST", "Things", THING), ask("c", "GET", "$a"))
    assert statuses(told) == [("a", 400), ("b", 201), ("c", 400)]
    assert Thing.objects.count() == 1


def test_a_group_stands_or_falls_together(api: Api) -> None:
    good = ask("g", "POST", "Things", THING, atomicityGroup="other")
    told = batch(
        api,
        ask("a", "POST", "Sensors", SENSOR, atomicityGroup="one"),
        ask("b", "POST", "Things", {"name": "no description"}, atomicityGroup="one"),
        ask("c", "POST", "Sensors", SENSOR, atomicityGroup="one"),
        good,
        ask("h", "GET", "Sensors", dependsOn=["one"]),
        ask("i", "GET", "Things", dependsOn=["g", "other"]),
        ask("j", "PATCH", "$a", {"name": "x"}),
    )
    assert statuses(told) == [("a", 424), ("b", 400), ("c", 424), ("g", 201), ("h", 424), ("i", 200), ("j", 400)]
    assert (Sensor.objects.count(), Thing.objects.count()) == (0, 1)
    assert told.body["responses"][0]["atomicityGroup"] == "one"


def test_a_group_sees_what_it_has_made(api: Api) -> None:
    told = batch(
        api,
        ask("t", "POST", "Things", THING, atomicityGroup="g"),
        ask("l", "POST", "$t/Locations", LOCATION, atomicityGroup="g"),
        ask("r", "GET", "$t/Locations", atomicityGroup="g"),
        ask("p", "PATCH", "$t", {"name": "Neu"}, atomicityGroup="g"),
    )
    assert {status for _id, status in statuses(told)} == {201, 200}
    assert len(told.body["responses"][2]["body"]["value"]) == 1
    assert Thing.objects.get().name == "Neu"


def test_a_group_survives_an_error_of_the_database(api: Api) -> None:
    """What PostgreSQL refuses inside a group must not break the connection for the rest of the batch."""
    told = batch(
        api,
        ask("a", "GET", "Things?$filter=id div 0 eq 1", atomicityGroup="g"),
        ask("b", "GET", "Observations?$filter=result mul 1e308 mul 1e308 gt 1", atomicityGroup="g"),
        ask("c", "POST", "Things", THING, atomicityGroup="g"),
        ask("d", "POST", "Things", THING),
    )
    assert statuses(told)[-1] == ("d", 201)


def test_headers_of_a_request(api: Api) -> None:
    told = batch(
        api,
        ask("a", "POST", "Things", THING, headers={"prefer": "return=minimal"}),
        ask("b", "PATCH", "$a", [{"op": "replace", "path": "/name", "value": "Neu"}],
            headers={"content-type": "application/json-patch+json"}),
    )  # fmt: skip
    assert statuses(told) == [("a", 201), ("b", 200)]
    assert "body" not in told.body["responses"][0]


GROUP = {"atomicityGroup": "g"}
WRONG = [
    {},
    [],
    5,
    {"requests": 5},
    {"requests": [5]},
    {"requests": [{"id": "a", "method": "GET"}]},
    {"requests": [{"id": 1, "method": "GET", "url": "Things"}]},
    {"requests": [{"id": "a b", "method": "GET", "url": "Things"}]},
    {"requests": [ask("a", "BREW", "Things")]},
    {"requests": [ask("a", "GET", "Things"), ask("a", "GET", "Things")]},
    {"requests": [ask("a", "GET", "Things", dependsOn=["b"])]},
    {"requests": [ask("a", "GET", "Things", dependsOn="b")]},
    {"requests": [ask("a", "GET", "Things", headers=[1])]},
    {"requests": [ask("a", "GET", "Things", **{"if": "x"})]},
    {"requests": [ask("a", "POST", "$batch", {"requests": []})]},
    {"requests": [ask("a", "GET", "https://elsewhere.example/Things")]},
    {"requests": [ask("a", "GET", "/elsewhere")]},
    {"requests": [ask(str(n), "GET", "Things") for n in range(1001)]},
    {
        "requests": [
            ask("a", "GET", "x", atomicityGroup="g"),
            ask("b", "GET", "x"),
            ask("c", "GET", "x", atomicityGroup="g"),
        ]
    },
]


@pytest.mark.parametrize("body", WRONG)
def test_what_is_no_batch_is_refused_as_a_whole(api: Api, body: Any) -> None:
    told = api.post("$batch", body)
    assert (told.status, told.body["code"]) == (400, 400)


def test_rights_count_in_every_request(city: Any, api: Api) -> None:
    thing, stream = station(api)
    sender = Api("hub.write", organisation="")
    told = batch(
        sender,
        ask("a", "POST", f"Datastreams({stream})/Observations", {"result": 1}),
        ask("b", "PATCH", f"Things({thing})", {"name": "x"}),
        ask("c", "GET", f"Things({thing})"),
    )
    assert statuses(told) == [("a", 201), ("b", 403), ("c", 200)]
    told = batch(Api(), ask("a", "GET", f"Things({thing})"), ask("b", "DELETE", f"Things({thing})"))
    assert statuses(told) == [("a", 200), ("b", 401)]


def test_in_whose_name_is_said_once_for_all(api: Api) -> None:
    requests = [
        ask("a", "POST", "Things", THING),
        ask("b", "POST", "Things", THING, headers={"stadtkern-visibility": "public"}),
    ]
    told = api.post("$batch", {"requests": requests}, **{"Stadtkern-Visibility": "organisation"})
    assert {status for _id, status in statuses(told)} == {201}
    assert list(Thing.objects.order_by("pk").values_list("visibility", flat=True)) == ["organisation", "public"]


def test_answers_that_grow_too_large_are_cut(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.batching.MOST_ANSWERED", 1_500)
    api.made("Things", THING | {"properties": {"a": "x" * 900}})
    told = batch(
        api,
        ask("a", "GET", "Things"),
        ask("b", "GET", "Things"),
        ask("c", "GET", "Things"),
        ask("d", "POST", "Things", THING),
        ask("e", "PATCH", "$d", {"name": "Neu"}),
    )
    assert statuses(told) == [("a", 200), ("b", 413), ("c", 413), ("d", 201), ("e", 200)]
    assert ["body" in one for one in told.body["responses"][3:]] == [False, False]
    assert Thing.objects.filter(name="Neu").exists()


def test_a_read_that_no_batch_has_room_for_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.batching.MOST_ANSWERED", 100)
    api.made("Things", THING)
    assert statuses(batch(api, ask("a", "GET", "Things"), ask("b", "DELETE", "Things?$filter=id gt 0"))) == [
        ("a", 413),
        ("b", 200),
    ]
    assert not Thing.objects.exists()


def test_a_batch_that_takes_too_long_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.batching.MOST_SECONDS", -1.0)
    told = batch(api, ask("a", "POST", "Things", THING), ask("b", "POST", "Things", THING, **GROUP))
    assert statuses(told) == [("a", 503), ("b", 503)]
    assert told.body["responses"][0]["headers"]["Retry-After"]
    assert not Thing.objects.exists()


@pytest.mark.parametrize("url", ["/sta/v1.1/", "http://testserver/sta/v1.1/", "?$top=1"])
def test_the_root_in_a_batch(api: Api, url: str) -> None:
    (told,) = batch(api, ask("a", "GET", url)).body["responses"]
    assert (told["status"], told["body"]) == (200, api.get(""))


MULTIPART = """--batch_1\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
\r
GET /sta/v1.1/Things?$top=1 HTTP/1.1\r
Host: example.org\r
\r
\r
--batch_1\r
Content-Type: multipart/mixed; boundary=changeset_1\r
\r
--changeset_1\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
Content-ID: 1\r
\r
POST Things HTTP/1.1\r
Content-Type: application/json\r
\r
{"name": "Bank", "description": "größer"}\r
--changeset_1\r
Content-Type: application/http\r
Content-ID: 2\r
\r
PATCH $1 HTTP/1.1\r
Content-Type: application/json-patch+json\r
\r
[{"op": "replace", "path": "/name", "value": "Neu"}]\r
--changeset_1--\r
--batch_1\r
Content-Type: application/http\r
\r
POST Things HTTP/1.1\r
\r
{"name": "ohne"}\r
--batch_1--\r
"""
HTTP = "application/http"


def send(api: Api, text: str, boundary: str = "batch_1") -> Told:
    kind = f"multipart/mixed; boundary={boundary}"
    return api.ask("POST", "$batch", raw=text.encode(), **{"Content-Type": kind})


def read(told: Told) -> list[Any]:
    """The answers: (status, JSON), those of a changeset in a list of their own."""
    assert told.status == 200, told.body
    whole = f"Content-Type: {told.headers['Content-Type']}\r\n\r\n".encode() + told.body
    return [_read(part) for part in BytesParser().parsebytes(whole).get_payload()]


def _read(part: Message) -> Any:
    if part.is_multipart():
        return [_read(inner) for inner in part.get_payload()]
    assert part.get_content_type() == HTTP
    head, _, body = part.get_payload(decode=True).partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), orjson.loads(body) if body.strip() else None


def test_multipart(api: Api) -> None:
    first, changes, last = read(send(api, MULTIPART))
    assert first == (200, {"value": []}) or first[1]["value"] == []
    assert [status for status, _body in changes] == [201, 200]
    assert changes[1][1]["name"] == "Neu"
    assert changes[0][1]["description"] == "größer"
    assert (last[0], last[1]["code"]) == (400, 400)
    assert Thing.objects.get().name == "Neu"


def test_a_changeset_that_fails_leaves_nothing(api: Api) -> None:
    _first, changes, _last = read(send(api, MULTIPART.replace("PATCH $1", "PATCH $7")))
    assert [status for status, _body in changes] == [424, 400]
    assert not Thing.objects.exists()


def test_multipart_with_plain_line_ends(api: Api) -> None:
    _first, changes, _last = read(send(api, MULTIPART.replace("\r\n", "\n")))
    assert [status for status, _body in changes] == [201, 200]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--batch_1--", ""),
        ("batch_1", "batch_2"),
        ("POST Things HTTP/1.1", "make things"),
        ("Content-Type: application/http", "Content-Type: text/plain"),
        ('"name": "ohne"', "name"),
        ("Content-ID: 2", "Content-ID: 1"),
        ("boundary=changeset_1", "b=changeset_1"),
    ],
)
def test_what_is_no_multipart_batch_is_refused(api: Api, old: str, new: str) -> None:
    assert send(api, MULTIPART.replace(old, new)).status == 400
    assert not Thing.objects.exists()


def test_multipart_without_a_boundary(api: Api) -> None:
    assert api.ask("POST", "$batch", raw=b"--\r\n----", **{"Content-Type": "multipart/mixed"}).status == 400
