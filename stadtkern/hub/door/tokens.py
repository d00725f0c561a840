"""Idempotency-Keys of a whole group at once, in the table of core.idempotency and in the values' own transaction."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
import psycopg

from stadtkern.core.problems import Conflict
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.door.entry import Token

Name = tuple[str, str]
KNOWN = """
select r.scope, r.key, r.fingerprint, r.answer from core_rememberedrequest r
join unnest(%s::text[], %s::text[]) wanted (scope, key) on r.scope = wanted.scope and r.key = wanted.key
"""
REMEMBER = """
insert into core_rememberedrequest (scope, key, fingerprint, answer, at)
select scope, key, fingerprint, answer, now()
from unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[]) given (scope, key, fingerprint, answer)
"""


def known(connection: "psycopg.Connection[Any]", tokens: Collection[Token]) -> dict[Name, tuple[str, Any]]:
    """(fingerprint, answer) of those that were used before."""
    if not tokens:
        return {}
    columns = [[token.scope for token in tokens], [token.key for token in tokens]]
    rows = cursor(connection).execute(KNOWN, columns).fetchall()
    return {(scope, key): (fingerprint, answer) for scope, key, fingerprint, answer in rows}


def repeated(token: Token, before: tuple[str, Any]) -> Any:
    """The remembered answer, or the Conflict that it belongs to another request."""
    fingerprint, answer = before
    if fingerprint != token.fingerprint or answer is None:
        return Conflict("This Idempotency-Key belongs to another request.")
    return answer


def remember(connection: "psycopg.Connection[Any]", answers: Iterable[tuple[Token, Mapping[str, Any]]]) -> None:
    """Raises UniqueViolation when somebody else used a key in the meantime."""
    rows = [(token.scope, token.key, token.fingerprint, orjson.dumps(answer).decode()) for token, answer in answers]
    if rows:
        cursor(connection).execute(REMEMBER, [list(column) for column in zip(*rows, strict=True)])
