"""A client of the service for tests: JSON in, JSON out, one key."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.test import Client

from stadtkern.core import apikeys
from stadtkern.hub.tests.cast import IN_DEGREES
from stadtkern.hub.words import ObservationType

ROOT = "/sta/v1.1"
PARK = {"type": "Point", "coordinates": [7.2239, 51.4921]}
TOWN_HALL = {"type": "Point", "coordinates": [7.2162, 51.4818]}
THING = {"name": "Bank", "description": "Bank im Stadtpark"}
LOCATION = {"name": "Park", "description": "", "encodingType": "application/geo+json", "location": PARK}
SENSOR = {"name": "Fühler", "description": "", "encodingType": "text/plain", "metadata": "PT100"}
PROPERTY = {"name": "Luft", "definition": "http://example.org/air", "description": ""}
FEATURE = {"name": "Teich", "description": "", "encodingType": "application/geo+json", "feature": TOWN_HALL}
STREAM = {
    "name": "Lufttemperatur",
    "description": "",
    "unitOfMeasurement": IN_DEGREES,
    "observationType": str(ObservationType.MEASUREMENT),
}
NOON = "2026-05-04T12:00:00Z"


@dataclass
class Told:
    """An answer of the service."""

    status: int
    body: Any
    headers: Any

    @property
    def id(self) -> int:
        return int(self.headers["Location"].rpartition("(")[2].rstrip(")"))


class Api:
    def __init__(self, *scopes: str, organisation: str = "") -> None:
        self._client = Client(raise_request_exception=True)
        self.headers: dict[str, str] = {}
        if scopes:
            _key, text = apikeys.issue("Test", scopes=scopes, organisation=organisation)
            self.headers["X-Api-Key"] = text

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Told:
        named = self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        kind = named.pop("Content-Type", "application/json")
        data = raw if raw is not None else (b"" if body is None else orjson.dumps(body))
        address = path if path.startswith("/") else f"{ROOT}/{path}"
        response = self._client.generic(method, address, data, content_type=kind, headers=named)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return Told(response.status_code, orjson.loads(content) if content and is_json else content, response.headers)

    def get(self, path: str) -> Any:
        told = self.ask("GET", path)
        assert told.status == 200, told.body
        return told.body

    def post(self, path: str, body: Any, **headers: str) -> Told:
        return self.ask("POST", path, body, **headers)

    def made(self, path: str, body: Any, **headers: str) -> int:
        """Create, and the id of what came to be."""
        told = self.post(path, body, **headers)
        assert told.status == 201, told.body
        return told.id

    def patch(self, path: str, body: Any, **headers: str) -> Told:
        return self.ask("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Told:
        return self.ask("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Told:
        return self.ask("DELETE", path, **headers)


def station(api: Api) -> tuple[int, int]:
    """A thing at a place with one datastream; their ids."""
    thing = api.made("Things", THING | {"Locations": [LOCATION]})
    body = STREAM | {"Thing": {"@iot.id": thing}, "Sensor": SENSOR, "ObservedProperty": PROPERTY}
    return thing, api.made("Datastreams", body)
