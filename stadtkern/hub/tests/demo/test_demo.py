"""The demo: stations of the pack with values that are made up, and say so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.core.city import city as pack
from stadtkern.hub.domain import demo
from stadtkern.hub.domain.demo import SOURCE, load_demo, write_missing
from stadtkern.hub.models import CalibrationPeriod, Datastream, Latest, Thing
from stadtkern.hub.words import Flag


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
