"""Wiring of the hub: offers its parts, hears events."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "stadtkern.hub"
    label = "hub"

    def ready(self) -> None:
        from stadtkern.hub import rights

        rights.register()
