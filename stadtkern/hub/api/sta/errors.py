"""What a caller is told when something is wrong: `{"code": 400, "type": "error", "message": "…"}` and the right status.

Nothing but our own Problems reaches the wire; whatever else happens is logged under a number that the answer names,
and is never a 500: a value the database cannot compute is the caller's (400), a database that is away or too slow is
not (503).
"""

import logging
import secrets
from typing import Any

import orjson
import psycopg
from django import db
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse
from django.utils import translation

from stadtkern.core.problems import BadQuery, NotAllowed, Problem, TooLarge, Unavailable

log = logging.getLogger(__name__)

JSON = "application/json"
LATER = 5  # seconds


def answer_error(error: BaseException) -> HttpResponse:
    """The answer to an exception of any kind."""
    problem = as_problem(error)
    with translation.override("en"):
        body = {"code": problem.status, "type": "error", "message": str(problem)}
        if problem.fields:
            body["errors"] = {name: str(reason) for name, reason in problem.fields.items()}
    response = HttpResponse(orjson.dumps(body), content_type=JSON, status=problem.status)
    for name, text in problem.headers.items():
        response[name] = text
    return response


def as_problem(error: BaseException) -> Problem:
    """What the caller may be told about it; the rest is logged."""
    if isinstance(error, Problem):
        return error
    for kinds, tell in _KNOWN:
        if isinstance(error, kinds):
            return tell(error)
    number = secrets.token_hex(4)
    log.error("SensorThings: unexpected error %s", number, exc_info=error)
    return Unavailable(f"Something went wrong on our side. We keep it under the number {number}.", retry_after=LATER)


def _unavailable(error: BaseException) -> Problem:
    log.warning("SensorThings: the database does not answer: %s", error)
    return Unavailable("The database does not answer now; please try again.", retry_after=LATER)


def _too_slow(error: BaseException) -> Problem:
    return Unavailable(
        "This takes too long. Ask for less: a datastream, a period of phenomenonTime, fewer expansions.",
        retry_after=LATER,
    )


def _bad_value(error: BaseException) -> Problem:
    log.info("SensorThings: a value could not be computed: %s", error)
    return BadQuery("A value in this request cannot be computed: it is out of range, or of another kind than it says.")


_TOO_COMPLEX = (
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.StatementTooComplex,
    psycopg.errors.TooManyArguments,
)
_KNOWN: tuple[tuple[Any, Any], ...] = (
    ((psycopg.errors.QueryCanceled,), _too_slow),
    ((psycopg.DataError, db.DataError), _bad_value),
    (_TOO_COMPLEX, lambda _error: BadQuery("This request is too complex.")),
    ((psycopg.OperationalError, psycopg.InterfaceError, db.OperationalError, db.InterfaceError), _unavailable),
    ((PermissionDenied,), lambda _error: NotAllowed()),
    ((RequestDataTooBig,), lambda _error: TooLarge()),
    ((SuspiciousOperation,), lambda _error: BadQuery("This request is not well-formed.")),
)
