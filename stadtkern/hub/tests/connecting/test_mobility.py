"""Shared vehicles (GBFS), car parks (DATEX II) and public transport (GTFS-RT); documents after the specifications."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from google.transit import gtfs_realtime_pb2

from stadtkern.core import clock
from stadtkern.hub.domain.connecting import schedule
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Datastream, Run, Thing
from stadtkern.hub.tests.connecting.conftest import Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
STAMP = int(NOON.timestamp())


def newest(made: Connector) -> dict[str, Any]:
    """The newest result of every series, by key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select d.source_key, coalesce(to_jsonb(l.number), l.json, to_jsonb(l.text)) from hub_latest l "
            "join hub_datastream d on d.id = l.datastream_id where d.source = %s",
            [made.source],
        )
        return {key: json.loads(value) if isinstance(value, str) else value for key, value in cursor.fetchall()}


def gbfs(source: Source, version: str, *, updated: Any, reported: Any, bikes: int = 4) -> str:
    is_three = version.startswith("3")
    name = [{"text": "Hauptbahnhof", "language": "de"}, {"text": "Main station", "language": "en"}]
    about = {
        "station_id": "a1",
        "name": name if is_three else "Hauptbahnhof",
        "lat": 51.48,
        "lon": 7.22,
        "capacity": 10,
    }
    count = "num_vehicles_available" if is_three else "num_bikes_available"
    state = {"station_id": "a1", count: bikes, "num_docks_available": 6, "is_renting": True, "last_reported": reported}
    for path, stations in (("information", [about]), ("status", [state, {"station_id": "unknown", count: 1}])):
        body = {"last_updated": updated, "ttl": 60, "version": version, "data": {"stations": stations}}
        source.says(f"/station_{path}", json.dumps(body))
    feeds = {
        "feeds": [
            {"name": f"station_{name}", "url": f"{source.url}/station_{name}"} for name in ("information", "status")
        ]
    }
    data = feeds if is_three else {"en": {"feeds": []}, "de": feeds}
    return source.says("/gbfs.json", json.dumps({"last_updated": updated, "version": version, "data": data}))


@pytest.mark.parametrize(
    ("version", "updated", "reported"),
    [("2.3", STAMP, STAMP - 60), ("3.0", "2026-07-01T12:00:00Z", "2026-07-01T13:59:00+02:00")],
)
def test_bikes_of_a_station(source: Source, connector: Make, version: str, updated: Any, reported: Any) -> None:
    made = connector("gbfs", {"url": gbfs(source, version, updated=updated, reported=reported)})
    run = run_connector(made.pk)
    assert (run.rows, run.created, run.rejected, run.error) == (2, 3, 1, "")
    assert newest(made) == {"a1/available": 4, "a1/docks": 6, "a1/renting": True}
    station = Thing.objects.get(source=made.source)
    assert (station.name, station.properties) == ("Hauptbahnhof", {"capacity": 10})
    assert Datastream.objects.get(source_key="a1/available").latest.phenomenon_start == NOON.replace(hour=11, minute=59)
    assert run_connector(made.pk).state == Run.State.UNCHANGED


def test_a_quiet_night_is_no_dead_feed(source: Source, connector: Make) -> None:
    made = connector("gbfs", {"url": gbfs(source, "2.3", updated=STAMP, reported=STAMP - 60)})
    for minutes in (0, 15, 30):
        gbfs(source, "2.3", updated=STAMP + minutes * 60, reported=STAMP - 60)
        with clock.at(NOON.replace(minute=minutes)):
            run_connector(made.pk)
    with clock.at(NOON.replace(minute=40)):
        assert schedule.tell_silent() == 0
    with clock.at(NOON.replace(minute=51)):
        assert schedule.tell_silent() == 1


V2 = """<?xml version="1.0" encoding="UTF-8"?>
<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <payloadPublication xsi:type="GenericPublication"><publicationTime>2026-07-01T14:00:00+02:00</publicationTime>
  <genericPublicationExtension><parkingStatusPublication>
   <parkingRecordStatus xsi:type="ParkingSiteStatus">
    <parkingRecordReference targetClass="ParkingRecord" id="P1" version="1"/>
    <parkingStatusOriginTime>2026-07-01T13:55:00+02:00</parkingStatusOriginTime>
    <parkingOccupancy>
      <parkingNumberOfSpacesOverride>200</parkingNumberOfSpacesOverride>
      <parkingNumberOfVacantSpaces>50</parkingNumberOfVacantSpaces>
      <parkingNumberOfOccupiedSpaces>150</parkingNumberOfOccupiedSpaces>
      <parkingOccupancy>75</parkingOccupancy>
    </parkingOccupancy>
    <parkingSiteOpeningStatus>open</parkingSiteOpeningStatus>
   </parkingRecordStatus>
  </parkingStatusPublication></genericPublicationExtension>
 </payloadPublication></d2LogicalModel>"""
