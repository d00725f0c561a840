"""What staff may do with reports: one row per action, one column per role."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import ApiScope, api_scopes
from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope

OWN, ALL = Scope.OWN, Scope.ALL

ROWS = [
    Action(
        key="reports.read",
        label=_("Meldungen am Arbeitsplatz sehen"),
        row={Role.CREW: OWN, Role.CASEWORKER: OWN, Role.DISPATCHER: ALL, Role.UNIT: ALL, Role.ADMINISTRATOR: ALL},
    ),
    Action(
        key="reports.contact",
        label=_("Kontaktdaten der Meldenden sehen"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.work",
        label=_("Meldungen bearbeiten: Schritte, Antworten, Notizen"),
        row={Role.CREW: OWN, Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.assign",
        label=_("Meldungen zuweisen und übernehmen"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.hand_over",
        label=_("Meldungen an eine andere Stelle geben"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.correct",
        label=_("Meldungen berichtigen, verbinden, teilen"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.moderate",
        label=_("Texte und Fotos verbergen oder freigeben"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL, Role.ADMINISTRATOR: ALL},
    ),
    Action(
        key="media.review",
        label=_("Unkenntlichmachung aller Fotos prüfen"),
        row={Role.DISPATCHER: ALL, Role.ADMINISTRATOR: ALL, Role.OPERATOR: ALL},
    ),
    Action(
        key="reports.file_for",
        label=_("Für andere melden (Telefon 115)"),
        row={Role.CASEWORKER: ALL, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.rules",
        label=_("Zuständigkeiten prüfen und ändern"),
        row={Role.DISPATCHER: ALL, Role.ADMINISTRATOR: ALL},
    ),
    Action(
        key="reports.blocks",
        label=_("Textbausteine der Stelle ändern"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL},
    ),
    Action(
        key="reports.figures",
        label=_("Auswertungen und Fristen aller Stellen sehen"),
        row={Role.DISPATCHER: ALL, Role.UNIT: ALL, Role.ADMINISTRATOR: ALL},
    ),
    Action(
        key="reports.export",
        label=_("Meldungen ausführen (CSV, GeoJSON, Parquet)"),
        row={Role.CASEWORKER: OWN, Role.DISPATCHER: ALL, Role.ADMINISTRATOR: ALL},
    ),
]


SCOPES = (
    ("open311.file", "send reports (POST requests)"),
    ("open311.update", "send updates (POST servicerequestupdates)"),
    ("reports.file", "send reports to /api/v1/reports without the limit of anonymous callers"),
)


def register() -> None:
    for action in ROWS:
        actions.add(action)
    for key, meaning in SCOPES:
        api_scopes.add(ApiScope(key=key, meaning=meaning))
