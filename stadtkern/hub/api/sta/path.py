"""Resource paths: Things(1)/Datastreams(2)/Observations, Things(1)/properties/owner, Things(1)/name/$value.

Parts are split before they are decoded, so %2F is a character of a JSON key and no separator (RFC 3986 clause 2.2).
Source: OGC 18-088 clause 9.2; OData 4.0 part 2 clause 4.
"""

import re

from stadtkern.hub.api.sta.decoding import decoded
from stadtkern.hub.api.sta.nodes import Segment
from stadtkern.hub.api.sta.syntax import MOST_CHARACTERS, MOST_NESTING, SyntaxProblem

WHERE = "path"
LAST = {"$ref", "$value", "$count"}
BATCH = "$batch"
LARGEST_ID = 2**63 - 1
_PART = re.compile(r"([^()]*)(?:\(([^()]*)\))?")
_ID = re.compile(r"[0-9]{1,19}")


def parse_path(raw: str) -> tuple[Segment, ...]:
    """The parts of a percent-encoded path below the service root; () is the root itself. Raises SyntaxProblem."""
    if len(raw) > MOST_CHARACTERS:
        raise SyntaxProblem(f"the path is longer than {MOST_CHARACTERS} characters", where=WHERE)
    at = 1 if raw.startswith("/") else 0
    end = len(raw) - 1 if raw.endswith("/") and len(raw) > at + 1 else len(raw)
    parts = raw[at:end].split("/") if raw[at:end] else []
    if len(parts) > MOST_NESTING:
        raise SyntaxProblem(f"a path has at most {MOST_NESTING} parts", where=WHERE)
    found = []
    for part in parts:
        found.append(_segment(part, at, raw))
        at += len(part) + 1
    _check_order(found, raw)
    return tuple(found)


def _segment(part: str, at: int, raw: str) -> Segment:
    text = decoded(part, WHERE)
    found = _PART.fullmatch(text)
    if not text or (found and not found[1]):
        raise SyntaxProblem("expected a name", where=WHERE, at=at, text=raw)
    if found is None:
        raise SyntaxProblem("an id stands in parentheses after the name, as in Things(1)", where=WHERE, at=at, text=raw)
    name, key = found.groups()
    if key is None:
        return Segment(name, None, at)
    if name.startswith("$") or not _ID.fullmatch(key) or not 0 < int(key) <= LARGEST_ID:
        raise SyntaxProblem("ids are whole numbers from 1, as in Things(1)", where=WHERE, at=at + len(name), text=raw)
    return Segment(name, int(key), at)


def _check_order(path: list[Segment], raw: str) -> None:
    """$ref, $value and $count end a path, $batch is one."""
    for place, segment in enumerate(path):
        if not segment.name.startswith("$"):
            continue
        if segment.name == BATCH and len(path) == 1:
            continue
        if segment.name not in LAST:
            raise SyntaxProblem(f"there is no '{segment.name[:40]}' here", where=WHERE, at=segment.at, text=raw)
        if place == 0 or place < len(path) - 1:
            raise SyntaxProblem(f"{segment.name} stands at the end of a path", where=WHERE, at=segment.at, text=raw)
