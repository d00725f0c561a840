"""The map of everything: the layers of all modules, and the same as lists."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stadtkern.core.parts import MapLayer, map_layers


def everything(request: HttpRequest) -> HttpResponse:
    """?ebene=reports&ebene=trees chooses the layers; the view itself is the address's #zoom/lat/lon."""
    layers: list[MapLayer] = sorted(map_layers, key=lambda layer: (layer.order, layer.key))
    asked = set(request.GET.getlist("ebene"))
    known = {layer.key for layer in layers}
    shown = asked & known or {layer.key for layer in layers if layer.on_at_start}
    return render(request, "portal/map.html", {"layers": [(layer, layer.key in shown) for layer in layers]})
