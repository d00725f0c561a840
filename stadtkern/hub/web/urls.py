"""Addresses of the hub for citizens. Before the portal's, whose /daten/<key>/ would catch them."""

from django.urls import URLPattern, path

from stadtkern.hub.web import adopting, comparing, explorer, on_site, quality_page, stations, thing, values

app_name = "hub"
urlpatterns: list[URLPattern] = [
    path("daten/messwerte/", stations.index, name="stations"),
    path("daten/messwerte/karte/", stations.on_map, name="stations-map"),
    path("daten/messwerte/karte.json", stations.map_data, name="stations-marks"),
    path("daten/messwerte/vergleich/", comparing.compare, name="compare"),
    path("daten/messwerte/<int:thing_id>/", thing.show, name="station"),
    path("daten/messwerte/<int:thing_id>/werte.<slug:form>", values.download, name="station-values"),
    path("daten/qualitaet/", quality_page.quality, name="quality"),
    path("daten/schnittstelle/", explorer.explore, name="explorer"),
    path("daten/vor-ort/", on_site.index, name="on-site"),
    path("daten/vor-ort/<int:thing_id>/", on_site.show, name="on-site-station"),
    path("daten/vor-ort/<int:thing_id>/patenschaft/", adopting.adopt, name="adopt"),
    path("daten/vor-ort/<int:thing_id>/gegossen/", adopting.watered, name="watered"),
    path("daten/vor-ort/<int:thing_id>/patenschaft/beenden/", adopting.give_up, name="give-up"),
    path("daten/giesspatenschaft/", adopting.trees, name="trees"),
    path("feeds/messwerte.geojson", stations.geojson, name="stations-geojson"),
]
