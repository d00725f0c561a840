"""Tables of the ground floor: audit, idempotency, limits."""

from django.db import models


class AuditEntry(models.Model):
    """Who did what to which subject. The database refuses to change or delete a row."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["actor_id", "-at"]),
            models.Index(fields=["action", "-at"]),
        ]


class RememberedRequest(models.Model):
    """The answer to a write that carried an Idempotency-Key."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key")]


class Spent(models.Model):
    """How often something was done in a window of time (rate limits)."""

    bucket = models.CharField(max_length=200)
    window = models.DateTimeField(db_index=True)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window"], name="one_count_per_window")]


class ApiKey(models.Model):
    """A key of a machine outside. Only the digest of its secret is kept; `organisation` is a key, or empty."""

    name = models.CharField(max_length=120)
    organisation = models.SlugField(max_length=60, blank=True)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    per_minute = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
