"""What a steward does while a run is under way, and settings and answers that only look right."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from google.transit import gtfs_realtime_pb2

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting import keeping, previewing, schedule
from stadtkern.hub.domain.connecting.asking import asking
from stadtkern.hub.domain.connecting.config import checked
from stadtkern.hub.domain.connecting.kinds import http_json
from stadtkern.hub.domain.connecting.port import SourceFault, connectors
from stadtkern.hub.domain.connecting.previewing import first_look, preview
from stadtkern.hub.domain.connecting.running import HTTP, run_connector
from stadtkern.hub.domain.connecting.stewarding import give_up, settle, switch_on
from stadtkern.hub.domain.connecting.tables.reading import open_table
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.tests.connecting.conftest import Source
from stadtkern.hub.tests.connecting.test_mobility import NOON, V2, newest, transport
from stadtkern.hub.tests.connecting.test_running import MAPPING, TABLE
from stadtkern.hub.tests.connecting.test_sensorthings import answers, observation
from stadtkern.people.models import Person

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]


@pytest.fixture
def level(source: Source, connector: Make) -> Connector:
    return connector("csv", MAPPING | {"url": source.says("/t.csv", TABLE, headers={"ETag": '"one"'})})


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Something happens in the middle of a run, before its first batch is written."""

    def happens(act: Callable[[], Any]) -> None:
        write = keeping.write_strips

        def acting(*given: Any) -> Any:
            act()
            return write(*given)

        monkeypatch.setattr(keeping, "write_strips", acting)

    return happens


def test_a_mapping_that_is_settled_during_a_run_reaches_all_that_is_there(
    level: Connector, ada: Person, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    meanwhile(lambda: settle(Connector.objects.get(pk=level.pk), {"thing_name": "Pegel Nord"}, by=ada))
    assert run_connector(level.pk).created == 2
    level.refresh_from_db()
    assert HTTP not in level.position
    assert run_connector(level.pk).duplicates == 2  # read again, not passed over as unchanged


def test_switching_on_does_not_turn_back_what_a_run_has_learned(level: Connector, ada: Person) -> None:
    seen_before = Connector.objects.get(pk=level.pk)
    run_connector(level.pk)
    switch_on(seen_before, interval_minutes=5, by=ada)
    level.refresh_from_db()
    assert level.interval_minutes == 5
    assert level.position[HTTP]
    assert level.known


def test_a_source_that_is_given_up_during_a_run_ends_it_without_a_fault(
    level: Connector, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = keeping.Keeper._hold

    def given_up_first(keeper: keeping.Keeper) -> None:
        give_up(Connector.objects.get(pk=level.pk), by=ada)
        hold(keeper)

    monkeypatch.setattr(keeping.Keeper, "_hold", given_up_first)
    assert run_connector(level.pk).created == 0


def test_a_queued_run_of_a_source_that_is_gone_is_no_failure(
    level: Connector, ada: Person, run_jobs: Callable[..., int]
) -> None:
    schedule.queue_run(level.pk, cause=Run.Cause.HAND)
    give_up(level, by=ada)
    assert run_jobs() >= 1
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("separator", "Semikolon"),
        ("separator", ";;"),
        ("header_at", "-1"),
        ("header_at", "1,5"),
        ("interval_seconds", "nan"),
        ("interval_seconds", "inf"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked(connectors["csv"], MAPPING | {"url": "https://example.org/", name: value})
    assert list(caught.value.fields) == [name]


@pytest.mark.parametrize(("separator", "wide"), [(";", 2), ("tab", 1), ("", 2), ("auto", 2)])
def test_a_separator_is_a_sign_or_the_word_tab(separator: str, wide: int) -> None:
    given = MAPPING | {"url": "https://example.org/", "separator": separator}
    sign = checked(connectors["csv"], given)["separator"]
    assert len(open_table(io.BytesIO(TABLE.encode()), separator="\t" if sign == "tab" else sign).header) == wide


def test_a_draft_with_an_odd_separator_is_looked_at_and_told(source: Source, connector: Make) -> None:
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", TABLE)})
    made.config["separator"] = "Semikolon"
    with pytest.raises(SourceFault, match="kein Trennzeichen: Semikolon"):
        first_look(made)


@pytest.mark.parametrize("encoding", ["idna", "undefined", "base64", "gibt-es-nicht"])
def test_what_is_no_encoding_of_texts_is_said(encoding: str) -> None:
    with pytest.raises(SourceFault, match="Diese Kodierung gibt es nicht"):
        open_table(io.BytesIO(TABLE.encode()), encoding=encoding)


def test_a_workbook_that_is_cut_off_is_said() -> None:
    end = b"PK\x05\x06" + bytes(4) + b"\x05\x00" * 2 + b"\xff" * 8 + bytes(2)
    end_without_beginning = b"PK\x03\x04" + bytes(40) + end
    with pytest.raises(SourceFault, match="nicht lesbar"):
        open_table(io.BytesIO(end_without_beginning))


def test_a_preview_ends_with_the_patience_of_a_person(
    source: Source, connector: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "MOST_SECONDS", 0)
    monkeypatch.setattr(previewing, "asking", lambda most_seconds: asking(most_seconds=30))
    answers(source, [])
    made = connector("sensorthings", {"url": f"{source.url}/v1.1/"})
    shown = preview(made)
    assert (shown.problem, len(source.asked)) == ("", 1)  # the things, and none of the observations


def test_a_mistake_in_a_preview_is_told(source: Source, connector: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*given: Any) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr(http_json, "_entries", break_down)
    made = connector("http-json", MAPPING | {"url": source.says("/v", "[]")})
    assert preview(made).problem == "Unerwarteter Fehler (LookupError): no such thing"


@pytest.mark.parametrize("number", ["NaN", "INF", "viele"])
def test_a_figure_that_is_none_costs_the_car_park_only_that(source: Source, connector: Make, number: str) -> None:
    odd = V2.replace("Spaces>50<", f"Spaces>{number}<").replace("<parkingOccupancy>75<", f"<parkingOccupancy>{number}<")
    made = connector("datex2-parking", {"url": source.says("/p.xml", odd)})
    run = run_connector(made.pk)
    assert run.error == ""
    assert newest(made) == {"P1/occupied": 150, "P1/spaces": 200, "P1/open": True}


def test_a_vehicle_whose_clock_counts_milliseconds_is_there_now(source: Source, connector: Make) -> None:
    feed = gtfs_realtime_pb2.FeedMessage()
    feed.ParseFromString(transport())
    feed.entity[0].vehicle.timestamp *= 1_000
    made = connector("gtfs-rt", {"url": source.says("/rt.pb", feed.SerializeToString()), "mode": "vehicles"})
    run = run_connector(made.pk)
    assert (run.error, run.created) == ("", 4)


def test_an_observation_with_an_odd_time_of_its_result_is_rejected(source: Source, connector: Make) -> None:
    answers(source, [observation(0, 20.5), observation(10, 20.7) | {"resultTime": 5}])
    made = connector("sensorthings", {"url": f"{source.url}/v1.1/"})
    with clock.at(NOON):
        run = run_connector(made.pk)
    assert (run.error, run.created, run.rejected) == ("", 1, 1)


def test_a_value_of_another_kind_is_rejected_in_plain_words(source: Source, connector: Make) -> None:
    answers(source, [observation(0, 20.5), observation(10, "warm"), observation(20, "kalt")])
    made = connector("sensorthings", {"url": f"{source.url}/v1.1/"})
    with clock.at(NOON):
        run = run_connector(made.pk)
    assert run.reasons == {"Wert passt nicht zur Art der Messreihe": 2}
