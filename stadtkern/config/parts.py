"""What operation adds to the house: the right to have failed jobs done again, and the desk's entry."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, menu
from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope

READ, MANAGE = "operation.read", "operation.manage"

actions.add(
    Action(
        key=MANAGE,
        label=_("Fehlgeschlagene Aufgaben wiederholen"),
        row={Role.ADMINISTRATOR: Scope.ALL, Role.OPERATOR: Scope.ALL},
    )
)
menu.add(
    MenuItem(
        key="operation.monitor",
        label=_("Betrieb"),
        url_name="operation:monitor",
        icon="database",
        audience="staff",
        order=85,
        action=READ,
    )
)
