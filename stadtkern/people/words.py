"""The words of people: kinds of organisations, roles, scopes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrganisationKind(TextChoices):
    CITY = "city", _("Stadt")
    DEPARTMENT = "department", _("Amt oder Abteilung")
    COMPANY = "company", _("Städtisches Unternehmen")
    CHAMBER = "chamber", _("Kammer")
    EXTERNAL = "external", _("Außenstehende Stelle")


class Role(TextChoices):
    """What a membership allows; the actions and their rows stand in each module's `actions`.

    MEMBER stands in no row: it says where somebody belongs (the home of a seconded person) and allows nothing.
    """

    MEMBER = "member", _("Zugehörigkeit")
    CREW = "crew", _("Außendienst")
    CASEWORKER = "caseworker", _("Sachbearbeitung")
    DISPATCHER = "dispatcher", _("Leitstelle")
    EDITOR = "editor", _("Redaktion")
    UNIT = "unit", _("Innovation Unit")
    ADMINISTRATOR = "administrator", _("Administration")
    OPERATOR = "operator", _("Betrieb")


class Scope(TextChoices):
    """How far an action reaches: nowhere, the own organisations (and below), everywhere."""

    NONE = "none", _("nein")
    OWN = "own", _("eigene")
    ALL = "all", _("alle")
