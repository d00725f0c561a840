"""What is offered under /ingest/, and what runs beside it. Files of this folder add to both when they are imported.

add_route("POST", "/ingest/lorawan/ttn", take_uplink)       # async (ingest, request) -> Answer; raises Problems
add_task(keep_subscribed)                                   # async (ingest) -> None; begun anew when it breaks
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stadtkern.core.problems import NotFound, OtherMethod
from stadtkern.hub.door.messages import Answer, Request

if TYPE_CHECKING:
    from stadtkern.hub.door.ingest import Ingest

Handler = Callable[["Ingest", Request], Awaitable[Answer]]
Task = Callable[["Ingest"], Awaitable[None]]
PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """`pattern`: a path; `{name}` stands for one part without a slash."""

    method: str
    pattern: str
    handler: Handler
    says: str = ""


@dataclass
class Table:
    """Routes by path; those with parts are tried in turn."""

    routes: list[Route] = field(default_factory=list)
    _plain: dict[str, dict[str, Route]] = field(default_factory=dict)
    _formed: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = field(default_factory=dict)

    def add(self, route: Route) -> None:
        methods = self._methods_at(route.pattern)
        if route.method in methods:
            raise RuntimeError(f"{route.method} {route.pattern} is taken by {methods[route.method].handler!r}")
        methods[route.method] = route
        self.routes.append(route)

    def handler_for(self, request: Request) -> Handler:
        """Sets request.place. Raises NotFound, OtherMethod."""
        methods = self._plain.get(request.path) or self._match(request)
        if not methods:
            raise NotFound("There is nothing at this address; GET /ingest/ says what there is.")
        route = methods.get(request.method)
        if route is None:
            raise OtherMethod(allow=", ".join(sorted(methods)))
        return route.handler

    def _methods_at(self, pattern: str) -> dict[str, Route]:
        if "{" not in pattern:
            return self._plain.setdefault(pattern, {})
        formed = re.compile(PART.sub(r"(?P<\1>[^/]+)", pattern))
        return self._formed.setdefault(pattern, (formed, {}))[1]

    def _match(self, request: Request) -> dict[str, Route]:
        for formed, methods in self._formed.values():
            if found := formed.fullmatch(request.path):
                request.place = found.groupdict()
                return methods
        return {}


ROUTES = Table()
TASKS: list[Task] = []


def add_route(method: str, pattern: str, handler: Handler, says: str = "") -> None:
    """`says`: one sentence for GET /ingest/. Raises RuntimeError when the place is taken."""
    ROUTES.add(Route(method, pattern, handler, says))


def add_task(task: Task) -> None:
    TASKS.append(task)
