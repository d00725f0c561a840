"""Upkeep by the operator: failed jobs and retention."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection
from rich.console import Console
from rich.table import Table

from stadtkern.config.logs import without_personal_data

console = Console(highlight=False, soft_wrap=True)
FAILED = """
SELECT job.id, job.task_name, job.attempts, max(event.at)
  FROM procrastinate_jobs job LEFT JOIN procrastinate_events event ON event.job_id = job.id
 WHERE job.status = 'failed' GROUP BY job.id ORDER BY job.id
"""


def failed_jobs(*, retry: bool, ids: Sequence[int] = ()) -> int:
    """List jobs that have used up their tries, or put them (all, when no ids are given) back into the queue."""
    with connection.cursor() as cursor:
        cursor.execute(FAILED)
        rows = cursor.fetchall()
    wanted = [row for row in rows if not ids or row[0] in ids]
    if unknown := set(ids) - {row[0] for row in rows}:
        console.print(f"Not a failed job: {', '.join(map(str, sorted(unknown)))}")
        return 1
    if retry:
        _retry([row[0] for row in wanted])
        console.print(f"{len(wanted)} jobs wait in the queue again")
    else:
        _show(wanted)
    return 0


def _retry(ids: Sequence[int]) -> None:
    from procrastinate.contrib.django import app

    for id in ids:
        app.job_manager.retry_job_by_id(id, datetime.now(UTC))


def _show(rows: Sequence[tuple[int, str, int, datetime]]) -> None:
    if not rows:
        console.print("No job has failed")
        return
    table = Table("job", "task", "tries", "failed at")
    for id, task, attempts, at in rows:
        table.add_row(str(id), without_personal_data(task), str(attempts), f"{at:%Y-%m-%d %H:%M} UTC" if at else "")
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
