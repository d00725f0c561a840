"""The tables of measured values. They are made by hand (migrations/0002_store.py): partitions, no foreign keys.

Every unique key contains `datastream_id`, so that the same tables distribute on Citus (ADR 0012).
"""

from django.db import models

MONTHS = "hub_observation"


class Latest(models.Model):
    """One row per datastream, kept in the transaction that writes observations.

    The newest value by phenomenon time, how many there are, from when to when. `rolled_until`: rollups are complete
    before this moment, except for the hours that stand in hub_dirty_hour. `values_since`: older values were deleted
    because their time was over; their rollups stay as they are. An observation can only be written while this row is
    there, so a deleted datastream never gets an orphan.
    """

    datastream = models.OneToOneField(
        "hub.Datastream", primary_key=True, on_delete=models.CASCADE, related_name="latest", db_index=False
    )
    observation_id = models.BigIntegerField(null=True)
    phenomenon_start = models.DateTimeField(null=True)
    phenomenon_end = models.DateTimeField(null=True)
    result_time = models.DateTimeField(null=True)
    number = models.FloatField(null=True)
    text = models.TextField(null=True)  # noqa: DJ001 (empty text is a result, none is another)
    json = models.JSONField(null=True)
    flags = models.IntegerField(default=0)
    count = models.BigIntegerField(default=0)
    first_start = models.DateTimeField(null=True)
    last_end = models.DateTimeField(null=True)
    first_result = models.DateTimeField(null=True)
    last_result = models.DateTimeField(null=True)
    rolled_until = models.DateTimeField(null=True)
    values_since = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    watched = models.SmallIntegerField(default=0, db_default=0, help_text="1: has quality rules, 2: has alert rules")

    class Meta:
        db_table = "hub_latest"


class ArchivedMonth(models.Model):
    """A month of one table that stands in Parquet; its partition may be gone. `path` is below the archive folder."""

    month = models.DateField(primary_key=True)
    path = models.TextField()
    rows = models.BigIntegerField()
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    archived_at = models.DateTimeField(auto_now_add=True)
    dropped_at = models.DateTimeField(null=True)
