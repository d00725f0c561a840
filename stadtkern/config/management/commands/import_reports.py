"""Bring reports of another system in."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from stadtkern.core.city import city
from stadtkern.core.problems import BadInput
from stadtkern.reports.domain.imports.mapping import read_mapping
from stadtkern.reports.domain.imports.previewing import SHOWN, Preview, preview
from stadtkern.reports.domain.imports.reading import Source, open_source
from stadtkern.reports.domain.imports.running import ImportRun, Outcome

COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class Command(BaseCommand):
    help = "Import reports from a CSV or GeoJSON file by a mapping; running it again makes no doubles."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to read")
        parser.add_argument("--mapping", type=Path, required=True, help="mapping file, or its name in the pack")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument(
            "--preview",
            type=int,
            default=0,
            metavar="N",
            help="show the first N rows as they would be stored and the columns that are not used; write nothing",
        )
        parser.add_argument("--notes", type=Path, help="write rows that are kept, but cut or damaged, to this file")
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
        if options["preview"] > 0:
            self._show(preview(source, options["preview"]))
        if options["dry_run"] or options["preview"] <= 0:
            self._import(source, **options)

    def _show(self, found: Preview) -> None:
        table = Table(title=f"first {len(found.rows)} rows as they would be stored", show_lines=True)
        for name in ("line", *SHOWN, "notes"):
            table.add_column(name, overflow="fold")
        for row in found.rows:
            told = "; ".join(row.notes) or (f"rejected: {row.rejected}" if row.rejected else "")
            cells = (str(row.line), *(row.stored.get(name, "") for name in SHOWN), told)
            table.add_row(*(escape(cell) for cell in cells))
        console = Console(width=None if self.stdout.isatty() else 200)
        with console.capture() as printed:
            console.print(table)
            console.print(f"columns that are not used: {escape(', '.join(found.unmapped)) or '-'}")
        self.stdout.write(printed.get())

    def _import(self, source: Source, **options: Any) -> None:
        began = time.perf_counter()
        with Progress(*COLUMNS, console=Console(stderr=True)) as progress:
            bar = progress.add_task("reports", total=source.count())
            run = ImportRun(
                source,
                dry=options["dry_run"],
                repeats=options["repeats"],
                rejects=options["rejects"],
                notes=options["notes"],
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
        for note, count in outcome.notes.most_common(10):
            self.stdout.write(f"  kept, but {count} x {note}")


def _mapping(path: Path) -> Path:
    inside = city().path("mappings") / f"{path.name.removesuffix('.toml')}.toml"
    return path if path.is_file() or not inside.is_file() else inside
