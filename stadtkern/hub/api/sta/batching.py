"""Requests in one: what a batch is, however it was written (JSON or multipart), and how it is done.

Requests of one atomicity group (changeset) stand or fall together; all others each by themselves, in the order given.
`$name` in an address or in an `@iot.id` stands for the entity that the request of that name has created.
Source: OData 4.01 part 1, clause 11.7; OGC 18-088, clause 11.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from stadtkern.core.problems import BadQuery, DependencyFailed, Problem, TooLarge, Unavailable
from stadtkern.hub.api.sta.answers import Answer, answer_of
from stadtkern.hub.api.sta.errors import LATER

MOST_REQUESTS = 1_000
MOST_ANSWERED = 20_000_000  # bytes of all answers together
MOST_SECONDS = 50.0  # then the rest is not begun
TOO_LARGE = "The answers of this batch are too large; ask in smaller ones."
READ = "GET"
METHODS = (READ, "POST", "PATCH", "PUT", "DELETE")
NAME = re.compile(r"[A-Za-z0-9_.:,;-]{1,100}")
_ENTITY = re.compile(r"([A-Za-z]+)\((\d+)\)$")
_REFERENCE = re.compile(r"^\$([A-Za-z0-9_.:,;-]+?)(?=/|\?|$)")
_REFERENCE_AS_ID = re.compile(r"\(\$([A-Za-z0-9_.:,;-]+)\)")


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch. `path` is below the service root, with its query; `group` "": it stands alone."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    group: str = ""
    needs: tuple[str, ...] = ()


Do = Callable[[Part], Answer]


@dataclass(slots=True)
class Batch:
    """The requests so far: answers by name, entities created by name, groups that failed."""

    do: Do
    answers: dict[str, Answer] = field(default_factory=dict)
    created: dict[str, tuple[str, int]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    answered: int = 0
    end: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def run(self, parts: Sequence[Part]) -> list[Answer]:
        """All answers, in the order of the requests."""
        for group, together in groupby(parts, lambda part: part.group):
            if group:
                self._group(group, list(together))
            else:
                for part in together:
                    self._note(part, self._one(part))
        return [self.answers[part.name] for part in parts]

    def _group(self, group: str, parts: list[Part]) -> None:
        """All or nothing: the first failure undoes what came before and keeps what comes after from being tried."""
        before = dict(self.created)
        tried: list[tuple[Part, Answer]] = []
        with transaction.atomic():
            for part in parts:
                answer = self._one(part)
                tried.append((part, answer))
                if not answer.is_good:
                    transaction.set_rollback(True)
                    break
                self._learn(part, answer)
        if tried[-1][1].is_good:
            for part, answer in tried:
                self._note(part, answer)
            return
        self.created = before
        self.failed |= {group}
        self._note(*tried[-1])
        for part in parts:
            if part is not tried[-1][0]:
                failed = DependencyFailed(f"{tried[-1][0].name} of the same group failed; nothing was kept.")
                self._note(part, answer_of(failed))

    def _one(self, part: Part) -> Answer:
        try:
            self._check_room(part)
            if missing := [name for name in part.needs if name in self.failed]:
                raise DependencyFailed(f"It depends on {missing[0]}, which failed.")
            return self.do(self._resolved(part))
        except Problem as problem:
            return answer_of(problem)

    def _check_room(self, part: Part) -> None:
        """Raises Unavailable when the time is over, TooLarge for a read there is no room for."""
        if time.monotonic() > self.end:
            raise Unavailable("This batch takes too long; send from here on again.", retry_after=LATER)
        if part.method == READ and self.answered > MOST_ANSWERED:
            raise TooLarge(TOO_LARGE)

    def _note(self, part: Part, answer: Answer) -> None:
        """What was written stays written: there only the body is left out when there is no room."""
        self.answered += len(answer.body)
        if self.answered > MOST_ANSWERED and answer.is_good:
            answer = answer_of(TooLarge(TOO_LARGE)) if part.method == READ else replace(answer, body=b"")
        self.answers[part.name] = answer
        if answer.is_good:
            self._learn(part, answer)
        else:
            self.failed.add(part.name)

    def _learn(self, part: Part, answer: Answer) -> None:
        if found := _ENTITY.search(answer.headers.get("Location", "")):
            self.created[part.name] = found[1], int(found[2])

    def _resolved(self, part: Part) -> Part:
        """With ids in the place of names. Raises BadQuery for a name nobody has created."""

        def path_of(found: re.Match[str]) -> str:
            target, id = self._entity(found[1])
            return f"{target}({id})"

        path, mark, query = part.path.partition("?")
        path = _REFERENCE.sub(path_of, path)
        path = _REFERENCE_AS_ID.sub(lambda found: f"({self._entity(found[1])[1]})", path)
        return replace(part, path=path + mark + query, body=self._with_ids(part.body))

    def _with_ids(self, body: Any) -> Any:
        if isinstance(body, list):
            return [self._with_ids(one) for one in body]
        if not isinstance(body, dict):
            return body
        return {name: self._id(name, value) for name, value in body.items()}

    def _id(self, name: str, value: Any) -> Any:
        if name == "@iot.id" and isinstance(value, str) and value.startswith("$"):
            return self._entity(value[1:])[1]
        return self._with_ids(value)

    def _entity(self, name: str) -> tuple[str, int]:
        if name not in self.created:
            raise BadQuery(f"no request named {name[:40]!r} has created anything before this one")
        return self.created[name]


def checked(parts: Sequence[Part]) -> Sequence[Part]:
    """Raises BadQuery for what no batch can be."""
    if len(parts) > MOST_REQUESTS:
        raise BadQuery(f"a batch has at most {MOST_REQUESTS} requests")
    seen: set[str] = set()
    groups = [group for group, _parts in groupby(parts, lambda part: part.group) if group]
    if len(set(groups)) != len(groups):
        raise BadQuery("requests of one atomicity group stand together")
    for part in parts:
        _check(part, seen)
        seen |= {part.name, part.group} - {""}
    return parts


def below_root(address: str, root: str) -> str:
    """The part of an address below the service root: relative, absolute path, or whole. Raises BadQuery."""
    if address.startswith("$"):
        return address
    base = urlsplit(root)
    for start in (f"{root}/", f"{base.path}/"):
        if address.startswith(start):
            return address[len(start) :]
    if address.startswith("/") or "://" in address.partition("?")[0]:
        raise BadQuery(f"{address[:80]!r} is no address of this service")
    return address


def _check(part: Part, seen: set[str]) -> None:
    if not NAME.fullmatch(part.name):
        raise BadQuery(f"the id of a request has letters, digits and _.:,;- only, not {part.name[:40]!r}")
    if part.name in seen:
        raise BadQuery(f"two requests (or groups) are named {part.name!r}")
    if part.method not in METHODS:
        raise BadQuery(f"a request is {', '.join(METHODS)}, not {part.method[:20]!r}")
    if part.path.lstrip("/").startswith("$batch"):
        raise BadQuery("a batch in a batch is none")
    if missing := [name for name in part.needs if name not in seen]:
        raise BadQuery(f"{part.name!r} depends on {missing[0][:40]!r}, which does not come before it")
