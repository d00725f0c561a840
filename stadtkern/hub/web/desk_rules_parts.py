"""What the care for data adds to the desk's menu."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, menu
from stadtkern.hub.rights import MANAGE

ENTRIES = (
    ("desk.hub.alerts", _("Warnungen"), "hub-care:alerts", "bell", 42),
    ("desk.hub.rules", _("Datenregeln"), "hub-care:rules", "check-circle", 43),
    ("desk.hub.contracts", _("Datenverträge"), "hub-care:contracts", "key", 44),
    ("desk.hub.access", _("Datenzugriffe"), "hub-care:access", "eye", 45),
)


def register() -> None:
    """Called once, when the application starts."""
    for key, label, url_name, icon, order in ENTRIES:
        menu.add(
            MenuItem(key=key, label=label, url_name=url_name, icon=icon, order=order, audience="staff", action=MANAGE)
        )
