"""The words of places: what a place is, how exact its point is."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlaceKind(TextChoices):
    ADDRESS = "address", _("Adresse")
    STREET = "street", _("Straße")
    SQUARE = "square", _("Platz")
    SIGHT = "sight", _("Sehenswert")
    PUBLIC = "public", _("Öffentliches Haus")
    PARK = "park", _("Park")
    WATER = "water", _("Gewässer")
    STATION = "station", _("Bahnhof oder Haltestelle")
    SCHOOL = "school", _("Schule")
    DAYCARE = "daycare", _("Kindertagesstätte")
    PLAYGROUND = "playground", _("Spielplatz")
    MEMORIAL = "memorial", _("Gedenkort")
    SPORTS = "sports", _("Sportanlage")
    DEFIBRILLATOR = "defibrillator", _("Defibrillator")
    NATURAL_MONUMENT = "natural_monument", _("Naturdenkmal")


class Precision(TextChoices):
    """How good a point is, best first."""

    ENTRANCE = "entrance", _("am Eingang")
    POINT = "point", _("genau")
    ANCHOR = "anchor", _("in der Nähe")
    STREET = "street", _("irgendwo in der Straße")
    DISTRICT = "district", _("nur der Bezirk")


# These carry a house number or a name; the search by similarity leaves mere addresses out.
NAMED = frozenset(PlaceKind) - {PlaceKind.ADDRESS}

# Signs of the app's icon set.
ICONS: dict[str, str] = {
    PlaceKind.PARK: "tree",
    PlaceKind.NATURAL_MONUMENT: "tree",
    PlaceKind.STREET: "road",
    PlaceKind.STATION: "bus",
    PlaceKind.DEFIBRILLATOR: "heart",
    PlaceKind.PUBLIC: "building",
    PlaceKind.SCHOOL: "building",
    PlaceKind.DAYCARE: "building",
    PlaceKind.SIGHT: "star",
    PlaceKind.MEMORIAL: "star",
}


def icon_of(kind: str) -> str:
    return ICONS.get(kind, "pin")
