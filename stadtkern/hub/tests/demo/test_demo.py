"""The demo: stations of the pack with real values where there are files, others made up, and say so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.core.city import city as pack
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain import demo
from stadtkern.hub.domain.connecting.imports import beside
from stadtkern.hub.domain.connecting.imports import found as found_module
from stadtkern.hub.domain.connecting.imports.found import found_in
from stadtkern.hub.domain.decoders.builtin import install_builtin
from stadtkern.hub.domain.demo import SOURCE, load_demo, write_missing
from stadtkern.hub.domain.store.rolling import roll
from stadtkern.hub.models import CalibrationPeriod, Connector, Datastream, Device, Latest, Location, Run, Thing
from stadtkern.hub.words import Flag

TREE, POND = "A840416C818718D7", "900355"  # of these the folder has files
TREES = "time;resistance;temperature;resis_temp_comp;moisture_content\n"
PONDS = "datetime,logger_id,name,latitude,longitude,pegel,wtemp,o,do,elL,hkBat,hkTemp,hkHum,year_month\n"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days of history are enough to look at."""
    monkeypatch.setattr(demo, "HISTORY", timedelta(days=2))


@pytest.mark.django_db
class TestLoading:
    def test_the_stations_of_the_pack_are_there_with_all_they_measure(self, city: Any, short: None) -> None:
        load_demo(pack())
        kinds = [thing.properties["kind"] for thing in Thing.objects.filter(source=SOURCE)]
        assert {kind: kinds.count(kind) for kind in set(kinds)} == {"bench": 6, "pond": 16, "tree": 5}
        assert Datastream.objects.filter(source=SOURCE).count() == 6 * 6 + 16 * 4 + 5 * 2

    def test_a_device_waits_for_its_fields_to_be_mapped(self, city: Any, short: None) -> None:
        install_builtin()
        for _start in range(2):
            load_demo(pack())
        device = Device.objects.get()
        assert (device.thing.properties["kind"], device.decoder.key, device.fields) == ("tree", "dragino-lse01", {})
        assert device.organisation_id == device.thing.organisation_id

    def test_everything_says_that_it_is_a_simulation(self, city: Any, short: None) -> None:
        load_demo(pack())
        assert all(thing.properties["simulation"] is True for thing in Thing.objects.filter(source=SOURCE))
        assert all(stream.properties["simulation"] is True for stream in Datastream.objects.filter(source=SOURCE))

    def test_loading_again_changes_nothing(self, city: Any, short: None) -> None:
        now = timezone.now()
        load_demo(pack())
        write_missing(pack(), now=now)
        before = {row.pk: row.count for row in Latest.objects.all()}
        load_demo(pack())
        write_missing(pack(), now=now)
        assert {row.pk: row.count for row in Latest.objects.all()} == before

    def test_the_clock_adds_the_minutes_that_have_passed(self, city: Any, short: None) -> None:
        load_demo(pack())
        later = timezone.now() + timedelta(hours=1)
        added = write_missing(pack(), now=later)
        assert 300 < added <= 4 * 110
        assert write_missing(pack(), now=later) == 0

    def test_one_feed_is_dead_and_stays_so(self, city: Any, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(demo, "HISTORY", timedelta(days=5))
        load_demo(pack())
        write_missing(pack(), now=timezone.now() + timedelta(days=1))
        dead = Latest.objects.get(datastream__source_key="900373/water-temperature")
        age = timezone.now() - dead.phenomenon_start
        assert timedelta(days=3) <= age < timedelta(days=3, hours=3)

    def test_a_pond_was_cleaned(self, city: Any, short: None) -> None:
        load_demo(pack())
        assert CalibrationPeriod.objects.filter(datastream__source_key="900541/oxygen").count() == 1

    def test_spikes_are_found_by_the_rules(self, city: Any, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("stadtkern.hub.domain.simulation.SPIKES", 1.0)
        load_demo(pack())
        newest = Latest.objects.get(datastream__source_key="900541/water-temperature")
        assert newest.number is not None
        assert newest.number > 40
        assert newest.flags & Flag.BAD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four values of a tree; of a pond five moments, one of them twice, one missing and one that cannot be."""
    tree = tmp_path / "environment" / "treesense" / f"Bochum_TreeSense_1_Linde_{TREE}.csv"
    _write(tree, f"{TREES}14.6.23 8:30;7.5;23.1;9.8;100\n")
    moments = [("00:00", "3.5"), ("00:00", "3.5"), ("00:15", "9999"), ("00:45", "3.7"), ("01:00", "3.8")]
    lines = [f"2026-01-01 {at}:00,{POND},Am Stadtpark,51.49,7.22,,{value},,,,,,,2026-01\n" for at, value in moments]
    _write(tmp_path / "environment" / "water" / f"{POND}_am_stadtpark_2026.csv", PONDS + "".join(lines))
    return tmp_path


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8-sig" if "treesense" in path.parts else "utf-8")


@pytest.mark.django_db
class TestRealFiles:
    def test_a_station_with_a_file_is_real_the_others_are_made_up(self, city: Any, short: None, folder: Path) -> None:
        said = load_demo(pack(), folder)
        assert "25 stations with a simulation" in said
        assert "2 real files read, 0 in a moment" in said
        for key, source in ((TREE, "connector:tree-sensors"), (POND, "connector:pond-loggers")):
            thing = Thing.objects.get(source_key=key)
            assert (thing.source, thing.properties.get("simulation")) == (source, None)
            assert set(thing.datastreams.values_list("source", flat=True)) == {source}
        assert Thing.objects.filter(source=SOURCE).count() == 25

    def test_a_second_start_reads_no_file_again(self, city: Any, short: None, folder: Path) -> None:
        load_demo(pack(), folder)
        before = {row.pk: row.count for row in Latest.objects.filter(datastream__source__startswith="connector:")}
        assert "0 real files read, 0 in a moment" in load_demo(pack(), folder)
        assert Run.objects.count() == 2
        write_missing(pack(), now=timezone.now() + timedelta(hours=1))
        after = Latest.objects.filter(datastream__source__startswith="connector:")
        assert {row.pk: row.count for row in after} == before, "nothing made up comes to what is real"

    def test_a_file_that_has_grown_is_read_again(self, city: Any, short: None, folder: Path) -> None:
        load_demo(pack(), folder)
        path = next(folder.rglob("*Linde*.csv"))
        _write(path, path.read_text(encoding="utf-8-sig") + "14.6.23 8:45;7.5;23.1;9.8;99\n")
        assert "1 real files read" in load_demo(pack(), folder)
        assert Latest.objects.get(datastream__thing__source_key=TREE, datastream__name="Feuchte des Baums").number == 99

    def test_what_was_made_up_goes_when_real_files_come(self, city: Any, short: None, folder: Path) -> None:
        load_demo(pack())
        assert Thing.objects.get(source_key=POND).source == SOURCE
        load_demo(pack(), folder)
        assert Thing.objects.get(source_key=POND).source == "connector:pond-loggers"
        assert not Location.objects.filter(source=SOURCE, source_key=POND).exists()

    def test_what_is_real_stays_real_when_the_folder_is_gone(self, city: Any, short: None, folder: Path) -> None:
        load_demo(pack(), folder)
        assert "25 stations with a simulation" in load_demo(pack())
        assert Thing.objects.filter(source_key__in=[TREE, POND], source=SOURCE).count() == 0

    def test_a_large_set_is_read_by_a_job(
        self,
        city: Any,
        short: None,
        folder: Path,
        run_jobs: Callable[..., int],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(beside, "FIRST_BYTES", 0)
        assert "0 real files read, 2 in a moment" in load_demo(pack(), folder)
        load_demo(pack(), folder)  # a second start in between queues nothing twice
        assert Thing.objects.filter(source_key__in=[TREE, POND]).count() == 0
        run_jobs()
        assert Thing.objects.filter(source_key__in=[TREE, POND]).count() == 2
        assert Run.objects.count() == 2

    def test_what_was_found_is_counted(
        self, city: Any, short: None, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_demo(pack(), folder)
        roll()
        run = Run.objects.get(connector__key="pond-loggers")
        assert (run.rows, run.repeated_rows, run.created, run.duplicates) == (5, 1, 4, 1)
        found = found_in(Connector.objects.get(key="pond-loggers"))
        assert (found.count, found.missing, found.share, found.flagged, found.bad) == (4, 1, 80, 1, 1)
        monkeypatch.setattr(found_module, "MOST_SHOWN", 0)
        assert (found.shown, found.count) == ([], 4), "what a page has no room for counts all the same"

    def test_the_folder_is_named_or_not_there(self, settings: Any, tmp_path: Path, city: Any) -> None:
        settings.HUB_DEMO_FILES = str(tmp_path)
        assert beside.folder_beside(pack()) == tmp_path
        settings.HUB_DEMO_FILES = str(tmp_path / "nothing")
        assert beside.folder_beside(pack()) is None

    def test_old_values_are_never_said_to_be_of_now(
        self, city: Any, short: None, folder: Path, visitor: Visitor
    ) -> None:
        load_demo(pack(), folder)
        pond = Thing.objects.get(source_key=POND)
        page = visitor.get(f"/daten/messwerte/{pond.pk}/").content.decode()
        assert "Gerade gemessen" not in page
        assert "Das sind die neuesten Werte, die wir hier haben." in page
        assert "Die neuesten Werte sind vom 1. Januar 2026" in page
        assert "24 Stunden bis zum 1. Januar 2026" in page
        year = visitor.get(f"/daten/messwerte/{pond.pk}/", {"zeitraum": "jahr"}).content.decode()
        assert "1 Jahr bis zum 1. Januar 2026" in year
        assert "Werte von früher" in page
        assert "CC0 1.0" in page
        assert "Simulation" not in page.split("<main")[1].split("</main")[0]
        on_site = visitor.get(f"/daten/vor-ort/{pond.pk}/").content.decode()
        assert "Zuletzt gemessen: 1. Januar 2026. Neuere Werte haben wir hier nicht." in on_site
        listed = visitor.get("/daten/messwerte/", {"suche": pond.name, "nur": "aktuell"}).content.decode()
        assert f"/daten/messwerte/{pond.pk}/" not in listed
        taken = b"".join(visitor.get(f"/daten/messwerte/{pond.pk}/werte.csv").streaming_content).decode()
        assert "2026-01-01T01:00:00+01:00,3.8" in taken


class TestTheMadeUpWorld:
    def test_the_same_moment_always_has_the_same_value(self) -> None:
        from stadtkern.hub.domain.simulation import Site, value_at

        noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
        assert value_at(Site("a"), "air-temperature", noon) == value_at(Site("a"), "air-temperature", noon)
        assert value_at(Site("900541"), "air-temperature", noon) != value_at(Site("900193"), "air-temperature", noon)

    @pytest.mark.parametrize(
        ("quantity", "low", "high"),
        [
            ("air-temperature", -15, 40),
            ("humidity", 0, 100),
            ("rain-rate", 0, 30),
            ("gust", 0, 100),
            ("uv-index", 0, 9),
            ("water-temperature", 0, 30),
            ("oxygen", 0, 18),
            ("tree-moisture", 0, 100),
        ],
    )
    def test_a_year_stays_plausible(self, quantity: str, low: float, high: float) -> None:
        from stadtkern.hub.domain.simulation import QUANTITIES, Site

        start = datetime(2026, 1, 1, tzinfo=UTC)
        year = [QUANTITIES[quantity](Site("900541"), start + timedelta(hours=7 * n)) for n in range(1250)]
        assert low <= min(year) <= max(year) <= high

    def test_summer_is_warmer_than_winter_and_afternoon_than_night(self) -> None:
        from stadtkern.hub.domain.simulation import QUANTITIES, Site

        air = QUANTITIES["air-temperature"]

        def mean(month: int, hour: int) -> float:
            return sum(air(Site("a"), datetime(2026, month, day, hour, tzinfo=UTC)) for day in range(1, 29)) / 28

        assert mean(7, 13) > mean(1, 13) + 10
        assert mean(7, 13) > mean(7, 4) + 4

    def test_a_watered_tree_recovers_within_hours_and_uses_it_up(self) -> None:
        from stadtkern.hub.domain.simulation import QUANTITIES, Site

        watered = datetime(2026, 7, 20, 18, tzinfo=UTC)
        dry, wet = Site("t", thirst=1.4), Site("t", thirst=1.4, waterings=(watered,))

        def gain(hours: int) -> float:
            moment = watered + timedelta(hours=hours)
            return QUANTITIES["tree-moisture"](wet, moment) - QUANTITIES["tree-moisture"](dry, moment)

        assert gain(-1) == 0
        assert gain(4) > 20
        assert 0 < gain(24 * 7) < 5
