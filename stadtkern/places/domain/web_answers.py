"""JSON from servers outside: short timeouts, no redirects, a bound on size."""

import json
from functools import lru_cache
from typing import Any

import httpx

SECONDS = httpx.Timeout(2.5, connect=1.5)
MOST_BYTES = 2_000_000
AGENT = {"User-Agent": "Stadtkern (open digital core of a city)", "Accept": "application/json"}


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """One pool of connections per process."""
    return httpx.Client(timeout=SECONDS, follow_redirects=False, headers=AGENT)


def get_json(url: str, parameters: dict[str, Any]) -> Any:
    """The answer as Python values; OSError when the server fails, ValueError when the answer is no JSON."""
    try:
        with client().stream("GET", url, params=parameters) as answer:
            if answer.status_code != httpx.codes.OK:
                raise OSError(f"answered {answer.status_code}")
            return json.loads(bounded(answer, MOST_BYTES))
    except httpx.HTTPError as error:
        raise OSError(type(error).__name__) from error


def bounded(answer: httpx.Response, most: int) -> bytes:
    """The body, or ValueError once it is longer than `most` bytes."""
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > most:
            raise ValueError(f"the answer is larger than {most} bytes")
    return bytes(body)
