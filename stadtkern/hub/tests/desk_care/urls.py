"""All addresses of the house, and those of the care for data wherever they are mounted."""

from importlib import import_module

from django.urls import include, path

house = import_module("stadtkern.config.urls")
handler404, handler403, handler500 = house.handler404, house.handler403, house.handler500
MINE = "hub-care"
urlpatterns = list(house.urlpatterns)
if not any(getattr(one, "namespace", None) == MINE for one in urlpatterns):
    urlpatterns.append(path("desk/daten/", include("stadtkern.hub.web.desk_rules_urls")))
