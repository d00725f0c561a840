"""Where values are fetched from by the clock, and what every run did."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from stadtkern.hub.words import Visibility


class Connector(models.Model):
    """A source that is asked again and again: its kind, its settings, where it stands.

    `config` never holds a secret: those are closed in `sealed`. `position` is what the kind must remember from run to
    run (etag, last moment); `known` says which facts of things and series are registered already (key -> digest).
    `checked_at`: the last run that went well; `fresh_at`: when it last brought something new; `newest_at`: the newest
    moment it brought; `silent_since`: set while the feed is dead, so that it is told once.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        ACTIVE = "active", _("läuft")
        PAUSED = "paused", _("angehalten")

    key = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=30)
    organisation = models.ForeignKey("people.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.PUBLIC)
    config = models.JSONField(default=dict, blank=True)
    sealed = models.TextField(blank=True)
    file = models.CharField(max_length=200, blank=True, help_text="an uploaded file's name in the private storage")
    file_name = models.CharField(max_length=200, blank=True, help_text="as the person called it")
    interval_minutes = models.PositiveIntegerField(null=True, blank=True)
    expect_minutes = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    position = models.JSONField(default=dict, blank=True)
    known = models.JSONField(default=dict, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    fresh_at = models.DateTimeField(null=True, blank=True)
    newest_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="when it was switched on last")
    created_by = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(F("next_at"), name="hub_connector_due", condition=Q(state="active"))]

    @property
    def source(self) -> str:
        """The `source` of everything this connector registers."""
        return f"connector:{self.key}"


class Run(models.Model):
    """One run of a connector. Counts are values, `rows` and `repeated_rows` are rows of the source.

    `rejects`: the first 100, each {row, reason, raw}; `reasons`: how often each reason came.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("läuft")
        DONE = "done", _("fertig")
        UNCHANGED = "unchanged", _("nichts Neues")
        FAILED = "failed", _("fehlgeschlagen")
        BROKEN_OFF = "broken_off", _("abgebrochen")

    class Cause(models.TextChoices):
        CLOCK = "clock", _("nach Plan")
        HAND = "hand", _("von Hand")
        GAP = "gap", _("Lücke gefüllt")
        COMMAND = "command", _("Befehlszeile")

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="runs")
    cause = models.CharField(max_length=8, choices=Cause, default=Cause.CLOCK)
    by = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.SET_NULL)
    file_name = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    rows = models.BigIntegerField(default=0)
    repeated_rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    rejects = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector"], condition=Q(state="running"), name="hub_one_run_of_a_connector"
            ),
        ]
        indexes = [models.Index(F("connector"), F("started_at").desc(), name="hub_run_of_connector")]
