"""Run the bench: `python -m bench [--write]`. See bench/__init__.py for what F is."""

import argparse
import asyncio
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import LiteralString

import psycopg

from bench.lighthouse import mark
from bench.load import Result, put_load
from bench.pages import Page, all_pages, read_facts
from bench.server import ROOT, Server, running
from bench.table import Run, as_markdown, write_into
from bench.weight import weigh

REPORTS = "data/reports/stuttgart_gelbe_karten_2020_2026.csv"


def main() -> int:
    options = _options()
    run = Run(workers=options.workers, connections=options.connections)
    if options.fresh:
        shutil.rmtree(options.data, ignore_errors=True)
    with running(options.data, city="stuttgart", workers=options.workers) as server:
        _load_reports(server, run)
        facts = read_facts(server)
        pages = _chosen(all_pages(facts), options.only)
        time.sleep(3)  # the filing form refuses what is sent within two seconds
        for number in range(options.rounds):
            _round(server, pages, run, options, number)
        run.resident = [worker.memory_info().rss // 2**20 for worker in server.web_workers()]
        if not options.only:
            run.weights = weigh(server, ["/", "/meldungen/", "/melden/", "/karte/"])
            run.marks = mark(server, ["/", "/melden/", "/meldungen/", f"/meldungen/{facts.newest[0]}/"])
    text = as_markdown(run, pages)
    print(text)
    if options.write:
        write_into(ROOT / "docs" / "benchmarks.md", text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Pages as ratios to an empty page.")
    parser.add_argument("--data", type=Path, default=ROOT / ".data" / "bench", help="data folder of the installation")
    parser.add_argument("--seconds", type=float, default=5.0, help="per page and round")
    parser.add_argument("--rounds", type=int, default=3, help="the table shows the median")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of page names; the floor is always there")
    parser.add_argument("--fresh", action="store_true", help="throw the bench's data away and import again")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    return parser.parse_args()


def _chosen(pages: list[Page], only: list[str]) -> list[Page]:
    return [page for page in pages if page.floor or not only or page.name.startswith(tuple(only))]


def _round(server: Server, pages: list[Page], run: Run, options: argparse.Namespace, number: int) -> None:
    """Every page once, between two floors: no machine is equally fast for long, so a ratio is to the mean of both."""
    floor = next(page for page in pages if page.floor)
    before = _measure(server, floor, run, options.seconds)
    _note(run, floor, before, before.per_second, number)
    for page in (page for page in pages if not page.floor):
        result = _measure(server, page, run, options.seconds)
        _await_idle_worker(server)
        after = _measure(server, floor, run, options.seconds / 2)
        _note(run, page, result, (before.per_second + after.per_second) / 2, number)
        before = after


def _note(run: Run, page: Page, result: Result, floor: float, number: int) -> None:
    run.rounds.setdefault(page.name, []).append(result)
    run.ratios.setdefault(page.name, []).append(result.per_second / floor)
    said = f"round {number + 1}: {page.name:<26} {result.per_second:7.0f}/s {result.per_second / floor:5.2f}"
    print(said, file=sys.stderr)


def _measure(server: Server, page: Page, run: Run, seconds: float) -> Result:
    load = partial(put_load, server.port, page.requests(), connections=run.connections, status=page.status)
    asyncio.run(load(seconds=1.0))
    return asyncio.run(load(seconds=seconds))


def _await_idle_worker(server: Server, patience: float = 180.0) -> None:
    """What the last page left to do in the background must not be measured with the next one."""
    until = time.monotonic() + patience
    waiting = (
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR status = 'todo' AND scheduled_at IS NULL"
    )
    while _number(server, waiting) and time.monotonic() < until:
        time.sleep(0.5)


def _load_reports(server: Server, run: Run) -> None:
    shared = Path(os.environ.get("STADTKERN_SHARED", ROOT.parent / "shared"))
    if _count(server) < 100_000:
        if not (shared / REPORTS).is_file():
            raise SystemExit(f"The real reports are not at {shared / REPORTS}; set STADTKERN_SHARED.")
        server.command("load-city")
        before, begun = _count(server), time.monotonic()
        server.command("import-reports", shared / REPORTS, "--mapping", "gelbe_karten")
        run.import_per_second = (_count(server) - before) / (time.monotonic() - begun)
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    run.reports = _count(server)


def _count(server: Server) -> int:
    return _number(server, "SELECT count(*) FROM reports_report")


def _number(server: Server, query: LiteralString) -> int:
    with psycopg.connect(server.dsn) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
