"""The rows that people itself adds to the table of rights."""

from django.utils.translation import gettext_lazy as _

from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope

actions.add(
    Action(
        key="people.read",
        label=_("Personen und Zugehörigkeiten ansehen"),
        row={
            Role.CASEWORKER: Scope.OWN,
            Role.DISPATCHER: Scope.OWN,
            Role.UNIT: Scope.OWN,
            Role.ADMINISTRATOR: Scope.ALL,
            Role.OPERATOR: Scope.ALL,
        },
    )
)
actions.add(
    Action(
        key="people.manage",
        label=_("Personen und Zugehörigkeiten verwalten"),
        row={Role.ADMINISTRATOR: Scope.ALL},
    )
)
actions.add(
    Action(
        key="roles.read",
        label=_("Tabelle der Rechte ansehen"),
        row={Role.UNIT: Scope.ALL, Role.ADMINISTRATOR: Scope.ALL, Role.OPERATOR: Scope.ALL},
    )
)
actions.add(
    Action(
        key="audit.read",
        label=_("Protokoll durchsuchen"),
        row={Role.ADMINISTRATOR: Scope.ALL, Role.OPERATOR: Scope.ALL},
    )
)
actions.add(
    Action(
        key="operation.read",
        label=_("Zustand des Betriebs ansehen"),
        row={Role.ADMINISTRATOR: Scope.ALL, Role.OPERATOR: Scope.ALL},
    )
)
