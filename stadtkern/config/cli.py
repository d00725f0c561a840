"""`stadtkern`: the operator's command line.

Every command is a line in COMMANDS; `stadtkern help` and the handbook's test read the same table.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stadtkern.config.run.installation import Installation

Arguments = argparse.Namespace


@dataclass(frozen=True)
class Command:
    """One word after `stadtkern`, what it is for, its options and what it does."""

    word: str
    purpose: str
    run: Callable[[Arguments], int]
    options: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    database: bool = True


def _up(arguments: Arguments) -> int:
    from stadtkern.config.run.up import up

    return up(demo=arguments.demo, city=not arguments.no_city)


def _up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="with demo people, demo reports and known logins")
    parser.add_argument("--no-city", action="store_true", help="do not load the city pack (after a restore)")


def _work(arguments: Arguments) -> int:
    from stadtkern.config.run.worker import work

    work(concurrency=arguments.concurrency, once=arguments.once)
    return 0


def _work_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=4, help="jobs done side by side")
    parser.add_argument("--once", action="store_true", help="end when the queue is empty")


def _doctor(arguments: Arguments) -> int:
    from stadtkern.config.doctor import report

    return report()


def _backup(arguments: Arguments) -> int:
    from stadtkern.config.archive import backup

    return backup(arguments.file)


def _backup_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the archive to write (.tar)")


def _restore(arguments: Arguments) -> int:
    from stadtkern.config.archive import restore

    return restore(arguments.file)


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="an archive written by `stadtkern backup`")


def _retention(arguments: Arguments) -> int:
    from stadtkern.config.upkeep import retention

    return retention(run=arguments.what == "run")


def _retention_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["list", "run"], nargs="?", default="list")


def _failed_jobs(arguments: Arguments) -> int:
    from stadtkern.config.upkeep import failed_jobs

    return failed_jobs(again=arguments.what == "retry", ids=arguments.job)


def _failed_jobs_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["list", "retry"], nargs="?", default="list")
    parser.add_argument("job", type=int, nargs="*", help="numbers of jobs; none: all of them")


def _new_city(arguments: Arguments) -> int:
    from stadtkern.config.new_city import new_city

    return new_city(
        arguments.key,
        name=arguments.name,
        boundary=arguments.boundary,
        districts=arguments.districts,
        subdivision=arguments.subdivision,
    )


def _new_city_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", help="name of the pack's folder, e.g. herne")
    parser.add_argument("--name", required=True, help='the city\'s name, e.g. "Herne"')
    parser.add_argument("--boundary", type=Path, required=True, help="its outline, a GeoJSON file in degrees")
    parser.add_argument("--districts", type=Path, help="its districts, a GeoJSON file; without: one district")
    parser.add_argument("--subdivision", default="NW", help="the state, as in ISO 3166-2: NW, BY, BE ...")


def _passed_on(word: str, purpose: str) -> Command:
    """A command of Django or of a module, under the operator's name for it; its options are its own."""

    def run(arguments: Arguments) -> int:
        from django.core.management import execute_from_command_line

        execute_from_command_line([f"stadtkern {word}", word.replace("-", "_"), *arguments.rest])
        return 0

    return Command(word, purpose, run)


def _manage(arguments: Arguments) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["stadtkern manage", *arguments.rest])
    return 0


PASSED_ON = [
    _passed_on("migrate", "Bring the tables up to date."),
    _passed_on("load-city", "Load the city pack into the tables; may be repeated."),
    _passed_on("import-reports", "Import reports from a file with a mapping; can be interrupted and resumed."),
    _passed_on("hub", "Care for the data hub: partitions, rollups, archive, retention, import, distribution."),
    Command("manage", "Any other command of Django, e.g. `stadtkern manage shell`.", _manage),
]
OWN = [
    Command("up", "Start everything on one port, until Ctrl-C.", _up, _up_options, database=False),
    Command("work", "Do background jobs (one more worker, on any machine).", _work, _work_options),
    Command("doctor", "Check this installation; every finding comes with a remedy.", _doctor, database=False),
    Command("backup", "Write tables and files into one archive.", _backup, _backup_options),
    Command("restore", "Fill an empty installation from an archive.", _restore, _restore_options),
    Command(
        "retention",
        "List or run the rules that delete what is no longer needed.",
        _retention,
        _retention_options,
    ),
    Command(
        "failed-jobs",
        "List background jobs that failed, or have them done again.",
        _failed_jobs,
        _failed_jobs_options,
    ),
    Command("new-city", "Begin a city pack.", _new_city, _new_city_options, database=False),
]
COMMANDS = {command.word: command for command in [*OWN, *PASSED_ON]}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("help", "-h", "--help"):
        return _help(words[1:])
    command = COMMANDS.get(words[0])
    if command is None:
        print(f"There is no command {words[0]!r}. `stadtkern help` lists them.", file=sys.stderr)
        return 2
    arguments = _read(command, words[1:])
    _prepare()
    return _run(command, arguments)


def _help(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        command = COMMANDS[words[0]]
        if command not in PASSED_ON:
            _parser(command).print_help()
            return 0
        _prepare()
        return _run(command, Arguments(rest=["--help"]))
    print("stadtkern <command> [options]\n")
    for command in COMMANDS.values():
        print(f"  {command.word:<16}{command.purpose}")
    print("\n`stadtkern help <command>` tells the options. Settings come from the environment.")
    return 0


def _read(command: Command, words: list[str]) -> Arguments:
    return Arguments(rest=words) if command in PASSED_ON else _parser(command).parse_args(words)


def _parser(command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"stadtkern {command.word}", description=command.purpose)
    command.options(parser)
    return parser


def _prepare() -> None:
    """Settings for every command; the secret key is made once when the operator has given none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
    root = Path(__file__).resolve().parents[2]
    from stadtkern.config.run.installation import keep_secret_key

    keep_secret_key(Path(os.environ.get("STADTKERN_DATA", root / ".data")))


def _run(command: Command, arguments: Arguments) -> int:
    from django.core.exceptions import ImproperlyConfigured

    from stadtkern.config.run.installation import Installation, Occupied
    from stadtkern.config.run.postgres import DoesNotStart

    try:
        if not command.database:
            return command.run(arguments)
        return _with_database(command, arguments, Installation.here())
    except (ImproperlyConfigured, Occupied, DoesNotStart) as error:
        print(str(error), file=sys.stderr)
        return 1


def _with_database(command: Command, arguments: Arguments, installation: "Installation") -> int:
    import django

    from stadtkern.config.run.up import borrowed_database

    os.environ.update(installation.environment())
    with borrowed_database(installation):
        django.setup()
        return command.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
