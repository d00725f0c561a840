"""stadtkern hub: care for the data hub. What the worker does by the clock, at once and by hand."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, TextIO

import psycopg
from django.core.management.base import BaseCommand, CommandError

from stadtkern.core.problems import BadInput, Unavailable
from stadtkern.hub.domain.connection import here, writing
from stadtkern.hub.domain.store import (
    archive,
    distributing,
    ids,
    months,
    property_days,
    retention,
    rolling,
    shelf,
    thawing,
)
from stadtkern.hub.domain.store.status import Month, status
from stadtkern.hub.management.commands import hub_import

A_DAY = 24 * 3600.0
EXPECTED = (
    archive.NotReady,
    archive.Changed,
    shelf.NotWritten,
    distributing.NotPossible,
    psycopg.errors.LockNotAvailable,
    Unavailable,
)


class Command(BaseCommand):
    help = "Care for the data hub: partitions, rollups, archive, retention, import, distribution."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
        for verb, (meaning, arguments, _run) in VERBS.items():
            arguments(verbs.add_parser(verb, help=meaning, description=meaning))

    def handle(self, *args: Any, **options: Any) -> None:
        _meaning, _arguments, run = VERBS[options["verb"]]
        try:
            run(self.stdout, options)  # type: ignore[arg-type]
        except BadInput as error:
            faults = "; ".join(f"{name}: {reason}" for name, reason in error.fields.items())
            raise CommandError(f"{error} {faults}".strip()) from error
        except EXPECTED as error:
            raise CommandError(str(error)) from error


Options = dict[str, Any]


def _status(out: TextIO, _options: Options) -> None:
    now = status(here())
    received = f"{now.received_at:%Y-%m-%d %H:%M:%S} UTC" if now.received_at else "never"
    out.write(f"{now.values:,} values of {now.datastreams:,} datastreams, the last one received {received}")
    out.write(
        f"rollups: {now.behind:,} datastreams behind, {now.dirty_hours:,} hours and {now.stale_days:,} days to redo"
    )
    _list(out, "partition", now.partitions)
    _list(out, "archive", now.files)


def _list(out: TextIO, kind: str, found: Iterable[Month]) -> None:
    for month in found:
        out.write(f"{kind:<9} {month.name} {month.rows:>14,} rows {month.bytes / 1e6:>12,.1f} MB")


def _partitions(out: TextIO, options: Options) -> None:
    with writing() as connection:
        before = months.existing(connection)
        months.ensure_ahead(connection, options["ahead"])
        made = sorted(months.existing(connection) - before)
    out.write(f"made: {', '.join(months.name_of(month) for month in made) or 'none, all are there'}")


def _roll(out: TextIO, _options: Options) -> None:
    steps = rolling.roll(seconds=A_DAY)
    days = property_days.refresh(seconds=A_DAY)
    out.write(f"rolled up in {steps} steps, city-wide days in {days}")


def _archive(out: TextIO, options: Options) -> None:
    if options["month"] is not None:
        done = [options["month"]] if archive.archive(options["month"]) else []
    else:
        done = archive.archive_older_than(timedelta(days=options["older_than"]))
    out.write(f"archived: {_names(done) or 'nothing to do'}")


def _thaw(out: TextIO, options: Options) -> None:
    with writing() as connection:
        there = thawing.thaw(connection, options["month"])
    out.write("back in the tables; the nightly job archives it again" if there else "this month is not archived")


def _retention(out: TextIO, _options: Options) -> None:
    rolling.roll(seconds=A_DAY)
    out.write(f"{retention.retain():,} values were past their time and are deleted")


def _distribute(out: TextIO, _options: Options) -> None:
    for line in distributing.distribute():
        out.write(line)


def _import(out: TextIO, options: Options) -> None:
    done = hub_import.run(options["definition"], options["folder"], out)
    if done and done.failed:
        raise CommandError(f"{len(done.failed)} files could not be read")


def _names(done: Iterable[int]) -> str:
    return ", ".join(f"{ids.first_moment(month):%Y-%m}" for month in done)


def _month(text: str) -> int:
    """YYYY-MM as the number of the month."""
    try:
        return ids.month_of_day(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a month, say YYYY-MM") from error


def _nothing(_parser: ArgumentParser) -> None:
    pass


def _one_month(parser: ArgumentParser) -> None:
    parser.add_argument("month", type=_month, help="YYYY-MM")


def _months_ahead(parser: ArgumentParser) -> None:
    parser.add_argument("--ahead", type=int, default=3, help="how many months ahead")


def _which_months(parser: ArgumentParser) -> None:
    parser.add_argument("month", nargs="?", type=_month, help="one month, YYYY-MM")
    usual = archive.KEEP_IN_TABLES.days
    parser.add_argument("--older-than", type=int, default=usual, help=f"days since a month's end (usually {usual})")


VERBS: dict[str, tuple[str, Callable[[ArgumentParser], None], Callable[[TextIO, Options], None]]] = {
    "status": ("Values, rollups, partitions and archived months.", _nothing, _status),
    "partitions": ("Make the partitions of this month and the next ones.", _months_ahead, _partitions),
    "roll": ("Bring hourly and daily figures up to date.", _nothing, _roll),
    "archive": ("Move closed months into Parquet files.", _which_months, _archive),
    "thaw": ("Bring an archived month back into the tables.", _one_month, _thaw),
    "retention": ("Delete values that are past their datastream's time.", _nothing, _retention),
    "import": ("Bring files in, as a definition of the city's pack says.", hub_import.add_arguments, _import),
    "distribute": ("Spread the tables over the nodes of a Citus cluster.", _nothing, _distribute),
}
