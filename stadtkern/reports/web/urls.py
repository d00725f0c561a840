"""Addresses of reports for citizens, at the root of the site."""

from django.urls import path

from stadtkern.reports.web import (
    assets,
    barriers,
    citizen,
    feeds,
    figures,
    filing,
    following,
    kiosk,
    listing,
    public,
    registers,
)

app_name = "reports"
urlpatterns = [
    path("melden/", filing.start, name="file"),
    path("melden/senden", filing.send, name="send"),
    path("melden/aehnlich/", filing.similar, name="similar"),
    path("melden/kiosk/", filing.start, name="kiosk"),
    path("melden/kiosk/neu/", kiosk.afresh, name="kiosk-afresh"),
    path("melden/kiosk/senden", filing.send, name="kiosk-send"),
    path("melden/objekte/", assets.near, name="assets"),
    path("melden/danke/<str:token>/", filing.thanks, name="thanks"),
    path("melden/danke/<str:token>/blatt/", filing.sheet, name="sheet"),
    path("meldungen/", listing.index, name="list"),
    path("meldungen/karte/", listing.on_map, name="map"),
    path("meldungen/karte.json", listing.map_data, name="clusters"),
    path("meldungen/zahlen/", figures.figures, name="figures"),
    path("meldungen/zahlen/<slug:key>.<str:form>", figures.table, name="figure-table"),
    path("meldungen/barrieren/", barriers.listed, name="barriers"),
    path("meldungen/kategorien/", registers.categories, name="categories"),
    path("meldungen/gruende/", registers.reasons, name="reasons"),
    path("meldungen/umgebung/", following.area, name="area"),
    path("meldungen/<int:report_id>/", public.report, name="report"),
    path("meldungen/<int:report_id>/mich-auch/", citizen.support, name="support"),
    path("meldungen/<int:report_id>/folgen/", following.follow_report, name="follow"),
    path("meldungen/<int:report_id>/nachricht/", citizen.say, name="say"),
    path("meldungen/<int:report_id>/rueckmeldung/", citizen.confirm, name="confirm"),
    path("meldungen/<int:report_id>/zurueckziehen/", citizen.withdraw, name="withdraw"),
    path("feeds/meldungen.atom", feeds.atom, name="feed"),
    path("feeds/barrieren.geojson", barriers.geojson, name="barriers-geojson"),
    path("feeds/meldungen.geojson", feeds.geojson, name="geojson"),
    path("feeds/meldungen/<int:report_id>.atom", feeds.report_atom, name="report-feed"),
]
