"""All addresses (see docs/handbook/addresses.md). A route never vanishes without a redirect."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import JavaScriptCatalog

from stadtkern.config.api import api

handler404 = "stadtkern.core.web.middleware.not_found"
handler403 = "stadtkern.core.web.middleware.not_allowed"
handler500 = "stadtkern.core.web.middleware.broken"


def empty(request: HttpRequest) -> HttpResponse:
    """The bench's floor: an empty page through the whole chain."""
    return HttpResponse("<!doctype html><title>empty</title>")


urlpatterns: list[URLPattern | URLResolver] = [
    path("open311/", include("stadtkern.reports.api.urls")),
    path("sta/", include("stadtkern.hub.api.sta.urls")),
    path("", include("stadtkern.hub.web.urls")),  # before the portal's /daten/<key>/
    path("", include("stadtkern.portal.web.urls")),
    path("", include("stadtkern.reports.web.urls")),
    path("", include("stadtkern.threads.web.urls")),
    path("", include("stadtkern.people.web.urls")),
    path("", include("stadtkern.places.web.urls")),
    path("", include("stadtkern.media.web.urls")),
    path("desk/meldungen/", include("stadtkern.reports.web.desk_urls")),
    path("desk/daten/quellen/", include("stadtkern.hub.web.desk_sources_urls")),
    path("desk/daten/", include("stadtkern.hub.web.desk_rules_urls")),
    path("desk/daten/", include("stadtkern.hub.web.desk_devices_urls")),
    path("api/v1/", api.urls),
    path("konto/anmelden/", include("allauth.urls")),
    path("texte.js", JavaScriptCatalog.as_view(packages=["stadtkern"]), name="script-texts"),
    path("", include("stadtkern.config.operation_urls")),
]
if settings.BENCH:
    urlpatterns.append(path("bench/empty", empty))
