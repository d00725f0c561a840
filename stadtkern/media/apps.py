"""Wiring of media."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "stadtkern.media"
    label = "media"

    def ready(self) -> None:
        from stadtkern.media.domain import redaction, retention  # noqa: F401  jobs and rules register on import
