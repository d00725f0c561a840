"""Wiring of threads."""

from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "stadtkern.threads"
    label = "threads"
