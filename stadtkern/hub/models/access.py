"""Who may read and write what is not public, until when, and who did."""

from django.db import models
from django.db.models import Q


class Contract(models.Model):
    """A data contract: somebody may use a thing or a datastream for a purpose, until a day.

    The holder is a person, an organisation or an API key (its prefix); the subject a datastream or a whole thing.
    """

    thing = models.ForeignKey("hub.Thing", null=True, blank=True, on_delete=models.CASCADE, related_name="contracts")
    datastream = models.ForeignKey(
        "hub.Datastream", null=True, blank=True, on_delete=models.CASCADE, related_name="contracts"
    )
    person = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.CASCADE)
    organisation = models.ForeignKey("people.Organisation", null=True, blank=True, on_delete=models.CASCADE)
    key_prefix = models.CharField(max_length=12, blank=True)
    may_write = models.BooleanField(default=False)
    purpose = models.TextField()
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(thing__isnull=False, datastream__isnull=True)
                | Q(thing__isnull=True, datastream__isnull=False),
                name="hub_contract_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation__isnull=True, key_prefix="")
                | Q(person__isnull=True, organisation__isnull=False, key_prefix="")
                | (Q(person__isnull=True, organisation__isnull=True) & ~Q(key_prefix="")),
                name="hub_contract_has_one_holder",
            ),
        ]


class AccessEntry(models.Model):
    """Somebody read what is not public. `datastreams` holds at most 100 ids; `more` says how many others."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    person_id = models.BigIntegerField(null=True)
    key_prefix = models.CharField(max_length=12, blank=True)
    interface = models.CharField(max_length=20)
    query = models.TextField(blank=True)
    datastreams = models.JSONField(default=list)
    more = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