V3 = """<?xml version="1.0" encoding="UTF-8"?>
<con:payload xmlns:con="http://datex2.eu/schema/3/d2Payload" xmlns:prk="http://datex2.eu/schema/3/parking"
  xmlns:com="http://datex2.eu/schema/3/common" xmlns:loc="http://datex2.eu/schema/3/locationReferencing"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="prk:ParkingStatusPublication">
 <com:publicationTime>2026-07-01T12:00:00Z</com:publicationTime>
 <prk:parkingRecordStatus xsi:type="prk:ParkingSiteStatus">
  <prk:parkingRecordReference id="P1" version="1"/>
  <prk:parkingStatusOriginTime>2026-07-01T11:55:00Z</prk:parkingStatusOriginTime>
  <prk:parkingOccupancy>
   <prk:parkingNumberOfSpacesOverride>200</prk:parkingNumberOfSpacesOverride>
   <prk:parkingNumberOfVacantSpaces>50</prk:parkingNumberOfVacantSpaces>
   <prk:parkingNumberOfOccupiedSpaces>150</prk:parkingNumberOfOccupiedSpaces>
   <prk:parkingOccupancy>75</prk:parkingOccupancy>
  </prk:parkingOccupancy>
  <prk:parkingSiteOpeningStatus>open</prk:parkingSiteOpeningStatus>
 </prk:parkingRecordStatus>
</con:payload>"""
OLDER = """<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0"><payloadPublication>
 <publicationTime>2026-07-01T12:00:00Z</publicationTime><genericPublicationExtension>
 <parkingFacilityTableStatusPublication><parkingFacilityStatus>
  <parkingFacilityOccupancy>0.75</parkingFacilityOccupancy>
  <parkingFacilityReference targetClass="ParkingFacility" id="P1" version="1"/>
  <parkingFacilityStatus>open</parkingFacilityStatus>
  <parkingFacilityStatusTime>2026-07-01T11:55:00Z</parkingFacilityStatusTime>
  <totalNumberOfOccupiedParkingSpaces>150</totalNumberOfOccupiedParkingSpaces>
  <totalNumberOfVacantParkingSpaces>50</totalNumberOfVacantParkingSpaces>
  <totalParkingCapacityOverride>200</totalParkingCapacityOverride>
 </parkingFacilityStatus></parkingFacilityTableStatusPublication></genericPublicationExtension>
</payloadPublication></d2LogicalModel>"""
TABLE = """<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0"><payloadPublication><parkingTable>
 <parkingRecord id="P1" version="1"><parkingName><values><value lang="de">Dr.-Ruer-Platz</value></values></parkingName>
  <parkingNumberOfSpaces>200</parkingNumberOfSpaces>
  <parkingLocation><pointByCoordinates><pointCoordinates><latitude>51.4807</latitude><longitude>7.2180</longitude>
  </pointCoordinates></pointByCoordinates></parkingLocation></parkingRecord>
</parkingTable></payloadPublication></d2LogicalModel>"""


@pytest.mark.parametrize("document", [V2, V3, OLDER], ids=["version 2", "version 3", "older German model"])
def test_a_car_park(source: Source, connector: Make, document: str) -> None:
    source.says("/table.xml", TABLE)
    made = connector("datex2-parking", {"url": source.says("/p.xml", document), "table_url": f"{source.url}/table.xml"})
    run = run_connector(made.pk)
    assert (run.rows, run.created, run.error) == (1, 5, "")
    told = {"vacant": 50, "occupied": 150, "spaces": 200, "occupancy": 75, "open": True}
    assert newest(made) == {f"P1/{name}": value for name, value in told.items()}
    place = Thing.objects.get(source=made.source)
    assert (place.name, place.locations.get().location["coordinates"]) == ("Dr.-Ruer-Platz", [7.218, 51.4807])
    assert Datastream.objects.get(source_key="P1/vacant").latest.phenomenon_start == NOON.replace(hour=11, minute=55)
    assert run_connector(made.pk).duplicates == 5


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<a><b></a>", "kein lesbares XML"),
        ("<a/>", "enthält keinen Zustand"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "gefährlichen Teilen"),
    ],
)
def test_xml_that_does_not_help(source: Source, connector: Make, document: str, words: str) -> None:
    run = run_connector(connector("datex2-parking", {"url": source.says("/p.xml", document)}).pk)
    assert run.state == Run.State.FAILED
    assert words in run.error


