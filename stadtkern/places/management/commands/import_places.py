"""Import places from files of the city, as the pack's imports.toml says."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stadtkern.core.problems import Problem
from stadtkern.places.domain.importing import Outcome, import_places

SHOWN_REJECTS = 10


class Command(BaseCommand):
    help = "Import places from a folder of files (see the pack's imports.toml); running it again corrects."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds the files")
        parser.add_argument("--only", default="", help="the key of one import")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcomes = import_places(options["folder"], only=options["only"], dry_run=options["dry_run"])
        except Problem as problem:
            raise CommandError(f"{problem} {problem.fields}") from problem
        for outcome in outcomes:
            self._tell(outcome)

    def _tell(self, outcome: Outcome) -> None:
        line = f"{outcome.key}: {outcome.rows} rows, {outcome.places} places, {outcome.addresses} addresses and streets"
        self.stdout.write(f"{line}, {len(outcome.rejects)} not taken")
        for reason, count in outcome.reasons.most_common():
            self.stdout.write(f"  {count} x {reason}")
        for reject in outcome.rejects[:SHOWN_REJECTS]:
            self.stdout.write(f"    line {reject.line}: {reject.reason}: {reject.words}")
