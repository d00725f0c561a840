"""Tables of media: one row per image; its pixels lie in the storages."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from stadtkern.media.words import STATE_LABELS, State


class Image(models.Model):
    """A photo or picture somebody gave the city.

    `original` names the upload in the private storage until retention takes it; `base` names the renditions.
    `boxes` are what is hidden, in fractions of the upright picture. Who owns an image is the owner's business.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=list(STATE_LABELS.items()), default=State.RECEIVED)
    alt = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    author = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    redact = models.BooleanField(default=True)
    wanted = models.BooleanField(default=False, help_text="publish as soon as the renditions are made")
    original = models.CharField(max_length=120, blank=True)
    base = models.CharField(max_length=32, blank=True)
    boxes = models.JSONField(default=list)
    detector = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True, help_text="why it still waits, for operators")
    refused_reason = models.CharField(max_length=500, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    public_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "created_at"]),
            models.Index(fields=["created_at"], condition=~models.Q(original=""), name="media_kept_originals"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in State]), name="media_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.PUBLIC.value) | ~models.Q(base=""), name="public_image_has_renditions"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"

    @property
    def state_label(self) -> str:
        return str(STATE_LABELS[State(self.state)])
