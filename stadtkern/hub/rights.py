"""What staff may do in the hub."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import ApiScope, api_scopes
from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope

READ, MANAGE = "hub.read", "hub.manage"

_ROWS = (
    (
        READ,
        _("Nichtöffentliche Messdaten der eigenen Organisation lesen"),
        {role: Scope.OWN for role in (Role.CASEWORKER, Role.DISPATCHER, Role.EDITOR, Role.UNIT)}
        | {Role.ADMINISTRATOR: Scope.ALL},
    ),
    (
        MANAGE,
        _("Datenquellen, Sensoren, Regeln und Verträge pflegen"),
        {Role.EDITOR: Scope.OWN, Role.UNIT: Scope.OWN, Role.ADMINISTRATOR: Scope.ALL},
    ),
)
READ_SCOPE, WRITE_SCOPE, MANAGE_SCOPE = "hub.read", "hub.write", "hub.manage"
_SCOPES = (
    (READ_SCOPE, "read what is not public of the key's organisation (without one: everything)"),
    (WRITE_SCOPE, "send observations for the key's organisation, and where a data contract lets it"),
    (MANAGE_SCOPE, "create, change and delete things and datastreams of the key's organisation"),
)


def register() -> None:
    """Called once, when the application starts."""
    for key, label, row in _ROWS:
        actions.add(Action(key=key, label=label, row=row))
    for key, meaning in _SCOPES:
        api_scopes.add(ApiScope(key=key, meaning=meaning))
