"""Contacts, threads, entries, follows, notifications and their deliveries."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from stadtkern.core.secrets import new_nonce
from stadtkern.people.models import Organisation
from stadtkern.threads.words import Channel, DeliveryState, EntryKind, Pace, Part, ShownTo


class Contact(models.Model):
    """Somebody we can reach: a person, an address, or only a device. Personal data live here."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=12, default="de")
    nonce = models.CharField(max_length=16, default=new_nonce)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    pace = models.CharField(max_length=8, choices=Pace, default=Pace.NOW, help_text="the soonest this contact is told")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="absorbed")

    class Meta:
        indexes = [models.Index(Lower("email"), name="contact_by_email")]


class Thread(models.Model):
    """What is said and done about one matter; the matter itself is (kind, subject_id)."""

    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=200)
    is_public = models.BooleanField(default=True)
    nonce = models.CharField(max_length=16, default=new_nonce)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="one_thread_per_matter",
            )
        ]


class Participant(models.Model):
    """A contact's part in a thread."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="participants")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="parts")
    part = models.CharField(max_length=10, choices=Part, default=Part.REPORTER)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "contact"], name="one_part_per_thread")]


class Entry(models.Model):
    """One line of a thread's history. The database refuses to delete it or to change what it says,
    except that a text may be emptied (moderation, erasure)."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=EntryKind)
    code = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    shown_to = models.CharField(max_length=12, choices=ShownTo, default=ShownTo.PUBLIC)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    data = models.JSONField(default=dict)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["thread", "at", "id"])]


class Follow(models.Model):
    """A wish to hear of a topic: ("report", "4711"), ("district", "mitte"), ("area", "51.48,7.21,500").

    An area also keeps its bounding box (degrees, WGS84), which the database can search (migration 0003).
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="follows")
    topic = models.CharField(max_length=40)
    value = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=200, blank=True)
    pace = models.CharField(max_length=8, choices=Pace, default=Pace.NOW)
    south = models.FloatField(null=True, blank=True)
    west = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "topic", "value"], name="follow_once")]
        indexes = [models.Index(fields=["topic", "value"])]


class ChannelChoice(models.Model):
    """A contact's wish for one topic and channel; no row means the wish for the topic "*", else the default (on)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="choices")
    topic = models.CharField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "topic", "channel"], name="choose_once")]


class PushSubscription(models.Model):
    """A browser that agreed to web push (RFC 8030)."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True, blank=True)


class Notification(models.Model):
    """Something one contact is told; the inbox shows it, deliveries carry it elsewhere."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notifications")
    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="notifications")
    topic = models.CharField(max_length=40)
    happening = models.CharField(max_length=120, help_text="what it tells of; told once per contact")
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "happening"], name="told_once")]
        indexes = [models.Index(fields=["contact", "-created_at", "-id"])]


class Delivery(models.Model):
    """A notification on its way through one channel."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    pace = models.CharField(max_length=8, choices=Pace, default=Pace.NOW)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="when a worker began to hand it over")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "channel"], name="one_way_once")]
        indexes = [models.Index(fields=["state", "due_at"])]


class PushKey(models.Model):
    """The one key pair of web push (VAPID, RFC 8292), made once, so that all processes share it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    private = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_push_key")]
