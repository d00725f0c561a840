"""What is measured, where, by what: the entities of OGC SensorThings 1.1 (18-088, clause 8) without the observations.

Identifiers are integers; names are not unique (two benches may have the same name). `source` and `source_key` say
where an imported entity comes from, so that a second import finds it again.
"""

from django.db import models
from django.db.models import F, Q

from stadtkern.hub.words import GEOJSON, NO_UNIT, ObservationType, SameMoment, Visibility


def no_unit() -> dict[str, str]:
    return dict(NO_UNIT)


class Described(models.Model):
    """Name, description and free properties, as all entities have them."""

    name = models.TextField(blank=True)
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class Owned(models.Model):
    """Something that belongs to an organisation and is not seen by everybody."""

    organisation = models.ForeignKey("people.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.PUBLIC)
    source = models.CharField(max_length=60, blank=True)
    source_key = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


def found_again(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["source", "source_key"], condition=~Q(source=""), name=name)


class Boxed(models.Model):
    """The smallest box around a geometry, in degrees (EPSG:4326); empty when there is none."""

    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)

    class Meta:
        abstract = True


class Location(Described, Owned, Boxed):
    """Where a thing is. `location` is GeoJSON when the encoding says so, else whatever the encoding means."""

    encoding_type = models.TextField(default=GEOJSON)
    location = models.JSONField()

    class Meta:
        constraints = [found_again("hub_location_found_again")]
        indexes = [models.Index(fields=["west", "east", "south", "north"], name="hub_location_box")]


class Thing(Described, Owned):
    """A bench, a tree, a pond, a car park: what datastreams tell about."""

    locations = models.ManyToManyField(Location, related_name="things", blank=True)

    class Meta:
        constraints = [found_again("hub_thing_found_again")]


class HistoricalLocation(models.Model):
    """Since when a thing has been where."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="historical_locations")
    locations = models.ManyToManyField(Location, related_name="historical_locations")
    time = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["thing", "-time"], name="hub_history_of_thing")]


class Sensor(Described, Owned):
    """The instrument or procedure; `metadata` describes it in the way `encoding_type` says."""

    encoding_type = models.TextField(default="application/pdf")
    metadata = models.JSONField(default=str, blank=True)

    class Meta:
        constraints = [found_again("hub_sensor_found_again")]


class ObservedProperty(Described):
    """What is observed: air temperature, water level. `definition` is a URI."""

    definition = models.TextField(blank=True)
    source = models.CharField(max_length=60, blank=True)
    source_key = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [found_again("hub_property_found_again")]


class FeatureOfInterest(Described, Owned, Boxed):
    """What an observation is about; without one given, the place of the thing (`thing` is set then)."""

    encoding_type = models.TextField(default=GEOJSON)
    feature = models.JSONField()
    thing = models.ForeignKey(Thing, null=True, blank=True, on_delete=models.SET_NULL, related_name="features")

    class Meta:
        constraints = [found_again("hub_feature_found_again")]
        indexes = [models.Index(fields=["west", "east", "south", "north"], name="hub_feature_box")]


class Datastream(Described, Owned):
    """Observations of one property (or of several at once: `is_multi`) by one sensor at one thing.

    `unit`: {name, symbol, definition}, a list of them when `is_multi`. `interval_seconds`: how often a value should
    come; `keep_days`: how long values are kept (empty: for ever). `default_feature`: what a value without a
    FeatureOfInterest is about.
    """

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, on_delete=models.CASCADE, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, null=True, on_delete=models.CASCADE, related_name="datastreams"
    )
    observed_properties = models.ManyToManyField(
        ObservedProperty, through="DatastreamProperty", related_name="multi_datastreams"
    )
    is_multi = models.BooleanField(default=False)
    observation_type = models.TextField(default=ObservationType.MEASUREMENT)
    multi_types = models.JSONField(default=list, blank=True)
    unit = models.JSONField(default=no_unit)
    observed_area = models.JSONField(null=True, blank=True)
    default_feature = models.ForeignKey(
        FeatureOfInterest, null=True, blank=True, on_delete=models.SET_NULL, related_name="default_of"
    )
    same_moment = models.CharField(max_length=8, choices=SameMoment, default=SameMoment.CORRECT)
    interval_seconds = models.PositiveIntegerField(null=True, blank=True)
    keep_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            found_again("hub_datastream_found_again"),
            models.CheckConstraint(
                condition=Q(is_multi=True) | Q(observed_property__isnull=False), name="hub_datastream_observes"
            ),
        ]
        indexes = [models.Index(F("observed_property"), F("id"), name="hub_datastream_of_property")]


class DatastreamProperty(models.Model):
    """The observed properties of a datastream with several, in the order of the values in a result."""

    datastream = models.ForeignKey(Datastream, on_delete=models.CASCADE)
    observed_property = models.ForeignKey(ObservedProperty, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["datastream", "position"], name="hub_one_property_a_place")]
