"""Addresses for operators: health, metrics and the page of background work."""

from django.urls import URLPattern, path

from stadtkern.config import health, metrics, monitor

app_name = "operation"
urlpatterns: list[URLPattern] = [
    path("health", health.health, name="health"),
    path("health/live", health.alive, name="alive"),
    path("metrics", metrics.metrics, name="metrics"),
    path("desk/betrieb/", monitor.monitor, name="monitor"),
    path("desk/betrieb/wiederholen/", monitor.retry, name="retry"),
]
