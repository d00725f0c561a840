"""`stadtkern doctor`: look at the whole installation; every finding comes with a remedy."""

from collections.abc import Iterator

import django
import psycopg
from rich.console import Console

from stadtkern.config.check import database, machine, photos, safety
from stadtkern.config.check.finding import Check, Finding, Level, fault
from stadtkern.config.run.installation import Installation, Occupied
from stadtkern.config.run.postgres import DoesNotStart
from stadtkern.config.run.up import borrowed_database

OF_MACHINE: list[Check] = [
    machine.python,
    machine.disk,
    machine.data_folder,
    machine.files,
    machine.mail,
    photos.detectors,
]
OF_SAFETY: list[Check] = [
    safety.secret_key,
    safety.second_factor,
    safety.public_address,
    safety.proxies,
    safety.debugging,
    safety.city_pack,
]
OF_DATABASE: list[Check] = [
    database.server,
    database.durability,
    database.migrations,
    database.background_work,
    database.clock,
]
MARKS = {Level.GOOD: "[green]✓[/]", Level.WARNING: "[yellow]![/]", Level.FAULT: "[bold red]✗[/]"}


def report() -> int:
    """Print all findings; exit code 1 when there is a fault."""
    console = Console(highlight=False, soft_wrap=True)
    findings = []
    for finding in examine(Installation.here()):
        findings.append(finding)
        console.print(f"{MARKS[finding.level]} {finding.what}", markup=True)
        if finding.remedy:
            console.print(f"    {finding.remedy}", markup=False)
    faults = sum(finding.level == Level.FAULT for finding in findings)
    warnings = sum(finding.level == Level.WARNING for finding in findings)
    console.print(f"{faults} faults, {warnings} warnings, {len(findings) - faults - warnings} good")
    return 1 if faults else 0


def examine(installation: Installation) -> Iterator[Finding]:
    """Every check, the database's last; one that breaks is itself a fault."""
    import os

    os.environ.update(installation.environment())
    django.setup()
    yield from _all(OF_MACHINE + OF_SAFETY)
    try:
        with borrowed_database(installation):
            yield from _all(OF_DATABASE)
    except (psycopg.Error, DoesNotStart, Occupied) as error:
        remedy = "Start the installation (`stadtkern up`), or check DATABASE_URL."
        yield fault(f"The database does not answer: {str(error).splitlines()[0]}", remedy)


def _all(checks: list[Check]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from check()
        except (psycopg.Error, DoesNotStart, Occupied):
            raise
        except Exception as error:  # a check that breaks must not hide the others
            name = check.__name__.replace("_", " ")
            yield fault(
                f"Looking at {name} broke: {type(error).__name__}: {error}",
                "Please report this as a fault of Stadtkern.",
            )
