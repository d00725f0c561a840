"""Addresses of the sources at the desk, below /desk/daten/quellen/."""

from django.urls import path

from stadtkern.hub.web import desk_letters, desk_sources, desk_sources_steps

app_name = "hub-sources"
urlpatterns = [
    path("", desk_sources.index, name="index"),
    path("neu/", desk_sources_steps.new, name="new"),
    path("nachrichten/", desk_letters.index, name="letters"),
    path("nachrichten/auswahl/", desk_letters.act, name="act-on-letters"),
    path("<int:source_id>/", desk_sources.show, name="source"),
    path("<int:source_id>/adresse/", desk_sources_steps.address, name="address"),
    path("<int:source_id>/zuordnung/", desk_sources_steps.mapping, name="mapping"),
    path("<int:source_id>/vorschau/", desk_sources_steps.look_before, name="preview"),
    path("<int:source_id>/lauf/", desk_sources.run, name="run-now"),
    path("<int:source_id>/anhalten/", desk_sources.stop, name="pause"),
    path("<int:source_id>/weiter/", desk_sources.go_on, name="go-on"),
    path("<int:source_id>/luecke/", desk_sources.gap, name="gap"),
    path("<int:source_id>/loeschen/", desk_sources.leave, name="leave"),
    path("<int:source_id>/laeufe/<int:run_id>/", desk_sources.one_run, name="run"),
]
