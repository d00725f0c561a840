"""Wiring of reports: offers its parts, hears events."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "stadtkern.reports"
    label = "reports"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from stadtkern.core.parts import MenuItem, PackLoader, Topic, menu, pack_loaders, topics
        from stadtkern.reports import receivers, rights  # noqa: F401  receivers register on import
        from stadtkern.reports.domain import answers, loading, retention

        answers.register()
        rights.register()
        retention.register()
        pack_loaders.add(
            PackLoader(key="reports", label=_("Bürger-Echo"), load=loading.load, after=("people", "places"))
        )
        topics.add(Topic(key="reports.clock", label=_("Uhren und Fristen an meinem Arbeitsplatz")))
        menu.add(
            MenuItem(
                key="desk.reports",
                label=_("Meldungen"),
                url_name="reports-desk:inbox",
                icon="inbox",
                audience="staff",
                order=10,
                action="reports.read",
            )
        )
