"""The results as Markdown, with machine and date, and their place in docs/benchmarks.md."""

import platform
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.lighthouse import LEAST, Marks
from bench.load import Result
from bench.pages import Page
from bench.weight import Weight

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
LARGEST_WORKER = 200  # MB
LIGHTEST = {"/": 120, "/karte/": 450}  # kB of script and style


@dataclass
class Run:
    """Everything one run has measured."""

    rounds: dict[str, list[Result]] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)
    workers: int = 0
    connections: int = 0
    reports: int = 0
    import_per_second: float | None = None
    resident: list[int] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)
    marks: list[Marks] = field(default_factory=list)


def as_markdown(run: Run, pages: list[Page]) -> str:
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, {run.workers} web worker processes, "
        f"{run.connections} connections, {run.reports:,} reports loaded.",
        "Everything on one machine: browsers' part, Caddy, Django and PostgreSQL share its cores.",
        "",
        "| page | ratio to F | at least | per second | p50 ms | p99 ms | wrong answers |",
        "|---|---|---|---|---|---|---|",
        *(_row(run, page) for page in pages),
        "",
        *_more(run),
    ]
    return "\n".join(lines) + "\n"


def _row(run: Run, page: Page) -> str:
    results, ratio = run.rounds[page.name], statistics.median(run.ratios[page.name])
    middle = sorted(results, key=lambda result: result.per_second)[len(results) // 2]
    wanted = "" if page.least is None else f"{page.least} {mark(ratio >= page.least)}"
    return (
        f"| {page.name} | {ratio:.2f} | {wanted} | {middle.per_second:.0f} | {middle.quantile(0.5) * 1000:.1f} | "
        f"{middle.quantile(0.99) * 1000:.1f} | {sum(result.wrong for result in results)} |"
    )


def _more(run: Run) -> list[str]:
    lines = []
    if run.import_per_second is not None:
        lines.append(f"- Import of the real reports: {run.import_per_second:,.0f} reports/s (at least 3,000).")
    if run.resident:
        most = max(run.resident)
        lines.append(f"- Resident memory of a web worker after the run: {most} MB at most (below {LARGEST_WORKER}).")
    for weight in run.weights:
        limit = LIGHTEST.get(weight.path)
        said = f" (at most {limit} kB)" if limit else ""
        lines.append(
            f"- First visit of `{weight.path}`: {weight.scripts_and_styles / 1000:.0f} kB of script and style{said}, "
            f"{weight.whole / 1000:.0f} kB in all, compressed."
        )
    lines += [_marked(marks) for marks in run.marks]
    share = [result.share for results in run.rounds.values() for result in results]
    if share:
        lines.append(f"- The load generator itself took up to {max(share):.0%} of one core.")
    return lines


def _marked(marks: Marks) -> str:
    said = ", ".join(f"{name} {score}{' ✗' if score < LEAST else ''}" for name, score in marks.scores.items())
    lost = "; ".join(f"{name}: {', '.join(marks.lost[name])}" for name, score in marks.scores.items() if score < LEAST)
    return f"- Lighthouse (phone) of `{marks.path}`: {said} (each at least {LEAST}). {lost}".rstrip()


def mark(good: bool) -> str:
    return "✓" if good else "✗"


def machine() -> str:
    name = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({name}), {memory:.0f} GiB, Python {platform.python_version()}"


def write_into(path: Path, text: str) -> None:
    """Replace the part between the marks; without marks it is put at the end."""
    old = path.read_text() if path.exists() else "# Benchmarks\n"
    part = f"{BEGIN}\n{text}{END}\n"
    if BEGIN in old and END in old:
        before, rest = old.split(BEGIN, 1)
        path.write_text(before + part + rest.split(END, 1)[1].lstrip("\n"))
    else:
        path.write_text(f"{old.rstrip()}\n\n{part}")
