"""Services outside that know places, when operators configure them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import DataProcessor, processors


def _geocoder() -> str:
    return urlsplit(settings.GEOCODER.partition(":")[2]).hostname or ""


def _tiles() -> str:
    return (urlsplit(settings.TILES_URL).hostname or "") if "://" in settings.TILES_URL else ""


processors.add(
    DataProcessor(
        key="places.geocoder",
        name=_("Adress-Suche"),
        purpose=_("findet Adressen; bekommt von uns, was gesucht wird, aber nicht, wer sucht"),
        where=_geocoder,
    )
)
processors.add(
    DataProcessor(
        key="places.tiles",
        name=_("Kartenbilder"),
        purpose=_("liefert die Karte; bekommt von uns den Ausschnitt, aber nicht, wer ihn ansieht"),
        where=_tiles,
    )
)
