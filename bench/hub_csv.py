"""Bulk load of a CSV file: `python -m bench.hub_csv [--values 600000]`, against C measured between the loads.

C is a binary COPY by psycopg of the very same rows, numbers and all, into an empty table of the same shape with the
same keys, in one process, committed. The load is a run of the connector of tables, as a steward starts it: cells cut
and read, duplicates and corrections looked for, the newest values kept, the log written. The file is shaped like the
city's weather benches: 22 columns of values, a row every five minutes.
"""

import argparse
import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.server import ROOT
from bench.table import machine, mark

COLUMNS = 22
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
LEAST = 0.5
FLOOR = "bench_floor"
NAMES = "datastream_id, phenomenon_start, slot, id, number, feature_id, flags"
TYPES = ["int8", "timestamptz", "int8", "int8", "float8", "int8", "int4"]


def main() -> int:
    options = _options()
    cluster = _start(options.data)
    path = options.data / "bench.csv"
    values = _write(path, options.values // COLUMNS)
    try:
        rounds = [_round(path, options.rules) for _number in range(options.rounds)]
    finally:
        cluster.stop()
    for floor, load, again in rounds:
        print(f"C {values / floor:>9,.0f}/s   load {values / load:>9,.0f}/s   again {values / again:>9,.0f}/s")
    ratio = statistics.median(floor / load for floor, load, _again in rounds)
    print(f"{machine()}: CSV bulk load {ratio:.2f} C, at least {LEAST} {mark(ratio >= LEAST)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.hub_csv", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "bench-csv", help="where its database lies")
    parser.add_argument("--values", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rules", action="store_true", help="with a plausible range for every column")
    return parser.parse_args()


def _start(folder: Path) -> Any:
    """A database of its own, durable as an installation's; stop it in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings",
        "STADTKERN_DATA": str(folder),
        "STADTKERN_SECRET_KEY": "only-for-the-bench-never-for-a-city-change-me-0123456789",
    }
    from stadtkern.config.run import postgres

    os.environ["DATABASE_URL"] = postgres.ensure(folder / "postgres", durable=True)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return postgres.Cluster((folder / "postgres").resolve(), durable=True)


def _write(path: Path, rows: int) -> int:
    """The file; returns how many values it has."""
    names = ",".join(f"value_{place}" for place in range(COLUMNS))
    with path.open("w", encoding="utf-8") as file:
        file.write(f"datetime,{names}\n")
        for number in range(rows):
            at = (FIRST + timedelta(minutes=5 * number)).isoformat(sep=" ")
            file.write(at + "".join(f",{(number * 7 + place * 13) % 991 / 10}" for place in range(COLUMNS)) + "\n")
    return rows * COLUMNS


def _round(path: Path, rules: bool) -> tuple[float, float, float]:
    """Seconds of C, of the load, of the same load again."""
    from stadtkern.hub.domain.connection import here

    _empty()
    load = _load(path, rules)
    rows = here().execute(f"select {NAMES} from hub_observation order by id").fetchall()
    again = _load(path, rules)
    before = _floor(rows)
    _empty()
    return statistics.mean([before, _floor(rows)]), load, again


def _load(path: Path, rules: bool) -> float:
    from stadtkern.hub.domain.connecting.running import run_connector
    from stadtkern.hub.models import Connector, Run

    limits = {"low": 0, "high": 100} if rules else {}
    values = [{"source": f"value_{place}", "name": f"Größe {place}", **limits} for place in range(COLUMNS)]
    config = {"time": "datetime", "time_format": "iso", "decimal": ".", "values": values}
    made, _new = Connector.objects.get_or_create(
        key="bench", defaults={"kind": "csv", "name": "Bank", "config": config}
    )
    _settle()
    with path.open("rb") as file:
        start = time.perf_counter()
        run = run_connector(made.pk, cause=Run.Cause.COMMAND, file=file, file_name=path.name)
        seconds = time.perf_counter() - start
    if run.error:
        raise SystemExit(run.error)
    return seconds


def _floor(rows: list[Any]) -> float:
    from stadtkern.hub.domain.connection import cursor, writing

    with writing() as connection:
        connection.execute(f"drop table if exists {FLOOR}")
        connection.execute(f"create table {FLOOR} (like hub_observation including defaults)")
        connection.execute(f"alter table {FLOOR} add primary key (datastream_id, phenomenon_start, slot)")
        connection.execute(f"create index on {FLOOR} (id)")
    _settle()
    start = time.perf_counter()
    statement = f"copy {FLOOR} ({NAMES}) from stdin (format binary)"
    with writing() as connection, cursor(connection) as own, own.copy(statement) as copy:
        copy.set_types(TYPES)
        for row in rows:
            copy.write_row(row)
    seconds = time.perf_counter() - start
    with writing() as connection:
        connection.execute(f"drop table {FLOOR}")
    return seconds


def _empty() -> None:
    """Nothing of an earlier round; partitions stay, as in an installation."""
    from stadtkern.hub.domain.connection import writing
    from stadtkern.hub.models import Connector, Thing

    with writing() as connection:
        connection.execute("truncate hub_observation, hub_hourly, hub_daily, hub_dirty_hour, hub_feature_use")
    Thing.objects.filter(source="connector:bench").delete()
    Connector.objects.filter(key="bench").delete()


def _settle() -> None:
    """What was written before must not be paid for now."""
    from stadtkern.hub.domain.connection import here

    here().execute("checkpoint")


if __name__ == "__main__":
    sys.exit(main())
