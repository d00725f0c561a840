"""Tables of places. Points are WGS84 (EPSG:4326); the database keeps an index of its own over them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from stadtkern.places.words import PlaceKind, Precision


class District(models.Model):
    """A part of the city, as the pack draws it. `geometry` is GeoJSON."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    ref = models.IntegerField(default=0)
    geometry = models.JSONField()
    min_lon = models.FloatField()
    min_lat = models.FloatField()
    max_lon = models.FloatField()
    max_lat = models.FloatField()
    area_km2 = models.FloatField()
    population = models.IntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["ref", "key"]


class Place(models.Model):
    """A named or numbered point. `search` and `grams` are made from the words by domain.gazetteer.

    The migration adds two columns that only SQL reads: `at` (point, GiST) and `search_vector` (GIN).
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=PlaceKind.choices)
    name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=120, blank=True)
    house_number = models.CharField(max_length=20, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    category = models.CharField(max_length=120, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, related_name="places")
    precision = models.CharField(max_length=12, choices=Precision.choices, default=Precision.POINT)
    origin = models.CharField(max_length=40)
    source = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=40, blank=True)
    search = models.TextField(default="")
    grams = ArrayField(models.CharField(max_length=3), default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            GinIndex(fields=["grams"], name="place_grams"),
            models.Index(fields=["kind", "name", "id"], name="place_by_kind"),
            models.Index(fields=["origin"], name="place_by_origin"),
        ]
