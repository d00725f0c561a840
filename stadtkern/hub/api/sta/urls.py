"""Addresses of SensorThings 1.1, below /sta/v1.1. One view: the path is the standard's own grammar."""

from django.urls import URLPattern, re_path

from stadtkern.hub.api.sta import views

app_name = "sta"
urlpatterns: list[URLPattern] = [
    re_path(r"^v1\.1/?$", views.service, name="root"),
    re_path(r"^v1\.1/(?P<rest>(?s:.+))$", views.service, name="service"),  # also what no path should contain
]