def transport(*, stamp: int = STAMP) -> bytes:
    """Two vehicles on lines 308 and U35, three trips (one late, one on time, one cancelled), two alerts, one over."""
    feed = gtfs_realtime_pb2.FeedMessage()
    feed.header.gtfs_realtime_version, feed.header.timestamp = "2.0", stamp
    for number, route in enumerate(("308", "U35")):
        vehicle = feed.entity.add(id=f"v{number}").vehicle
        vehicle.vehicle.id, vehicle.vehicle.label, vehicle.trip.route_id = f"bus-{number}", f"Wagen {number}", route
        vehicle.position.latitude, vehicle.position.longitude, vehicle.position.speed = 51.48, 7.22, 8.25
        vehicle.timestamp = stamp - 10
    for number, delay in enumerate((600, 0)):
        update = feed.entity.add(id=f"t{number}").trip_update
        update.trip.trip_id, update.trip.route_id = f"trip-{number}", "308"
        update.stop_time_update.add(stop_sequence=1).arrival.delay = delay
    gone = feed.entity.add(id="t9").trip_update
    gone.trip.trip_id, gone.trip.schedule_relationship = "trip-9", gone.trip.CANCELED
    feed.entity.add(id="a1").alert.active_period.add(start=stamp - 3600)
    feed.entity.add(id="a2").alert.active_period.add(start=stamp - 7200, end=stamp - 3600)
    return bytes(feed.SerializeToString())


def test_figures_of_public_transport(source: Source, connector: Make) -> None:
    config = {"url": source.says("/rt.pb", transport()), "name": "BOGESTRA", "by_route": True}
    made = connector("gtfs-rt", config)
    run = run_connector(made.pk)
    assert run.error == ""
    told = newest(made)
    figures = {"vehicles": 2, "trips": 3, "late": 1, "canceled": 1, "delay": 300, "alerts": 1}
    assert {name: told[f"feed/{name}"] for name in figures} == figures
    assert (told["route 308/trips"], told["route U35/vehicles"]) == (2, 1)
    assert Thing.objects.get(source_key="route 308").name == "BOGESTRA, Linie 308"
    empty = gtfs_realtime_pb2.FeedMessage()
    empty.header.gtfs_realtime_version, empty.header.timestamp = "2.0", STAMP + 60
    source.says("/rt.pb", empty.SerializeToString())
    run_connector(made.pk)
    assert newest(made)["feed/vehicles"] == 0  # none is a figure too, once there were some


def test_the_same_moment_gives_nothing_twice(source: Source, connector: Make) -> None:
    made = connector("gtfs-rt", {"url": source.says("/rt.pb", transport())})
    run_connector(made.pk)
    again = run_connector(made.pk)
    assert (again.state, again.duplicates) == (Run.State.UNCHANGED, 0)


def test_each_vehicle_has_a_place(source: Source, connector: Make) -> None:
    made = connector("gtfs-rt", {"url": source.says("/rt.pb", transport()), "mode": "vehicles"})
    run = run_connector(made.pk)
    assert (run.rows, run.created) == (2, 4)
    told = newest(made)
    assert told["bus-0/position"] == {"type": "Point", "coordinates": [7.22, 51.48]}
    assert told["bus-0/speed"] == 8.25
    assert Thing.objects.get(source_key="bus-1").name == "Wagen 1"


def test_what_is_no_protocol_buffer_is_said(source: Source, connector: Make) -> None:
    run = run_connector(connector("gtfs-rt", {"url": source.says("/rt.pb", b"\xff\xff\xffnot protobuf")}).pk)
    assert run.error == "Die Antwort ist kein GTFS-Realtime (Protocol Buffers)."
