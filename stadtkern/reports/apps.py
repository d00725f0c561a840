"""Wiring of reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "stadtkern.reports"
    label = "reports"
