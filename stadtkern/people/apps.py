"""Wiring of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "stadtkern.people"
    label = "people"

    def ready(self) -> None:
        from stadtkern.people import own_actions, parts, receivers  # noqa: F401  they register on import
        from stadtkern.people.domain import own_data, retention  # noqa: F401
