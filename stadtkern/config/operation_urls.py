"""Addresses for operators: health and metrics."""

from django.urls import URLPattern, path

from stadtkern.config import health, metrics

app_name = "operation"
urlpatterns: list[URLPattern] = [
    path("health", health.health, name="health"),
    path("health/live", health.alive, name="alive"),
    path("metrics", metrics.metrics, name="metrics"),
]
