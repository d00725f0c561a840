"""Addresses of media: renditions for everybody, reviewing for staff."""

from django.urls import path

from stadtkern.media.web import desk, serving

app_name = "media"
urlpatterns = [
    path("bild/<uuid:image_id>/<slug:size>", serving.image, name="image"),
    path("bild/<uuid:image_id>/<slug:base>/<slug:size>", serving.image, name="image"),
    path("desk/media/", desk.waiting, name="waiting"),
    path("desk/media/<uuid:image_id>/", desk.review, name="review"),
    path("desk/media/<uuid:image_id>/vorschau", desk.numbered, name="numbered"),
    path("desk/media/<uuid:image_id>/zurueckziehen", desk.take_back, name="withdraw"),
    path("desk/media/<uuid:image_id>/wiederherstellen", desk.bring_back, name="restore"),
]
