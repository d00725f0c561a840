"""A client of SensorThings for tests: addresses in, values out, every answer looked at."""

from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from django.test import Client

ROOT = "http://testserver/sta/v1.1"


class Sta:
    """`sta("Things", filter="id eq 1")`: options without their $."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client = client
        self.headers = headers

    def raw(self, path: str, **options: object) -> Any:
        query = "&".join(f"${name}={quote(str(text))}" for name, text in options.items())
        return self.get(f"/sta/v1.1/{quote(path, safe='/$()')}" + (f"?{query}" if query else ""))

    def get(self, address: str) -> Any:
        parts = urlsplit(address)
        response = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""), headers=self.headers)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
        return response

    def __call__(self, path: str, **options: object) -> Any:
        response = self.raw(path, **options)
        assert response.status_code == 200, response.body
        return orjson.loads(response.body)

    def ids(self, path: str, **options: object) -> list[int]:
        return [one["@iot.id"] for one in self(path, **options)["value"]]

    def names(self, path: str, **options: object) -> list[str]:
        return [one["name"] for one in self(path, **options)["value"]]

    def problem(self, path: str, **options: object) -> tuple[int, str]:
        """Status and message of an answer that is an error, in SensorThings' form."""
        response = self.raw(path, **options)
        told = orjson.loads(response.body)
        assert told["type"] == "error", told
        assert told["code"] == response.status_code, told
        return response.status_code, told["message"]

    def pages(self, path: str, **options: object) -> list[list[dict[str, Any]]]:
        """All pages, by their nextLinks."""
        answer = self(path, **options)
        found = [answer["value"]]
        while link := answer.get("@iot.nextLink"):
            answer = orjson.loads(self.get(link).body)
            found.append(answer["value"])
            assert len(found) < 200
        return found
