"""What stations, devices and decoders add to the desk's menu."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, menu
from stadtkern.hub.rights import MANAGE

ENTRIES = (
    ("desk.hub.things", _("Stationen"), "hub-devices:things", "pin", 31),
    ("desk.hub.devices", _("Geräte"), "hub-devices:devices", "thermometer", 32),
    ("desk.hub.decoders", _("Dekodierer"), "hub-devices:decoders", "split", 33),
)


def register() -> None:
    """Called once, when the application starts."""
    for key, label, url_name, icon, order in ENTRIES:
        menu.add(
            MenuItem(key=key, label=label, url_name=url_name, icon=icon, order=order, audience="staff", action=MANAGE)
        )
