"""stadtkern manage mirror_open311: bring another city's requests into our reports, each once."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.reports.domain.mirroring import mirror
from stadtkern.reports.domain.remote311 import SaysNo, Unreachable


class Command(BaseCommand):
    help = "Bring the requests of another Open311 server into our reports, each once; later states follow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="its endpoint, e.g. https://other.example/open311/v2")
        parser.add_argument("--jurisdiction", default="", help="its jurisdiction_id")
        parser.add_argument("--since", type=_day, help="first day, YYYY-MM-DD (default: 90 days ago)")
        parser.add_argument("--category", action="append", default=[], type=_pair, help="THEIRS=ours, may be repeated")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = mirror(
                options["url"],
                options["jurisdiction"],
                since=options["since"] or clock.now() - timedelta(days=90),
                categories=dict(options["category"]),
                dry=options["dry_run"],
                tell=lambda line: self.stderr.write(f"\r{line}", ending=""),
            )
        except (SaysNo, Unreachable) as error:
            raise CommandError(f"{options['url']}: {error}") from error
        for number, reason in done.left_out:
            self.stdout.write(f"{number}: {reason}")
        counts = len(done.made), len(done.changed), len(done.same), len(done.left_out)
        self.stdout.write("{} new, {} changed, {} as they were, {} left out".format(*counts))
        if options["dry_run"]:
            self.stdout.write("dry run: nothing was kept")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(city().timezone))


def _pair(text: str) -> tuple[str, str]:
    theirs, _equals, ours = text.partition("=")
    if not theirs or not ours:
        raise ValueError("say THEIRS=ours")
    return theirs, ours
