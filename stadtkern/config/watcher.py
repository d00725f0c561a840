"""Who watches the desk: the person behind a session cookie and how far the rights reach."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest

from stadtkern.people.domain import second_factor
from stadtkern.people.models import Person
from stadtkern.people.rights import NOWHERE, Reach, actions, is_staff, reach

USUAL = "reports.read"


@dataclass(frozen=True)
class Watcher:
    """A signed-in person; `covers(payload)` says whether an event is for them."""

    person_id: int
    staff: bool
    covers: Callable[[dict[str, Any]], bool]


def watcher_of(session_key: str) -> Watcher | None:
    """The person of a session, checked as Django checks it (signature, age, password change)."""
    try:
        request = cast(HttpRequest, SimpleNamespace(session=SessionStore(session_key)))
        person = get_user(request)
        if not isinstance(person, Person) or not person.is_active:
            return None
        second_factor.hold_back_unproven(person, request.session)
        return Watcher(person.pk, is_staff(person), _rule(person))
    finally:
        connection.close()  # the door waits for hours between two looks


def _rule(person: Person) -> Callable[[dict[str, Any]], bool]:
    """An event is about an organisation and may name the action whose right one needs to see it."""
    reaches: dict[str, Reach] = {action.key: reach(person, action.key) for action in actions}

    def covers(payload: dict[str, Any]) -> bool:
        about = payload.get("organisation_id")
        mine = reaches.get(str(payload.get("action", USUAL)), NOWHERE)
        return about is not None and mine.covers(about)

    return covers
