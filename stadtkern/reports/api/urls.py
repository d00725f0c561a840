"""Addresses of Open311 GeoReport v2, below /open311/. The format is the ending of the address."""

from django.urls import URLPattern, re_path

from stadtkern.reports.api.open311 import views

app_name = "open311"
END = r"(?:\.(?P<form>[^./]*))?/?$"
urlpatterns: list[URLPattern] = [
    re_path(rf"^v2/discovery{END}", views.discovery, name="discovery"),
    re_path(rf"^v2/services{END}", views.services, name="services"),
    re_path(rf"^v2/services/(?P<code>[^/]+?){END}", views.definition, name="definition"),
    re_path(rf"^v2/requests{END}", views.requests, name="requests"),
    re_path(rf"^v2/requests/(?P<id>[^/]+?){END}", views.one_request, name="request"),
    re_path(rf"^v2/tokens/(?P<token>[^/]+?){END}", views.token, name="token"),
    re_path(rf"^v2/servicerequestupdates{END}", views.updates, name="updates"),
    re_path(r"^.*?(?:\.(?P<form>xml|json))?/?$", views.nothing, name="nothing"),
]
