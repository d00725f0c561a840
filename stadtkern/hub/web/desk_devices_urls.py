"""Addresses of stations, devices and decoders at the desk, below /desk/daten/."""

from django.urls import path

from stadtkern.hub.web import desk_decoders, desk_devices, desk_things

app_name = "hub-devices"
urlpatterns = [
    path("stationen/", desk_things.index, name="things"),
    path("stationen/<int:thing_id>/", desk_things.show, name="thing"),
    path("stationen/<int:thing_id>/sichtbarkeit/", desk_things.change_visibility, name="visibility"),
    path("geraete/", desk_devices.index, name="devices"),
    path("geraete/neu/", desk_devices.new, name="new-device"),
    path("geraete/<int:device_id>/", desk_devices.show, name="device"),
    path("geraete/<int:device_id>/aendern/", desk_devices.change, name="change-device"),
    path("geraete/<int:device_id>/felder/", desk_devices.fields, name="fields"),
    path("geraete/<int:device_id>/schalter/", desk_devices.turn, name="turn"),
    path("geraete/<int:device_id>/nachrichten/", desk_devices.act, name="act-on-letters"),
    path("dekodierer/", desk_decoders.index, name="decoders"),
    path("dekodierer/neu/<slug:language>/", desk_decoders.new, name="new-decoder"),
    path("dekodierer/<int:decoder_id>/", desk_decoders.show, name="decoder"),
    path("dekodierer/<int:decoder_id>/aendern/", desk_decoders.edit, name="edit-decoder"),
    path("dekodierer/<int:decoder_id>/loeschen/", desk_decoders.leave, name="leave-decoder"),
]
