"""Wiring of places."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from stadtkern.core.parts import NearHit, SearchHit


class PlacesConfig(AppConfig):
    name = "stadtkern.places"
    label = "places"

    def ready(self) -> None:
        from stadtkern.core.parts import (
            MapLayer,
            NearMe,
            PackLoader,
            SearchSource,
            map_layers,
            near_me,
            pack_loaders,
            search_sources,
        )
        from stadtkern.places import processors  # noqa: F401  they register on import
        from stadtkern.places.domain import loading, tile_cache  # noqa: F401  the nightly job registers on import

        pack_loaders.add(PackLoader(key="places", label=_("Orte"), load=loading.load))
        search_sources.add(SearchSource(key="places", label=_("Orte und Straßen"), search=_search, order=40))
        near_me.add(NearMe(key="places", label=_("Orte in der Nähe"), answer=_near, order=60))
        map_layers.add(
            MapLayer(
                key="districts",
                label=_("Stadtbezirke"),
                data_url="/orte/bezirke.geojson",
                list_url="/orte/bezirke/",
                icon="map",
                order=80,
            )
        )
        map_layers.add(
            MapLayer(
                key="places",
                label=_("Orte"),
                data_url="/orte/orte.geojson?bbox={bbox}",
                list_url="/orte/",
                icon="pin",
                order=60,
            )
        )


def _search(text: str, person: Any, limit: int) -> "Sequence[SearchHit]":
    from django.urls import reverse

    from stadtkern.core.parts import SearchHit
    from stadtkern.places.domain import geocoding
    from stadtkern.places.words import PlaceKind

    page = reverse("portal:map")
    return [
        SearchHit(
            title=hit.label,
            url=f"{page}?ebene=places&ebene=reports#16/{hit.lat:.5f}/{hit.lon:.5f}",
            text=str(PlaceKind(hit.kind).label),
        )
        for hit in geocoding.search(text, limit=limit)
    ]


def _near(lat: float, lon: float) -> "Sequence[NearHit]":
    from stadtkern.core.parts import NearHit
    from stadtkern.places.domain import queries
    from stadtkern.places.words import PlaceKind, icon_of

    found = queries.near(lat, lon)
    return [
        NearHit(
            title=place.name,
            text=str(PlaceKind(place.kind).label),
            distance_m=place.metres,
            icon=icon_of(place.kind),
        )
        for place in found
    ]
