"""What a datastream's values are checked for, and when its instrument was cared for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class QualityRule(models.Model):
    """One check of one datastream. What is empty does not count; the meaning of the numbers depends on the kind.

    range: low..high in the unit of the datastream. step: a change of more than `high`, per `seconds` when given.
    stuck: the same value `count` times in a row, or for `seconds`. gap: nothing for more than `seconds` (empty: one
    and a half intervals). drift: a time more than `seconds` ahead of the reception. late: received more than
    `seconds` after the phenomenon. duplicate: the same value again for the same moment. outlier: more than `high`
    robust deviations from what is usual at this hour of the day, judged by a job from the last `count` days.
    """

    class Kind(models.TextChoices):
        RANGE = "range", _("Wertebereich")
        STEP = "step", _("Sprung")
        STUCK = "stuck", _("Steht still")
        GAP = "gap", _("Lücke")
        DUPLICATE = "duplicate", _("Doppelt gesendet")
        DRIFT = "drift", _("Uhr geht falsch")
        LATE = "late", _("Verspätet")
        OUTLIER = "outlier", _("Ausreißer")

    class Severity(models.TextChoices):
        """BAD: left out of means and rollups, and no reason for an alert."""

        SUSPECT = "suspect", _("auffällig")
        BAD = "bad", _("unbrauchbar")

    datastream = models.ForeignKey("hub.Datastream", on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=10, choices=Kind)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.SUSPECT)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    count = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="where the limits come from")
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["datastream", "kind", "severity"], name="hub_one_rule_of_a_kind"),
            models.CheckConstraint(
                condition=~Q(kind="range") | Q(low__isnull=False) | Q(high__isnull=False), name="hub_range_has_a_limit"
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")), name="hub_rule_low_first"
            ),
        ]


class CalibrationPeriod(models.Model):
    """When an instrument was calibrated, replaced or cleaned; shown beside the values of that time."""

    datastream = models.ForeignKey("hub.Datastream", on_delete=models.CASCADE, related_name="calibrations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400)
    who = models.CharField(max_length=120, blank=True, help_text="a company or a department, no person")

    class Meta:
        indexes = [models.Index(fields=["datastream", "since"], name="hub_calibration_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="hub_calibration_ends_after"
            )
        ]
