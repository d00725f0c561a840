"""Bring reports of another system in."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stadtkern.core.city import city
from stadtkern.core.problems import BadInput
from stadtkern.reports.domain.imports.mapping import read_mapping
from stadtkern.reports.domain.imports.reading import open_source
from stadtkern.reports.domain.imports.running import ImportRun, Outcome

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class Command(BaseCommand):
    help = "Import reports from a CSV or GeoJSON file by a mapping; running it again makes no doubles."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to read")
        parser.add_argument("--mapping", type=Path, required=True, help="mapping file, or its name in the pack")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--rejects", type=Path, help="write rejected rows with reasons to this file")
        parser.add_argument(
            "--repeats",
            choices=["load", "count"],
            default="load",
            help="rows listed again: each a report (load), or support of the first (count)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = open_source(options["file"], read_mapping(_mapping(options["mapping"])))
        except BadInput as error:
            faults = "".join(f"\n  {name}: {reason}" for name, reason in error.fields.items())
            raise CommandError(f"{error}{faults}") from error
        began = time.perf_counter()
        with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
            bar = progress.add_task("reports", total=source.count())
            run = ImportRun(
                source,
                dry=options["dry_run"],
                repeats=options["repeats"],
                rejects=options["rejects"],
                tell=lambda rows: progress.advance(bar, rows),
            )
            outcome = run.run()
        self._tell(outcome, time.perf_counter() - began, dry=options["dry_run"])

    def _tell(self, outcome: Outcome, seconds: float, *, dry: bool) -> None:
        verb = "would be kept" if dry else "kept"
        self.stdout.write(f"{outcome.kept} {verb} in {seconds:.1f} s ({outcome.kept / max(seconds, 0.001):.0f}/s)")
        self.stdout.write(
            f"{outcome.known} known already, {outcome.repeated} repeats counted, {outcome.rejected} rejected"
        )
        for reason, count in outcome.reasons.most_common(10):
            self.stdout.write(f"  {count} x {reason}")


def _mapping(path: Path) -> Path:
    inside = city().path("mappings") / f"{path.name.removesuffix('.toml')}.toml"
    return path if path.is_file() or not inside.is_file() else inside
