"""`stadtkern up`: everything a city needs, on one port, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from rich.console import Console

from stadtkern.config.run import processes, steps
from stadtkern.config.run.demo import logins
from stadtkern.config.run.family import DidNotStart, Family, bury
from stadtkern.config.run.installation import Installation, Occupied, occupy
from stadtkern.config.run.postgres import DoesNotStart
from stadtkern.config.run.tether import HEAD

console = Console(highlight=False, soft_wrap=True)


class PortTaken(RuntimeError):
    """Somebody else listens on our port."""


def up(*, demo: bool, city: bool = True) -> int:
    """Start everything, watch it, end it by Ctrl-C or SIGTERM; returns the exit code."""
    begun = time.monotonic()
    if demo:
        os.environ.setdefault("STADTKERN_DEMO", "yes")
    installation = Installation.here()
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, signal.default_int_handler)
    try:
        with occupy(installation):
            return _live(installation, demo=demo, city=city, begun=begun)
    except (Occupied, PortTaken, DidNotStart, DoesNotStart) as error:
        console.print(f"[bold red]✗[/] {_plain(str(error))}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped before the start was complete.")
        return 130


def _live(installation: Installation, *, demo: bool, city: bool, begun: float) -> int:
    family = Family(
        register=installation.folder("run") / "family.json",
        logs=installation.folder("logs"),
        environment=installation.environment() | {HEAD: str(os.getpid())},
        say=lambda text: console.print(f"[yellow]![/] {_plain(text)}"),
    )
    _clear_the_ground(installation, family)
    try:
        _begin(installation, family, demo=demo, city=city)
        _announce(installation, demo=demo, seconds=time.monotonic() - begun)
        _complete(installation, family)
        family.watch()
    except KeyboardInterrupt:
        console.print("\nEnding …")
    finally:
        for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(told, signal.SIG_IGN)
        family.stop()
    console.print("Everything has ended. The data is kept.")
    return 0


def _clear_the_ground(installation: Installation, family: Family) -> None:
    """What a killed predecessor left must be gone before we take its port and its data."""
    if old := bury(family.register):
        console.print(f"[yellow]![/] The last run was killed; it has now ended: {', '.join(old)}")
    if not processes.port_is_free(installation.bind, installation.port):
        raise PortTaken(
            f"Port {installation.port} is taken by another program. Choose another one: STADTKERN_PORT=8001 make run"
        )


def _begin(installation: Installation, family: Family, *, demo: bool, city: bool) -> None:
    if not installation.external_database:
        if installation.cluster.folder.exists() and installation.cluster.answers():
            installation.cluster.stop()  # started by hand; from now on it is one of ours
        with _shown("PostgreSQL"):
            family.start(processes.database(installation))
            installation.cluster.ensure_database()
    todo = [steps.migrate(installation), steps.collect_static(installation)]
    todo += [steps.load_city(installation, demo=demo)] if city else []
    for step in todo:
        if steps.due(installation, step):
            with _shown(step.says):
                steps.perform(installation, step)
    with _shown("Pages and front"):
        family.start(processes.pages(installation), processes.front(installation))


def _complete(installation: Installation, family: Family) -> None:
    """The parts nobody waits for: they would only take the processors from the pages that are being loaded."""
    with _shown("Door and worker"):
        family.start(processes.door(installation), processes.worker(installation))


@contextmanager
def _shown(what: str) -> Iterator[None]:
    begun = time.monotonic()
    with console.status(f"{what} …"):
        yield
    console.print(f"[green]✓[/] {what} [dim]{time.monotonic() - begun:.1f} s[/]")


def _announce(installation: Installation, *, demo: bool, seconds: float) -> None:
    address = installation.environment()["STADTKERN_URL"]
    console.print(f"\n[bold]{_plain(address)}[/]  ready after {seconds:.1f} s")
    if demo:
        for login in logins(installation):
            console.print(f"  {_plain(login)}")
    console.print(f"[dim]Data and logs: {_plain(str(installation.data))}   End with Ctrl-C[/]\n")


def _plain(text: str) -> str:
    """Square brackets in a message are text, not rich's markup."""
    return text.replace("[", r"\[")


@contextmanager
def borrowed_database(installation: Installation) -> Iterator[None]:
    """For one command: the tables answer; the embedded server is started and ended when it is not running."""
    if installation.external_database or (installation.cluster.folder.exists() and installation.cluster.answers()):
        psycopg.connect(installation.dsn).close()
        yield
        return
    with occupy(installation):
        register = installation.folder("run") / "family.json"
        bury(register)
        family = Family(register, installation.folder("logs"), installation.environment(), console.print)
        try:
            family.start(processes.database(installation))
            installation.cluster.ensure_database()
            yield
        finally:
            family.stop()
