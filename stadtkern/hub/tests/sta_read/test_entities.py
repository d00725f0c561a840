"""Each entity set answers with the members the standard names."""

import pytest
from django.db import connection

from stadtkern.hub.models import Datastream, Location, Sensor
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_read.asking import ROOT, Sta
from stadtkern.hub.tests.sta_read.town import Town, put
from stadtkern.hub.words import NO_UNIT, Flag

pytestmark = pytest.mark.django_db
CONTROL = {"@iot.id", "@iot.selfLink"}
DESCRIBED = {"name", "description", "properties"}
MEMBERS = {
    "Things": (DESCRIBED, {"Locations", "HistoricalLocations", "Datastreams", "MultiDatastreams"}),
    "Locations": (DESCRIBED | {"encodingType", "location"}, {"Things", "HistoricalLocations"}),
    "HistoricalLocations": ({"time"}, {"Thing", "Locations"}),
    "Sensors": (DESCRIBED | {"encodingType", "metadata"}, {"Datastreams", "MultiDatastreams"}),
    "ObservedProperties": (DESCRIBED | {"definition"}, {"Datastreams", "MultiDatastreams"}),
    "FeaturesOfInterest": (DESCRIBED | {"encodingType", "feature"}, {"Observations"}),
    "Datastreams": (
        DESCRIBED | {"observationType", "unitOfMeasurement", "observedArea", "phenomenonTime", "resultTime"},
        {"Thing", "Sensor", "ObservedProperty", "Observations"},
    ),
    "MultiDatastreams": (
        DESCRIBED
        | {"observationType", "unitOfMeasurements", "multiObservationDataTypes", "observedArea", "phenomenonTime"},
        {"Thing", "Sensor", "ObservedProperties", "Observations"},
    ),
    "Observations": ({"phenomenonTime", "resultTime", "result"}, {"Datastream", "FeatureOfInterest"}),
}


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_every_set_has_its_members(town: Town, sta: Sta, name: str) -> None:
    properties, ways = MEMBERS[name]
    first = sta(name)["value"][0]
    assert set(first) == CONTROL | properties | {f"{way}@iot.navigationLink" for way in ways}
    assert first["@iot.selfLink"] == f"{ROOT}/{name}({first['@iot.id']})"
    for way in ways:
        assert first[f"{way}@iot.navigationLink"] == f"{first['@iot.selfLink']}/{way}"
        assert sta.get(first[f"{way}@iot.navigationLink"]).status_code == 200
    assert sta(f"{name}({first['@iot.id']})") == first


def test_the_root_lists_the_sets_and_what_is_proved(sta: Sta, db: None) -> None:
    answer = sta("")
    assert {one["name"]: one["url"] for one in answer["value"]} == {name: f"{ROOT}/{name}" for name in MEMBERS}
    assert "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/thing" in answer["serverSettings"]["conformance"]
    assert sta.get("/sta/v1.1").status_code == 200


def test_results_of_every_kind(town: Town, sta: Sta) -> None:
    level, air = town.streams["pond level"].pk, town.streams["bench air"]
    assert [one["result"] for one in sta(f"Datastreams({level})/Observations")["value"]] == [
        1.25,
        "frozen",
        {"level": [1, 2]},
    ]
    put(air, NOON.replace(hour=3), number=3.0)
    put(air, NOON.replace(hour=4), json=2**60)
    put(air, NOON.replace(hour=5))
    raw = sta.raw(f"Datastreams({air.pk})/Observations", top=3, select="result").body
    assert raw.startswith(b'{"value":[{"result":3},{"result":%d},{"result":null}]' % 2**60)


def test_times_are_utc_and_have_fractions_only_where_there_are_any(town: Town, sta: Sta) -> None:
    air = town.streams["bench air"]
    for n, micro in enumerate((500_000, 123_456)):
        put(air, NOON.replace(hour=2 + n, microsecond=micro), NOON.replace(hour=6), valid_start=NOON, valid_end=NOON)
    found = sta(f"Datastreams({air.pk})/Observations", top=2)["value"]
    assert found[0]["phenomenonTime"] == "2026-05-04T02:00:00.500Z/2026-05-04T06:00:00Z"
    assert found[1]["phenomenonTime"] == "2026-05-04T03:00:00.123456Z/2026-05-04T06:00:00Z"
    assert found[0]["validTime"] == "2026-05-04T12:00:00Z/2026-05-04T12:00:00Z"


