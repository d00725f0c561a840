"""The words of the hub: who may see something, what a flag at a value means, what kinds of results there are."""

from enum import IntFlag, StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Visibility(TextChoices):
    """Who reads a thing or a datastream. NAMED: only the owner and whoever a data contract names."""

    PUBLIC = "public", _("öffentlich")
    ORGANISATION = "organisation", _("nur die eigene Organisation")
    NAMED = "named", _("nur Genannte")


class SameMoment(TextChoices):
    """What a second value for the same moment is: a correction of the first, or another value beside it."""

    CORRECT = "correct", _("Berichtigung")
    KEEP = "keep", _("weiterer Wert")


class Flag(IntFlag):
    """What the rules found at a value. The value itself is never changed or dropped.

    BAD stands beside the finding when the rule says so: such values are left out of means and rollups.
    """

    CHECKED = 1
    RANGE = 2
    STEP = 4
    STUCK = 8
    GAP = 16
    DUPLICATE = 32
    DRIFT = 64
    OUTLIER = 128
    LATE = 256
    CORRECTED = 512
    BAD = 1024


class ObservationType(StrEnum):
    """OGC Observations & Measurements 2.0, clause 7: the kind of a result."""

    CATEGORY = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation"
    COUNT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CountObservation"
    MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    OBSERVATION = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation"
    TRUTH = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_TruthObservation"
    COMPLEX = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation"


GEOJSON = "application/geo+json"
ENCODINGS_OF_PLACES = (GEOJSON, "application/vnd.geo+json")
NO_UNIT = {"name": "", "symbol": "", "definition": ""}
