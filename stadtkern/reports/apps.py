"""Wiring of reports: offers its parts, hears events."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "stadtkern.reports"
    label = "reports"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from stadtkern.core.parts import PackLoader, pack_loaders
        from stadtkern.reports import receivers, rights  # noqa: F401  receivers register on import
        from stadtkern.reports.domain import answers, loading, retention
        from stadtkern.reports.web import desk_parts, parts

        answers.register()
        rights.register()
        retention.register()
        pack_loaders.add(
            PackLoader(key="reports", label=_("Bürger-Echo"), load=loading.load, after=("people", "places"))
        )
        parts.register_citizen_parts()
        desk_parts.register_desk_parts()
