"""Load the city pack into the tables."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from stadtkern.core.loading import load_city


class Command(BaseCommand):
    help = "Load the city pack (STADTKERN_CITY) into the tables; running it again is safe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also load the demo people and reports")

    def handle(self, *args: Any, **options: Any) -> None:
        load_city(demo=options["demo"], tell=self.stdout.write)
