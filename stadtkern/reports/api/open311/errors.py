"""The error body of Open311: HTTP 404 for what is not there, 403 for the key, 400 for everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import Problem


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of the body. `code` is mostly the HTTP status and may be finer."""

    code: int
    description: str


class Refused(Exception):
    """A request that is not granted: the HTTP status and everything that is wrong with it."""

    def __init__(
        self, status: int, *descriptions: Any, code: int | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(*descriptions)
        self.status = status
        self.faults: Sequence[Fault] = tuple(Fault(code or status, str(text)) for text in descriptions)
        self.retry_after = retry_after


NAMES = {"category": "service_code", "text": "description", "place": "lat, long", "photos": "media"}
KEPT = {403, 404, 429, 503}


def as_refused(error: Exception) -> Refused | None:
    """What a caller of Open311 is told about an error of ours or of Django; None: it was not expected."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Problem):
        return _from_problem(error)
    if isinstance(error, RequestDataTooBig):
        return Refused(400, _("Die Anfrage ist zu groß."), code=413)
    if isinstance(error, BadRequest | SuspiciousOperation | MultiPartParserError | UnicodeError):
        return Refused(400, _("Die Anfrage ist nicht lesbar. Bitte senden Sie sie als Formular in UTF-8."))
    return None


def _from_problem(problem: Problem) -> Refused:
    """400 for every problem that is not one of the codes the standard (404, 403) or HTTP itself (429, 503) keeps."""
    status = problem.status if problem.status in KEPT else 400
    texts = [f"{_outside_name(name)}: {reason}" for name, reason in problem.fields.items()] or [str(problem)]
    if problem.fields and problem.detail:
        texts.insert(0, str(problem))
    code = None if status != 400 or problem.status in {400, 422} else problem.status
    return Refused(status, *texts, code=code, retry_after=problem.retry_after)


def _outside_name(field: str) -> str:
    head, _dot, code = field.partition(".")
    return f"attribute[{code}]" if head == "answers" and code else NAMES.get(field, field)
