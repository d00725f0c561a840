"""Addresses of the desk."""

from django.urls import path

from stadtkern.reports.web import (
    desk,
    desk_acting,
    desk_bulk,
    desk_categories,
    desk_field,
    desk_filters,
    desk_map,
    desk_own_blocks,
    desk_rules,
    desk_sheets,
    phone,
)

app_name = "reports-desk"
urlpatterns = [
    path("", desk.inbox, name="inbox"),
    path("auswahl/", desk_bulk.bulk, name="bulk"),
    path("arbeitsblatt.pdf", desk_sheets.paper, name="paper"),
    path("export.<slug:kind>", desk_sheets.export, name="export"),
    path("karte/", desk_map.on_map, name="map"),
    path("karte.json", desk_map.points, name="points"),
    path("zustaendigkeit/", desk_rules.simulator, name="simulator"),
    path("uebergaben/", desk_rules.clocks, name="clocks"),
    path("unterwegs/", desk_field.round_trip, name="field"),
    path("unterwegs/<int:report_id>/", desk_field.done, name="field-done"),
    path("kategorien/", desk_categories.index, name="categories"),
    path("kategorien/<slug:key>/schliessen/", desk_categories.close, name="close-category"),
    path("kategorien/<slug:key>/oeffnen/", desk_categories.reopen, name="open-category"),
    path("filter/", desk_filters.save, name="save-filter"),
    path("filter/<int:filter_id>/weg/", desk_filters.forget, name="forget-filter"),
    path("bausteine/", desk_own_blocks.own, name="blocks"),
    path("bausteine/neu/", desk_own_blocks.edit, name="new-block"),
    path("bausteine/<int:block_id>/", desk_own_blocks.edit, name="block"),
    path("aufgenommen/<int:report_id>/", phone.taken, name="taken"),
    path("nicht-gesendet/", desk_acting.show_unsent, name="unsent"),
    path("<int:report_id>/", desk.show, name="report"),
    path("<int:report_id>/<slug:key>/", desk_acting.act, name="act"),
]
