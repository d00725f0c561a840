"""Addresses of the portal, at the root of the site."""

from django.urls import path

from stadtkern.portal.web import app, data, display, everything, home, law, near, problems, searching, style

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("suche/", searching.search, name="search"),
    path("karte/", everything.everything, name="map"),
    path("in-meiner-naehe/", near.near, name="near"),
    path("darstellung/", display.display, name="display"),
    path("darstellung/setzen/", display.set_display, name="set-display"),
    path("sprache/", display.set_language, name="language"),
    path("barrierefreiheit/", law.accessibility, name="accessibility"),
    path("impressum/", law.imprint, name="imprint"),
    path("datenschutz/", law.privacy, name="privacy"),
    path("ohne-netz/", app.offline, name="offline"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.worker, name="worker"),
    path("daten/", data.datasets, name="open-data"),
    path("daten/<str:key>/", data.dataset, name="dataset"),
    path("daten/<str:key>.<slug:form>", data.download, name="download"),
    path("api/problems/", problems.problems, name="problems"),
    path("api/problems/<slug:kind>", problems.problem, name="problem"),
    path("desk/stil/", style.style, name="style"),
]
