"""Wiring of the portal: its menu entries, and the shell's questions answered by the floors below."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "stadtkern.portal"
    label = "portal"

    def ready(self) -> None:
        from stadtkern.core.parts import MenuItem, menu

        menu.add(MenuItem(key="start", label=_("Start"), url_name="portal:home", icon="home", order=10))
        menu.add(MenuItem(key="map", label=_("Karte"), url_name="portal:map", icon="map", order=30))
        _answer_the_shell()


def _answer_the_shell() -> None:
    from stadtkern.core.web.context import asks
    from stadtkern.people import rights
    from stadtkern.portal.domain.unread import unread

    asks.is_staff = rights.is_staff
    asks.may = rights.may
    asks.unread = unread
