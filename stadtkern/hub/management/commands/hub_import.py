"""stadtkern hub import: bring the files of a folder in, as a definition of the city's pack says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting.imports.definition import definition_named, definitions
from stadtkern.hub.domain.connecting.imports.found import Found, found_in
from stadtkern.hub.domain.connecting.imports.loading import Loaded, import_folder
from stadtkern.hub.domain.connecting.keeping import COUNTED
from stadtkern.hub.domain.store.rolling import roll
from stadtkern.hub.models import Run

ROLLING = 120.0  # seconds at most
WORDS = {
    "rows": "rows read",
    "repeated_rows": "of them repeated",
    "created": "values created",
    "corrected": "values corrected",
    "duplicates": "values that were there",
    "rejected": "rejected",
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("definition", nargs="?", help="a key of the pack's hub/*.toml, or a file; none: list them")
    parser.add_argument("folder", nargs="?", type=Path, help="where the files are; folders in it are looked into")


def run(definition: str | None, folder: Path | None, out: TextIO) -> Loaded | None:
    """Raises BadInput. Afterwards the rollups are whole, so that the findings are those of all values."""
    if not definition or folder is None:
        for one in definitions():
            out.write(f"{one.key}: {one.name} ({one.files})\n")
        return None
    done = import_folder(definition_named(definition), folder, tell=lambda run: _tell(run, out))
    for name in COUNTED:
        out.write(f"{WORDS[name]}: {done.counts[name]:,}\n")
    for reason, count in done.reasons.most_common():
        out.write(f"  {count:,} x {reason}\n")
    roll(seconds=ROLLING)
    _tell_found(found_in(done.runs[-1].connector), out)
    return done


def _tell_found(found: Found, out: TextIO) -> None:
    """What all values of the source hold now; by name those datastreams that have something to say."""
    out.write(f"datastreams: {len(found.series):,}, values: {found.count:,}, missing: {found.missing:,}\n")
    out.write(f"values with a finding: {found.flagged:,}, of them bad: {found.bad:,}\n")
    for one in found.series:
        if one.flagged or one.empty_days:
            out.write(f"  {one.thing}, {one.name}: {one.flagged:,} found, {one.empty_days:,} days without a value\n")


def _tell(run: Run, out: TextIO) -> None:
    out.write(f"{run.file_name}: {run.rows:,} rows, {run.created:,} new, {run.duplicates:,} known {run.error}\n")


class Command(BaseCommand):
    help = "Bring the files of a folder in, as a definition of the city's pack says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = run(options["definition"], options["folder"], self.stdout)  # type: ignore[arg-type]
        except BadInput as error:
            faults = "; ".join(f"{name}: {reason}" for name, reason in error.fields.items())
            raise CommandError(f"{error} {faults}") from error
        if done and done.failed:
            raise CommandError(f"{len(done.failed)} files could not be read")
