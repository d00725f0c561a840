"""Wiring of the ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "stadtkern.core"
    label = "core"

    def ready(self) -> None:
        from stadtkern.core import mail, own_processors, own_rules, retention  # noqa: F401  jobs and rules register on import
