"""Wiring of people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "stadtkern.people"
    label = "people"

    def ready(self) -> None:
        from stadtkern.core.parts import PackLoader, pack_loaders
        from stadtkern.people.domain import loading

        pack_loaders.add(PackLoader(key="people", label=_("Organisationen und Personen"), load=loading.load))
