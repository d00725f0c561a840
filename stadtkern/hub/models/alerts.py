"""Alerts: what is watched for whom, what stands how, what was raised, what went out."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AlertRule(models.Model):
    """Somebody wants to know when values go too far, change too fast, stay away, or are about to go too far.

    The subject is a datastream, every datastream of a thing or of an observed property, each only as far as `person`
    may read it. Without subject it is the one rule of the house: feeds that fall silent (`is_default`).
    `threshold` is in the unit of the datastream (rate: change per `seconds`); `clear` is where it is over again
    (empty: at the threshold). `seconds`: of a rate, the silence that is too long, how far a forecast looks ahead.
    """

    class Kind(models.TextChoices):
        THRESHOLD = "threshold", _("Grenzwert")
        RATE = "rate", _("schnelle Änderung")
        SILENCE = "silence", _("keine neuen Werte")
        FORECAST = "forecast", _("Grenzwert in Sicht")

    class Direction(models.TextChoices):
        ABOVE = "above", _("darüber")
        BELOW = "below", _("darunter")

    name = models.CharField(max_length=120)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="alert_rules"
    )
    organisation = models.ForeignKey(
        "people.Organisation",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="its stewards are told, and may change the rule",
    )
    datastream = models.ForeignKey("hub.Datastream", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    thing = models.ForeignKey("hub.Thing", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    observed_property = models.ForeignKey(
        "hub.ObservedProperty", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    is_default = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=Kind)
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.ABOVE)
    threshold = models.FloatField(null=True, blank=True)
    clear = models.FloatField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    hold_seconds = models.PositiveIntegerField(default=0, help_text="how long it must last before it is raised")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    is_important = models.BooleanField(default=False, help_text="is told in quiet hours too")
    escalate_minutes = models.PositiveIntegerField(null=True, blank=True)
    escalate_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    escalate_organisation = models.ForeignKey(
        "people.Organisation", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    webhook_url = models.URLField(max_length=400, blank=True)
    webhook_secret = models.TextField(blank=True, help_text="sealed")
    mqtt_topic = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when something of it was told last")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_default=True, datastream=None, thing=None, observed_property=None)
                | Q(is_default=False, datastream__isnull=False, thing=None, observed_property=None)
                | Q(is_default=False, datastream=None, thing__isnull=False, observed_property=None)
                | Q(is_default=False, datastream=None, thing=None, observed_property__isnull=False),
                name="hub_alert_rule_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(is_default=True) | Q(person__isnull=False), name="hub_alert_rule_has_a_person"
            ),
            models.CheckConstraint(
                condition=Q(kind="silence") | Q(threshold__isnull=False), name="hub_alert_rule_has_a_threshold"
            ),
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="hub_one_default_alert"),
        ]


class AlertState(models.Model):
    """How one rule stands at one datastream. `seen_until`: the phenomenon time up to which values were judged."""

    class State(models.TextChoices):
        QUIET = "quiet", _("ruhig")
        PENDING = "pending", _("beginnt")
        RAISED = "raised", _("ausgelöst")
        ACKNOWLEDGED = "acknowledged", _("jemand kümmert sich")

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="states")
    datastream = models.ForeignKey("hub.Datastream", on_delete=models.CASCADE, related_name="alert_states")
    state = models.CharField(max_length=12, choices=State, default=State.QUIET)
    pending_since = models.DateTimeField(null=True, blank=True)
    seen_until = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True, help_text="the last one judged")
    is_old = models.BooleanField(default=False, help_text="the rule no longer reaches it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "datastream"], name="hub_one_state_each")]
        indexes = [
            models.Index(fields=["state"], condition=~Q(state="quiet"), name="hub_alert_not_quiet"),
        ]


class Alert(models.Model):
    """One time that a rule was raised at a datastream, until it was over. `told_at`: empty, nobody was told (yet)."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts")
    datastream = models.ForeignKey("hub.Datastream", on_delete=models.CASCADE, related_name="alerts")
    since = models.DateTimeField(help_text="when it began")
    raised_at = models.DateTimeField()
    value = models.FloatField(null=True, blank=True)
    limit = models.FloatField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=400, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    over_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "datastream"], condition=Q(over_at=None), name="hub_one_open_alert")
        ]
        indexes = [
            models.Index(fields=["-raised_at", "-id"], name="hub_alert_by_time"),
            models.Index(fields=["rule"], condition=Q(told_at=None), name="hub_alert_untold"),
        ]


class AlertDue(models.Model):
    """A watched datastream has new values; written in the transaction that brought them."""

    datastream_id = models.BigIntegerField()

    class Meta:
        db_table = "hub_alert_due"


class AlertClock(models.Model):
    """When the clock of the alerts went last, and since when without a break: our own standstill is no silence."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ran_at = models.DateTimeField()
    running_since = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="hub_one_alert_clock")]


class AlertDelivery(models.Model):
    """What goes out to a machine: a webhook, or a message for the broker."""

    class Way(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        MQTT = "mqtt", _("MQTT")

    class State(models.TextChoices):
        WAITING = "waiting", _("wartet")
        SENDING = "sending", _("wird gesendet")
        SENT = "sent", _("zugestellt")
        FAILED = "failed", _("fehlgeschlagen")

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=8, choices=Way)
    target = models.CharField(max_length=400, help_text="address or topic")
    body = models.JSONField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["way", "due_at"], condition=Q(state="waiting"), name="hub_alert_delivery_due"),
            models.Index(fields=["rule", "-created_at"], name="hub_alert_delivery_of_rule"),
        ]
