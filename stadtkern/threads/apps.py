"""Wiring of threads."""

from django.apps import AppConfig


class ThreadsConfig(AppConfig):
    name = "stadtkern.threads"
    label = "threads"

    def ready(self) -> None:
        from stadtkern.threads import parts  # noqa: F401  they register on import
        from stadtkern.threads.domain import confirming, mailing, privacy, pushing  # noqa: F401
