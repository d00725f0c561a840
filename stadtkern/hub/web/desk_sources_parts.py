"""What the desk of sources adds to the house: its menu entry."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, menu
from stadtkern.hub.rights import MANAGE


def register() -> None:
    """Called once, when the application starts."""
    menu.add(
        MenuItem(
            key="desk.hub.sources",
            label=_("Datenquellen"),
            url_name="hub-sources:index",
            icon="database",
            order=30,
            audience="staff",
            action=MANAGE,
        )
    )
