"""Addresses of places."""

from django.urls import path

from stadtkern.places.web import layers, maps, search

app_name = "places"
urlpatterns = [
    path("orte/", layers.place_list, name="list"),
    path("orte/suche", search.search, name="search"),
    path("orte/adresse", search.reverse, name="reverse"),
    path("orte/bezirke.geojson", layers.districts, name="districts"),
    path("orte/orte.geojson", layers.places, name="places"),
    path("orte/bezirke/", layers.district_list, name="district-list"),
    path("orte/bezirke/<slug:key>/", layers.district, name="district"),
    path("karte/stil.json", maps.style, name="style"),
    path("karte/kacheln/<int:z>/<int:x>/<int:y>", maps.tile, name="tiles"),
    path("karte/kacheln.pmtiles", maps.archive, name="archive"),
]
