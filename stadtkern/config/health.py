"""Health, for load balancers and monitoring: is the database there, does the queue move?"""

from dataclasses import asdict, dataclass
from time import perf_counter

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

OLDEST_WAITING = 600.0  # seconds a due job may wait before the queue counts as stuck
SILENT_WORKER = 60.0

QUEUE = """
SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
       count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed')
  FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
"""
OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(greatest(event.at, coalesce(job.scheduled_at, event.at)))), 0)
  FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
 WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now() AND event.type = 'deferred'
"""
BEAT = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"


@dataclass(frozen=True)
class Queue:
    """The background work: counts of jobs, how long the oldest due one waits, since when workers are silent."""

    waiting: int
    running: int
    failed: int
    oldest_seconds: float
    worker_seconds: float | None

    @property
    def moves(self) -> bool:
        if self.worker_seconds is None or self.worker_seconds > SILENT_WORKER:
            return self.waiting == 0
        return self.oldest_seconds < OLDEST_WAITING


def queue() -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(QUEUE)
        waiting, running, failed = cursor.fetchone()
        cursor.execute(OLDEST)
        (oldest,) = cursor.fetchone()
        cursor.execute(BEAT)
        (beat,) = cursor.fetchone()
    return Queue(waiting, running, failed, round(float(oldest), 1), None if beat is None else round(float(beat), 1))


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 `ok`; 200 `degraded` when background work is stuck; 503 without a database."""
    begun = perf_counter()
    try:
        state = queue()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "no answer"}, status=503)
    took = round((perf_counter() - begun) * 1000, 1)
    status = "ok" if state.moves else "degraded"
    return JsonResponse({"status": status, "database": {"milliseconds": took}, "queue": asdict(state)})


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nobody else."""
    return JsonResponse({"status": "ok"})
