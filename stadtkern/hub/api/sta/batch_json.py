"""A batch in JSON: {"requests": [...]} (OData JSON 4.01, clause 19), as FROST takes it too."""

from collections.abc import Sequence
from typing import Any

from stadtkern.hub.api.sta.answers import Answer, answer_with
from stadtkern.hub.api.sta.batching import Part, below_root, checked
from stadtkern.hub.api.sta.bodies import BadBody

KNOWN = {"id", "method", "url", "headers", "body", "atomicityGroup", "dependsOn"}
TOLD = ("Location", "Retry-After", "Preference-Applied", "Content-Type")


def parts_of(body: Any, root: str) -> Sequence[Part]:
    """The requests. Raises BadBody and BadQuery."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list):
        raise BadBody('expected {"requests": [...]}')
    return checked([_part(one, f"/requests/{place}", root) for place, one in enumerate(requests)])


def batch_answer(parts: Sequence[Part], answers: Sequence[Answer]) -> Answer:
    """All answers in the order of the requests."""
    return answer_with(200, {"responses": [_told(part, answer) for part, answer in zip(parts, answers, strict=True)]})


def _part(one: Any, at: str, root: str) -> Part:
    if not isinstance(one, dict):
        raise BadBody("expected an object with id, method and url", at)
    if strange := sorted(one.keys() - KNOWN):
        raise BadBody(f"a request has no {strange[0][:40]!r}", at)
    headers = one.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(text, str) for text in headers.values()):
        raise BadBody("headers are an object of texts", f"{at}/headers")
    needs = one.get("dependsOn") or []
    if not isinstance(needs, list) or not all(isinstance(name, str) for name in needs):
        raise BadBody("dependsOn is a list of ids", f"{at}/dependsOn")
    return Part(
        name=_text(one, "id", at),
        method=_text(one, "method", at).upper(),
        path=below_root(_text(one, "url", at), root),
        headers={name.title(): text for name, text in headers.items()},
        body=one.get("body"),
        group=_text(one, "atomicityGroup", at) if one.get("atomicityGroup") is not None else "",
        needs=tuple(needs),
    )


def _text(one: dict[str, Any], name: str, at: str) -> str:
    text = one.get(name)
    if not isinstance(text, str) or not text:
        raise BadBody(f"expected a text that is not empty: {name}", f"{at}/{name}")
    return text


def _told(part: Part, answer: Answer) -> dict[str, Any]:
    headers = {name: text for name, text in answer.headers.items() if name in TOLD}
    told: dict[str, Any] = {"id": part.name, "status": answer.status, "headers": headers}
    if part.group:
        told["atomicityGroup"] = part.group
    if answer.body:
        told["body"] = answer.json
    return told
