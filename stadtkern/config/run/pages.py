"""The pages as a process of the family: Django is loaded once, then granian forks its workers from it.

So several web workers start in the time of one and share the memory of everything that was imported.
"""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from stadtkern.config.run import tether

CHUNK = 65_536
Environment = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environment, Start], Iterable[bytes]]


def serve(*, socket: Path, workers: int) -> None:
    """Answer pages on a unix socket until told to end."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    application = load()
    Granian(
        "stadtkern.config.wsgi:application",
        uds=socket,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=2,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve(target_loader=lambda: _in_worker(application), wrap_loader=False)


def load() -> Application:
    """Import everything that a request needs, and leave nothing open that a fork must not inherit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
    from django.db import connections
    from django.urls import get_resolver

    from stadtkern.config.wsgi import application

    _ = get_resolver().url_patterns
    connections.close_all()
    return read_to_the_end(application)


def _in_worker(application: Application) -> Application:
    tether.follow_parent()
    return application


def read_to_the_end(application: Application) -> Application:
    """The same application, after which nothing of a request is left unread.

    A view that refuses a large body answers before it has read it; a proxy that is still sending would see a broken
    connection instead of the answer. The front limits the size of what is read away here.
    """

    def whole(environment: Environment, start_response: Start) -> Iterable[bytes]:
        answer = application(environment, start_response)
        if environment.get("CONTENT_LENGTH") not in (None, "", "0"):
            _read_away(environment["wsgi.input"])
        return answer

    return whole


def _read_away(body: Any) -> None:
    while body.read(CHUNK):
        continue


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m stadtkern.config.run.pages")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args()
    serve(socket=given.socket, workers=given.workers)
