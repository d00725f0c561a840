"""What is asked of the service by POST, PATCH, PUT, DELETE and in batches, told apart and answered."""

from collections.abc import Iterable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from stadtkern.core.problems import Conflict, NotFound, OtherMethod, TooLarge
from stadtkern.hub.api.sta import batching, grammar
from stadtkern.hub.api.sta.answering import Head, answer, one_entity
from stadtkern.hub.api.sta.answers import Answer, answer_of, answer_with, from_response
from stadtkern.hub.api.sta.bodies import draft_of
from stadtkern.hub.api.sta.data_array import create_observations, told
from stadtkern.hub.api.sta.deep_insert import insert
from stadtkern.hub.api.sta.filtered_delete import remove_matching
from stadtkern.hub.api.sta.json_body import json_of
from stadtkern.hub.api.sta.patching import Change, change_entity
from stadtkern.hub.api.sta.pieces import Piece
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.removal import remove_entity
from stadtkern.hub.api.sta.root import root_document
from stadtkern.hub.api.sta.targets import collection_at, entity_at, is_collection
from stadtkern.hub.api.sta.writer import Writer
from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.store.port import UnknownDatastream

CREATE_OBSERVATIONS = "CreateObservations"
MINIMAL = "return=minimal"
NOT_GIVEN: Any = object()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `path` and `query` as they are sent (percent-encoded), below the service at `root`.

    `raw` is the body; a request in a batch brings it as JSON already (`content`).
    """

    method: str
    path: str
    query: str
    reader: Reader
    root: str
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    content: Any = NOT_GIVEN

    @property
    def json(self) -> Any:
        return json_of(self.raw) if self.content is NOT_GIVEN else self.content

    @property
    def writer(self) -> Writer:
        return Writer.of(self.reader, self.headers)

    @property
    def world(self) -> World:
        return World(here(), self.reader, timezone.now())

    @property
    def wants_little(self) -> bool:
        """RFC 7240: no body in the answer."""
        return MINIMAL in self.headers.get("Prefer", "").replace(" ", "")


def done(asked: Asked) -> Answer:
    """Do what is asked. Raises Problems, and whatever the database raises."""
    if asked.method not in _METHODS:
        raise OtherMethod("There are GET, POST, PATCH, PUT and DELETE.", allow=", ".join(_METHODS))
    try:
        return _METHODS[asked.method](asked)
    except ObjectDoesNotExist:
        raise NotFound("It is not there any more.") from None
    except (UnknownDatastream, IntegrityError):
        raise Conflict("Something this request needs was removed meanwhile.") from None


def done_or_told(asked: Asked) -> Answer:
    """The same, with what went wrong as an answer; inside of a transaction only this request is undone then."""
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return done(asked)
    except Exception as error:
        return answer_of(error)


def _post(asked: Asked) -> Answer:
    writer = asked.writer
    if asked.path.strip("/") == CREATE_OBSERVATIONS:
        return answer_with(201, told(create_observations(writer, asked.json), asked.root))
    spot = collection_at(asked.world, writer, asked.path)
    draft = draft_of(spot.target, asked.json, given=spot.given)
    id = insert(writer, draft, spot.given)
    return _shown(asked, 201, spot.target, id)


def _change(asked: Asked) -> Answer:
    writer = asked.writer
    target, id = entity_at(asked.world, asked.path)
    change = Change.of(asked.method, asked.headers.get("Content-Type", ""), asked.json)
    change_entity(writer, target, id, change)
    return _shown(asked, 200, target, id)


def _delete(asked: Asked) -> Answer:
    writer = asked.writer
    if is_collection(asked.path):
        return answer_with(200, remove_matching(writer, grammar.parse(asked.path, asked.query)).as_json())
    target, id = entity_at(asked.world, asked.path)
    remove_entity(writer, target, id)
    return Answer(200)


def _get(asked: Asked) -> Answer:
    request = grammar.parse(asked.path, asked.query)
    if not request.path:
        return from_response(root_document(asked.root))
    with closing(answer(request, asked.reader, asked.root)) as pieces:
        head = next(pieces)
        assert isinstance(head, Head)  # noqa: S101 (`answer` begins with it)
        return Answer(head.status, {"Content-Type": head.content_type}, _whole(pieces))


def _whole(pieces: Iterable[Piece]) -> bytes:
    """The body at once. Raises TooLarge for one that no batch has room for, as soon as that is seen."""
    held = bytearray()
    for piece in pieces:
        assert isinstance(piece, bytes)  # noqa: S101 (there is one head)
        held += piece
        if len(held) > batching.MOST_ANSWERED:
            raise TooLarge(batching.TOO_LARGE)
    return bytes(held)


def _shown(asked: Asked, status: int, target: str, id: int) -> Answer:
    """The entity as it is now; without it for who wants little, or may write but not read."""
    link = f"{asked.root}/{target}({id})"
    headers = {"Location": link} if status == 201 else {}
    if asked.wants_little:
        return Answer(201 if status == 201 else 204, headers | {"Preference-Applied": MINIMAL})
    try:
        return answer_with(status, one_entity(asked.world, asked.root, target, id), **headers)
    except NotFound:
        return Answer(status, headers)


_METHODS = {"GET": _get, "POST": _post, "PATCH": _change, "PUT": _change, "DELETE": _delete}
