"""Images: what was uploaded, what may be shown."""

import uuid

from django.db import models

from stadtkern.media.words import STATE_LABELS, State


class Image(models.Model):
    """An uploaded picture. The original is private; only renditions are ever shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=list(STATE_LABELS.items()), default=State.RECEIVED)
    alt = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    author = models.CharField(max_length=120, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    bytes = models.PositiveIntegerField(default=0)
    original = models.CharField(max_length=200, blank=True)
    rendition = models.CharField(max_length=200, blank=True)
    boxes = models.JSONField(default=list)
    detector = models.CharField(max_length=120, blank=True)
    refused_because = models.CharField(max_length=200, blank=True)
    withdrawn_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    public_at = models.DateTimeField(null=True, blank=True)
