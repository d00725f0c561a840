"""Addresses of the desk."""

from django.urls import path

from stadtkern.reports.web import desk, desk_actions, desk_filters

app_name = "reports-desk"
urlpatterns = [
    path("", desk.inbox, name="inbox"),
    path("filter/", desk_filters.save, name="save-filter"),
    path("filter/<int:filter_id>/weg/", desk_filters.forget, name="forget-filter"),
    path("<int:report_id>/", desk.show, name="report"),
    path("<int:report_id>/<slug:key>/", desk_actions.act, name="act"),
]
