"""Upkeep by the operator: failed jobs and retention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from rich.console import Console
from rich.table import Table

from stadtkern.config.logs import without_personal_data

console = Console(highlight=False, soft_wrap=True)
MOST_SHOWN = 200
FAILED = """
SELECT job.id, job.task_name, job.attempts, max(event.at)
  FROM procrastinate_jobs job LEFT JOIN procrastinate_events event ON event.job_id = job.id
 WHERE job.status = 'failed' GROUP BY job.id ORDER BY job.id DESC LIMIT %s
"""


@dataclass(frozen=True)
class FailedJob:
    """A job that has used up its tries. What it was given may be personal and is not here."""

    id: int
    task: str
    attempts: int
    failed_at: datetime | None


def failed(most: int | None = None) -> list[FailedJob]:
    """The latest first; all of them when no number is given."""
    with connection.cursor() as cursor:
        cursor.execute(FAILED, [most])
        return [FailedJob(*row) for row in cursor.fetchall()]


def retry(ids: Sequence[int]) -> int:
    """Put these failed jobs back into the queue, due now; returns how many were still failed."""
    from procrastinate.contrib.django import app

    still = sorted({job.id for job in failed()}.intersection(ids))
    for id in still:
        app.job_manager.retry_job_by_id(id, datetime.now(UTC))
    return len(still)


def failed_jobs(*, again: bool, ids: Sequence[int] = ()) -> int:
    """List jobs that have used up their tries, or put them (all, when no ids are given) back into the queue."""
    jobs = failed()
    if unknown := set(ids) - {job.id for job in jobs}:
        console.print(f"Not a failed job: {', '.join(map(str, sorted(unknown)))}")
        return 1
    wanted = [job for job in jobs if not ids or job.id in ids]
    if again:
        console.print(f"{retry([job.id for job in wanted])} jobs wait in the queue again")
    else:
        _show(wanted)
    return 0


def _show(jobs: Sequence[FailedJob]) -> None:
    if not jobs:
        console.print("No job has failed")
        return
    table = Table("job", "task", "tries", "failed at")
    for job in jobs:
        at = f"{job.failed_at:%Y-%m-%d %H:%M} UTC" if job.failed_at else ""
        table.add_row(str(job.id), without_personal_data(job.task), str(job.attempts), at)
    console.print(table)


def retention(*, run: bool) -> int:
    """Show every retention rule, or apply all of them now; exit code 1 when one failed."""
    from stadtkern.core.parts import retention_rules
    from stadtkern.core.retention import apply_rules

    taken = apply_rules() if run else {}
    table = Table("rule", "what", "kept for", *(["rows taken"] if run else []))
    for rule in retention_rules:
        row = [rule.key, str(rule.what), f"{rule.keep.days} days"]
        if run:
            row.append("failed, see the log" if taken[rule.key] < 0 else str(taken[rule.key]))
        table.add_row(*row)
    console.print(table)
    return 1 if any(count < 0 for count in taken.values()) else 0
