"""Messages from devices and brokers, kept until they are observations; what failed stays and can be replayed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Decoder(models.Model):
    """How the bytes of a device become values: a declared layout (data), or a script that runs in a sandbox."""

    class Language(models.TextChoices):
        LAYOUT = "layout", _("Feldliste")
        SCRIPT = "script", _("JavaScript")

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8, choices=Language)
    layout = models.JSONField(default=dict, blank=True)
    script = models.TextField(blank=True)
    is_builtin = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)


class Device(models.Model):
    """A LoRaWAN device, or a topic of a broker: whose messages become values of which datastreams.

    `fields`: decoded field -> datastream id, or {"datastream": id, "factor": 0.1, "offset": 0}, or null: known and not
    kept. Fields are paths: "air.temperature", "channels.0". `time_field` and `battery_field` are such paths too;
    without the first the network says when.
    """

    class Network(models.TextChoices):
        LORAWAN = "lorawan", _("LoRaWAN")
        MQTT = "mqtt", _("MQTT-Thema")

    key = models.CharField(max_length=200, unique=True, help_text="device EUI in upper case, or the topic")
    network = models.CharField(max_length=8, choices=Network, default=Network.LORAWAN)
    name = models.CharField(max_length=120, blank=True)
    thing = models.ForeignKey("hub.Thing", null=True, blank=True, on_delete=models.SET_NULL, related_name="devices")
    decoder = models.ForeignKey(Decoder, null=True, blank=True, on_delete=models.PROTECT, related_name="devices")
    organisation = models.ForeignKey("people.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    fields = models.JSONField(default=dict, blank=True)
    time_field = models.CharField(max_length=120, blank=True)
    battery_field = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    battery = models.FloatField(null=True, blank=True)
    signal_dbm = models.FloatField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)


class Letter(models.Model):
    """One message as it came. DONE letters are deleted after a while, FAILED ones wait for a person."""

    class State(models.TextChoices):
        WAITING = "waiting", _("wartet")
        DONE = "done", _("verarbeitet")
        FAILED = "failed", _("fehlgeschlagen")
        DROPPED = "dropped", _("verworfen")

    source = models.CharField(max_length=20, help_text="ttn, chirpstack, mqtt, sensorthings")
    device_key = models.CharField(max_length=200)
    frame = models.CharField(max_length=120, help_text="tells repeats apart: frame counter and session of the device")
    payload = models.JSONField()
    key_prefix = models.CharField(max_length=12, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "device_key", "frame"], name="hub_letter_once"),
        ]
        indexes = [models.Index(fields=["state", "received_at"], name="hub_letter_by_state")]
