"""An answer before it goes on the wire: plain, so that it can be remembered, put in a batch, or sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpResponse

from stadtkern.hub.api.sta.errors import JSON, answer_error


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and the bytes of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_good(self) -> bool:
        return self.status < 400

    @property
    def json(self) -> Any:
        """The body as it goes into a larger JSON."""
        is_json = self.headers.get("Content-Type", JSON).startswith(JSON)
        return orjson.Fragment(self.body) if is_json else self.body.decode("utf-8", "replace")

    def as_plain(self) -> dict[str, Any]:
        """For the memory of idempotency keys."""
        return {"status": self.status, "headers": dict(self.headers), "body": self.body.decode()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Answer":
        return cls(plain["status"], plain["headers"], plain["body"].encode())

    def as_response(self) -> HttpResponse:
        response = HttpResponse(self.body, status=self.status, content_type=JSON)
        for name, text in self.headers.items():
            response[name] = text
        return response


def answer_with(status: int, content: Any, **headers: str) -> Answer:
    """JSON content; header names with _ for -."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, {"Content-Type": JSON} | named, orjson.dumps(content))


def answer_of(error: BaseException) -> Answer:
    """What a caller is told of an exception."""
    return from_response(answer_error(error))


def from_response(response: Any) -> Answer:
    """An answer that was made for the wire; a streamed one is read to its end."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(response.status_code, dict(response.items()), body)
