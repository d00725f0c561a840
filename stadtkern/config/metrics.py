"""Metrics in Prometheus' format: requests counted by a middleware, the rest read when asked.

Several worker processes share their counts through files in PROMETHEUS_MULTIPROC_DIR (set by `stadtkern up`).
No label holds anything about a person: routes, methods, status codes only.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache, lru_cache
from secrets import compare_digest
from time import perf_counter

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from stadtkern.config.check.safety import is_local
from stadtkern.config.health import queue
from stadtkern.core.parts import indicators
from stadtkern.core.problems import NotFound

INDICATOR_WINDOW = timedelta(days=30)
log = logging.getLogger(__name__)

REQUESTS = Counter("stadtkern_requests", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "stadtkern_request_seconds",
    "Time to answer a request.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

Answer = Callable[[HttpRequest], HttpResponse]


def count_requests(get_response: Answer) -> Answer:
    """Middleware: count and time every request by its route's name, never by its path."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = (match.view_name if match else "") or "unnamed"
        _requests(request.method, route, response.status_code).inc()
        _seconds(route).observe(perf_counter() - begun)
        return response

    return middleware


# Finding a counter by its labels costs more than counting: each is found once per process.
@cache
def _seconds(route: str) -> Histogram:
    return SECONDS.labels(route)


@lru_cache(maxsize=4_096)  # methods are made up by clients
def _requests(method: str | None, route: str, status: int) -> Counter:
    return REQUESTS.labels(method if method in ("GET", "POST", "HEAD") else "other", route, str(status))


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything in one text; to others than the monitoring this address does not exist."""
    if not _may_read(request):
        raise NotFound
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        registry.register(_Counted())  # type: ignore[arg-type]
    registry.register(_State())  # type: ignore[arg-type]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        said, wanted = request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"
        return compare_digest(said.encode(), wanted.encode())
    if not is_local(settings.BASE_URL):
        return False  # a proxy on this machine makes every visitor look like a local one
    hops = request.headers.get("X-Forwarded-For", "") or request.META.get("REMOTE_ADDR", "")
    return all(hop.strip() in ("", "127.0.0.1", "::1") for hop in hops.split(","))


class _Counted:
    """What this one process has counted."""

    def collect(self) -> Iterator[Metric]:
        yield from REQUESTS.collect()
        yield from SECONDS.collect()


class _State:
    """What the database knows, read at the moment of asking; a part that fails is missing, not fatal."""

    def collect(self) -> Iterator[Metric]:
        for part in (_jobs, _deliveries, _indicators):
            try:
                yield from part()
            except Exception:
                log.exception("metrics: %s failed", part.__name__)


def _jobs() -> Iterator[Metric]:
    state = queue()
    jobs = GaugeMetricFamily("stadtkern_jobs", "Background jobs by state.", labels=["state"])
    jobs.add_metric(["waiting"], state.waiting)
    jobs.add_metric(["running"], state.running)
    jobs.add_metric(["failed"], state.failed)
    yield jobs
    yield GaugeMetricFamily("stadtkern_oldest_job_seconds", "How long the oldest due job waits.", state.oldest_seconds)
    if state.worker_seconds is not None:
        yield GaugeMetricFamily(
            "stadtkern_worker_silence_seconds", "Since the last heartbeat of a worker.", state.worker_seconds
        )


def _deliveries() -> Iterator[Metric]:
    rows = (
        apps.get_model("threads", "Delivery")
        .objects.order_by()
        .values_list("channel", "state")
        .annotate(count=Count("pk"))
    )
    family = GaugeMetricFamily(
        "stadtkern_deliveries", "Notifications by channel and state.", labels=["channel", "state"]
    )
    for channel, state, count in rows:
        family.add_metric([str(channel), str(state)], count)
    yield family


def _indicators() -> Iterator[Metric]:
    until = timezone.now()
    family = GaugeMetricFamily("stadtkern_indicator", "Figures of the modules, last 30 days.", labels=["key"])
    for indicator in indicators:
        value = indicator.value(until - INDICATOR_WINDOW, until)
        if value is not None:
            family.add_metric([indicator.key], value)
    yield family