def test_result_quality_is_the_clients_and_ours(town: Town, sta: Sta) -> None:
    air = town.streams["bench air"]
    cases = [
        ({"quality": "good"}, "good"),
        ({"quality": {"code": 1}, "flags": Flag.CHECKED}, [{"code": 1}, {"nameOfMeasure": "checked", "pass": True}]),
        ({"quality": ["a"], "flags": Flag.RANGE | Flag.CHECKED}, ["a", {"nameOfMeasure": "range", "pass": False}]),
        ({"flags": Flag.LATE}, [{"nameOfMeasure": "late"}]),
        ({"quality": []}, []),
    ]  # fmt: skip
    for n, (given, _told) in enumerate(cases):
        put(air, NOON.replace(hour=n), number=1.0, **given)
    found = sta(f"Datastreams({air.pk})/Observations", top=len(cases))["value"]
    assert [one["resultQuality"] for one in found] == [told for _given, told in cases]


def test_a_unit_that_is_empty_is_null(town: Town, sta: Sta) -> None:
    air = town.streams["bench air"]
    Datastream.objects.filter(pk=air.pk).update(unit=NO_UNIT)
    Datastream.objects.filter(pk=town.streams["bench wind"].pk).update(unit=[NO_UNIT, {"name": "m"}])
    nothing = {"name": None, "symbol": None, "definition": None}
    assert sta(f"Datastreams({air.pk})")["unitOfMeasurement"] == nothing
    units = sta(f"MultiDatastreams({town.streams['bench wind'].pk})")["unitOfMeasurements"]
    assert units == [nothing, {"name": "m"}]


def test_the_observed_area_is_kept_or_the_box_of_the_features(town: Town, sta: Sta) -> None:
    air = town.streams["bench air"]
    assert sta(f"Datastreams({air.pk})")["observedArea"] == {"type": "Point", "coordinates": [7.2239, 51.4921]}
    with connection.cursor() as cursor:
        cursor.execute("insert into hub_feature_use values (%s, %s)", [air.pk, town.features["lake"].pk])
    area = sta(f"Datastreams({air.pk})")["observedArea"]
    assert area["type"] == "Polygon"
    assert area["coordinates"][0][0] == area["coordinates"][0][-1] == [7.2239, 51.43]
    kept = {"type": "Point", "coordinates": [1, 2]}
    Datastream.objects.filter(pk=air.pk).update(observed_area=kept)
    assert sta(f"Datastreams({air.pk})")["observedArea"] == kept


def test_a_datastream_without_values_has_no_times(town: Town, sta: Sta) -> None:
    found = sta(f"Datastreams({town.streams['tree moisture'].pk})")
    assert "phenomenonTime" not in found
    asked = sta(f"Datastreams({town.streams['tree moisture'].pk})", select="phenomenonTime")
    assert asked == {"phenomenonTime": None}


def test_json_goes_through_unchanged(town: Town, sta: Sta) -> None:
    strange = {"text": "Ü \"'\\ \u2028 %s %(a)s {0}", "deep": [[[{}]]], "big": 12345678901234567890}
    Sensor.objects.filter(pk=town.sensor.pk).update(metadata=strange, name="%s {t} {} $1 ' \\")
    found = sta(f"Sensors({town.sensor.pk})")
    assert found["metadata"] == strange
    assert found["name"] == "%s {t} {} $1 ' \\"


def test_a_location_of_another_encoding_is_as_it_is(town: Town, sta: Sta) -> None:
    Location.objects.filter(pk=town.locations["park"].pk).update(encoding_type="text/plain", location="by the oak")
    assert sta(f"Locations({town.locations['park'].pk})")["location"] == "by the oak"
    assert sta.names("Locations", filter="st_within(location, geography'POLYGON((0 0, 20 0, 20 60, 0 60, 0 0))')") == [
        "street",
        "lake",
    ]
