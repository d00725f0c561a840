"""A batch as multipart/mixed: HTTP requests in a message, changesets as messages in it (OGC 18-088, clause 11)."""

import re
import secrets
from collections.abc import Iterator, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from http import HTTPStatus

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.answers import Answer
from stadtkern.hub.api.sta.batching import Part, below_root, checked
from stadtkern.hub.api.sta.json_body import json_of

MULTIPART = "multipart/mixed"
HTTP = "application/http"
LINE = b"\r\n"
_BLANK = re.compile(rb"\r?\n\r?\n|^\r?\n")
_REQUEST = re.compile(r"([A-Za-z]{1,10}) (\S{1,8000})(?: HTTP/1\.[01])?")
_PARSER = BytesHeaderParser()


def parts_of(content_type: str, body: bytes, root: str) -> Sequence[Part]:
    """The requests; each changeset is a group. A request without a Content-ID is named by its place."""
    found: list[Part] = []
    for place, (headers, inside) in enumerate(_messages(content_type, body)):
        if headers.get_content_type() != MULTIPART:
            found.append(_part(headers, inside, root, f"part-{place}", ""))
            continue
        for number, (inner, request) in enumerate(_messages(headers.get("Content-Type", ""), inside)):
            found.append(_part(inner, request, root, f"part-{place}.{number}", f"changeset-{place}"))
    return checked(found)


def batch_answer(parts: Sequence[Part], answers: Sequence[Answer]) -> Answer:
    """All answers in the order of the requests; those of a changeset in a message of their own."""
    boundary = f"batch_{secrets.token_hex(12)}"
    pieces: list[bytes] = []
    for group, together in _by_group(list(zip(parts, answers, strict=True))):
        if group:
            inner = f"changeset_{secrets.token_hex(12)}"
            body = _joined([_told(part, answer) for part, answer in together], inner)
            pieces.append(_head([("Content-Type", f"{MULTIPART}; boundary={inner}")]) + body)
        else:
            pieces += [_told(part, answer) for part, answer in together]
    return Answer(200, {"Content-Type": f"{MULTIPART}; boundary={boundary}"}, _joined(pieces, boundary))


def _messages(content_type: str, body: bytes) -> Iterator[tuple[Message, bytes]]:
    """Headers and content of each part of a multipart body."""
    outer = Message()
    outer["Content-Type"] = content_type
    boundary = outer.get_boundary() or ""
    if not 0 < len(boundary) <= 70:
        raise BadQuery("multipart/mixed names its boundary (at most 70 characters)")
    mark = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    begin, ended = None, False
    for found in mark.finditer(body):
        if begin is not None:
            yield _split(body[begin : found.start()].removeprefix(b"\r").removeprefix(b"\n"))
        begin, ended = found.end(), bool(found[1])
        if ended:
            break
    if not ended:
        raise BadQuery("the batch does not end with its boundary and --")


def _split(message: bytes) -> tuple[Message, bytes]:
    """Headers, and what follows the first empty line."""
    found = _BLANK.search(message)
    if found is None:
        return _PARSER.parsebytes(message), b""
    return _PARSER.parsebytes(message[: found.start()]), message[found.end() :]


def _part(headers: Message, inside: bytes, root: str, name: str, group: str) -> Part:
    if headers.get_content_type() != HTTP:
        raise BadQuery(f"a part of a batch is {HTTP} or {MULTIPART}")
    line, _, rest = inside.lstrip(b"\r\n").partition(b"\n")
    found = _REQUEST.fullmatch(line.strip().decode("latin-1"))
    if found is None:
        raise BadQuery("a part begins with a line such as POST Things HTTP/1.1")
    named, body = _split(rest)
    return Part(
        name=str(headers.get("Content-ID", "")).strip(" <>") or name,
        method=found[1].upper(),
        path=below_root(found[2], root),
        headers={key.title(): str(text) for key, text in named.items()},
        body=json_of(body) if body.strip() else None,
        group=group,
    )


def _by_group(pairs: list[tuple[Part, Answer]]) -> Iterator[tuple[str, list[tuple[Part, Answer]]]]:
    held: list[tuple[Part, Answer]] = []
    for part, answer in pairs:
        if held and held[0][0].group != part.group:
            yield held[0][0].group, held
            held = []
        held.append((part, answer))
    if held:
        yield held[0][0].group, held


def _told(part: Part, answer: Answer) -> bytes:
    outer = [("Content-Type", HTTP), ("Content-Transfer-Encoding", "binary"), ("Content-ID", part.name)]
    inner = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}".encode() + LINE
    return _head(outer) + status + _head(inner) + answer.body


def _head(headers: Sequence[tuple[str, str]]) -> bytes:
    return b"".join(f"{name}: {text}".encode("latin-1", "replace") + LINE for name, text in headers) + LINE


def _joined(pieces: Sequence[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + LINE + piece + LINE for piece in pieces) + mark + b"--" + LINE
