"""Trees that people look after. Who has adopted one follows the topic "tree" in `threads`, value the thing's id."""

from django.db import models
from django.db.models import F


class Watering(models.Model):
    """Somebody watered. `contact`: who, forgotten after a while or with the contact; the watering itself stays."""

    thing = models.ForeignKey("hub.Thing", on_delete=models.CASCADE, related_name="waterings")
    contact = models.ForeignKey("threads.Contact", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(F("thing"), F("at").desc(), name="hub_watering_of_thing")]


class Thirst(models.Model):
    """How an adopted tree stands: `since` when it is dry, `told_at` when its carers were told of it last."""

    thing = models.OneToOneField("hub.Thing", primary_key=True, on_delete=models.CASCADE, related_name="thirst")
    since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
