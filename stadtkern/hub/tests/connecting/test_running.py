"""A run is one at a time, leaves a log a person can read, waits longer after failures and is never quietly broken."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting import keeping, schedule
from stadtkern.hub.domain.connecting.asking import asking
from stadtkern.hub.domain.connecting.config import checked, opened
from stadtkern.hub.domain.connecting.pacing import pause_after, silent_after
from stadtkern.hub.domain.connecting.port import MOST_IN_BATCH, SourceFault, connectors
from stadtkern.hub.domain.connecting.running import LOCK, Busy, run_connector, sweep_broken_off
from stadtkern.hub.models import Connector, Datastream, Run
from stadtkern.hub.tests.connecting.conftest import Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Connector]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TABLE = "time;value\n2026-07-01T12:00:00Z;1.5\n2026-07-01T12:10:00Z;2.5\n"
MAPPING: dict[str, Any] = {
    "time": "time",
    "thing_name": "Pegel",
    "values": [{"source": "value", "name": "Wasserstand"}],
}


@pytest.fixture
def level(source: Source, connector: Make) -> Connector:
    return connector("csv", MAPPING | {"url": source.says("/t.csv", TABLE, headers={"ETag": '"one"'})})


def test_an_etag_saves_the_body(source: Source, level: Connector) -> None:
    assert run_connector(level.pk).created == 2
    again = run_connector(level.pk)
    assert again.state == Run.State.UNCHANGED
    assert source.asked[1][1]["If-None-Match"] == '"one"'
    assert Run.objects.filter(connector=level).count() == 2


def test_a_failed_run_does_not_remember_what_it_has_not_kept(
    source: Source, level: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: Any, **more: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "sift", break_down)
        broken = run_connector(level.pk)
    assert broken.state == Run.State.FAILED
    assert broken.error == "Unerwarteter Fehler (RuntimeError): the disk is full"
    level.refresh_from_db()
    assert level.last_error == broken.error
    assert run_connector(level.pk).created == 2


def test_failures_double_the_pause_up_to_six_hours(source: Source, level: Connector) -> None:
    source.says("/t.csv", "", status=503)
    with clock.at(NOON):
        run = run_connector(level.pk)
        run_connector(level.pk)
    assert run.error == "127.0.0.1 antwortet mit Fehler 503."
    level.refresh_from_db()
    assert (level.failures, level.next_at) == (2, NOON + timedelta(minutes=40))
    source.says("/t.csv", TABLE)
    with clock.at(NOON):
        run_connector(level.pk)
    level.refresh_from_db()
    assert (level.failures, level.last_error, level.next_at) == (0, "", NOON + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("interval", "failures", "at_least", "minutes"),
    [
        (10, 0, 0, 10),
        (10, 1, 0, 20),
        (10, 5, 0, 320),
        (10, 6, 0, 360),
        (10, 60_000, 0, 360),
        (10, 1, 7200, 120),
        (1440, 1, 0, 360),
    ],
)
def test_the_pause(interval: int, failures: int, at_least: int, minutes: int) -> None:
    assert pause_after(interval, failures=failures, at_least=at_least) == timedelta(minutes=minutes)


def test_a_source_that_asks_for_time_gets_it(source: Source, level: Connector) -> None:
    source.says("/t.csv", "", status=429, headers={"Retry-After": "3600"})
    with clock.at(NOON):
        run_connector(level.pk)
    level.refresh_from_db()
    assert level.next_at == NOON + timedelta(hours=1)


def test_a_second_run_at_once_is_refused(level: Connector) -> None:
    with psycopg.connect(**_connection()) as other:
        other.execute("select pg_advisory_lock(%s, %s)", [LOCK, level.pk])
        with pytest.raises(Busy):
            run_connector(level.pk)
        other.execute("select pg_advisory_unlock_all()")
    assert run_connector(level.pk).created == 2


def test_a_run_whose_process_is_gone_is_shown_as_broken_off(level: Connector) -> None:
    with psycopg.connect(**_connection()) as other:
        other.execute("select pg_advisory_lock(%s, %s)", [LOCK, level.pk])
        run = Run.objects.create(connector=level)
        assert sweep_broken_off() == 0
        other.execute("select pg_advisory_unlock_all()")
    assert sweep_broken_off() == 1
    run.refresh_from_db()
    assert run.state == Run.State.BROKEN_OFF
    assert "abgebrochen" in run.error
    assert run.ended_at is not None


def test_a_run_that_was_ended_from_outside_writes_no_more(level: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    from stadtkern.hub.domain.connecting import running

    begin = running._begin

    def begin_and_end(*given: Any, **more: Any) -> Any:
        made = begin(*given, **more)
        Run.objects.update(state=Run.State.BROKEN_OFF)
        return made

    monkeypatch.setattr(running, "_begin", begin_and_end)
    run_connector(level.pk)
    assert Datastream.objects.filter(source=level.source).count() == 0
    assert Run.objects.get().state == Run.State.BROKEN_OFF


def test_a_run_that_dies_stands_behind_its_last_batch_and_the_next_goes_on(
    source: Source, level: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{(NOON + timedelta(minutes=n)).isoformat()};{n}\n" for n in range(MOST_IN_BATCH + 5))
    source.says("/t.csv", f"time;value\n{rows}")
    write, calls = keeping.write_strips, iter(range(9))

    def die_at_the_second(connection: Any, strips: Any) -> Any:
        if next(calls) == 1:
            raise SystemExit
        return write(connection, strips)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(keeping, "write_strips", die_at_the_second)
        run_connector(level.pk)
    assert Run.objects.get().state == Run.State.RUNNING  # nobody was left to say more
    assert sweep_broken_off() == 1
    assert Run.objects.get().created == MOST_IN_BATCH
    again = run_connector(level.pk)
    assert (again.state, again.created, again.duplicates) == (Run.State.DONE, 5, MOST_IN_BATCH)


def test_the_clock_picks_who_is_due_once(level: Connector, run_jobs: Callable[..., int]) -> None:
    now = clock.now()
    Connector.objects.update(next_at=now - timedelta(seconds=1))
    assert schedule.pick_due() == 1
    assert schedule.pick_due() == 0
    assert run_jobs() == 1
    run = Run.objects.get()
    assert (run.cause, run.created) == (Run.Cause.CLOCK, 2)


def test_a_clock_that_was_an_hour_ahead_holds_up_nobody(source: Source, level: Connector) -> None:
    with clock.at(NOON + timedelta(hours=1)):
        run_connector(level.pk)
    with clock.at(NOON):
        assert schedule.pick_due() == 1
        assert schedule.pick_due() == 0
    level.refresh_from_db()
    assert level.next_at == NOON + timedelta(minutes=10)


def test_who_waits_longer_after_failures_is_not_picked_earlier(source: Source, level: Connector) -> None:
    source.says("/t.csv", "", status=503)
    with clock.at(NOON):
        for _ in range(4):
            run_connector(level.pk)
        assert schedule.pick_due() == 0


def test_a_paused_connector_is_not_picked(level: Connector) -> None:
    Connector.objects.update(next_at=clock.now() - timedelta(days=1), state=Connector.State.PAUSED)
    assert schedule.pick_due() == 0


@pytest.mark.parametrize(("expected", "minutes"), [(5, 10), (30, 60), (60, 120), (1440, 1500)])
def test_silence_is_seen_within_an_hour_of_the_missing_value(expected: int, minutes: int) -> None:
    assert silent_after(expected) == timedelta(minutes=minutes)


def test_a_dead_feed_is_told_once_and_its_return_as_well(source: Source, level: Connector, told: list[Any]) -> None:
    with clock.at(NOON):
        run_connector(level.pk)
        assert schedule.tell_silent() == 0
    with clock.at(NOON + timedelta(minutes=21)):
        run_connector(level.pk)  # the source answers, but says nothing new
        assert (schedule.tell_silent(), schedule.tell_silent()) == (1, 0)
    level.refresh_from_db()
    assert level.silent_since == NOON
    source.says("/t.csv", TABLE + "2026-07-01T12:20:00Z;3\n")
    with clock.at(NOON + timedelta(minutes=30)):
        run_connector(level.pk)
        assert schedule.tell_silent() == 0
    level.refresh_from_db()
    assert level.silent_since is None
    assert [type(one).event_name for one in told] == ["hub.feed_silent", "hub.feed_speaks_again"]
    assert told[0].since == NOON.isoformat()


def test_a_gap_is_filled_with_just_its_values(source: Source, level: Connector, run_jobs: Callable[..., int]) -> None:
    earlier = TABLE + "2026-06-30T08:00:00Z;7\n2026-06-29T08:00:00Z;8\n"
    run_connector(level.pk)
    level.refresh_from_db()
    before = level.next_at, level.fresh_at
    source.says("/t.csv", earlier, headers={"ETag": '"one"'})  # a gap never asks whether something is new
    since, until = datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    schedule.queue_run(level.pk, cause=Run.Cause.GAP, since=since, until=until)
    run_jobs()
    run = Run.objects.get(cause=Run.Cause.GAP)
    assert (run.state, run.created, run.duplicates) == (Run.State.DONE, 1, 0)
    level.refresh_from_db()
    assert (level.next_at, level.fresh_at) == before


def test_a_deleted_datastream_comes_back_with_the_next_run(source: Source, level: Connector) -> None:
    run_connector(level.pk)
    Datastream.objects.get(source=level.source).delete()
    source.says("/t.csv", TABLE + "\n")
    assert run_connector(level.pk).created == 2


def test_what_a_steward_renamed_stays_until_the_source_says_something_new(source: Source, level: Connector) -> None:
    run_connector(level.pk)
    Datastream.objects.filter(source=level.source).update(name="Pegel am Steg")
    source.says("/t.csv", TABLE + "2026-07-01T12:20:00Z;3\n")
    run_connector(level.pk)
    assert Datastream.objects.get(source=level.source).name == "Pegel am Steg"


def test_a_plausible_range_becomes_a_rule_and_flags(source: Source, connector: Make) -> None:
    values = [{"source": "value", "name": "Sauerstoff", "low": 0, "high": 50, "properties": {"range_source": "Norm"}}]
    table = TABLE + "2026-07-01T12:20:00Z;9999\n"
    made = connector("csv", MAPPING | {"url": source.says("/t.csv", table), "values": values})
    assert run_connector(made.pk).created == 3
    stream = Datastream.objects.get(source=made.source)
    rule = stream.rules.get()
    assert (rule.low, rule.high, rule.severity, rule.note) == (0, 50, "bad", "Norm")
    with connection.cursor() as cursor:
        cursor.execute("select number, flags & 1024 > 0 from hub_observation where datastream_id = %s", [stream.pk])
        assert sorted(cursor.fetchall()) == [(1.5, False), (2.5, False), (9999, True)]


def test_secrets_are_closed_and_reach_only_the_host_they_are_for(source: Source, connector: Make) -> None:
    url = source.says("/t.csv", TABLE)
    made = connector("csv", MAPPING | {"url": url, "header_name": "X-Api-Key", "header_value": "geheim-4711"})
    assert "geheim" not in str(made.config) + made.sealed
    assert opened(made.sealed) == {"header_value": "geheim-4711"}
    run_connector(made.pk)
    assert source.asked[0][1]["X-Api-Key"] == "geheim-4711"
    port = source.url.rpartition(":")[2]
    source.says("/t.csv", "", status=302, headers={"Location": f"http://localhost:{port}/other.csv"})
    source.says("/other.csv", TABLE)
    run_connector(made.pk)
    assert source.asked[-1][0] == "/other.csv"
    assert "X-Api-Key" not in source.asked[-1][1]


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("file:///etc/passwd", "http:// oder https://"),
        ("ftp://example.org/x", "http:// oder https://"),
        ("https://anna:geheim@example.org/", "Zugangsdaten"),
        ("", "gebraucht"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, fault: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked(connectors["http-json"], MAPPING | {"url": url})
    assert fault in str(caught.value.fields["url"])


def test_our_own_network_is_closed(connector: Make, settings: Any) -> None:
    settings.OUTBOUND_NETWORKS = []
    run = run_connector(connector("csv", MAPPING | {"url": "http://127.0.0.1:9/x.csv"}).pk)
    assert run.state == Run.State.FAILED
    assert "nicht öffentlich" in run.error


@pytest.mark.parametrize("goal", ["/round", "file:///etc/passwd"])
def test_redirects_are_bounded_and_stay_on_the_web(source: Source, connector: Make, goal: str) -> None:
    url = source.says("/round", "", status=302, headers={"Location": goal})
    assert "leitet zu oft" in run_connector(connector("csv", MAPPING | {"url": url}).pk).error


def test_an_answer_that_unpacks_to_something_huge_is_left(source: Source) -> None:
    packed = gzip.compress(bytes(5_000_000))
    url = source.says("/bomb", packed, headers={"Content-Encoding": "gzip"})
    with asking() as out:
        out.most_bytes = 1_000_000
        with pytest.raises(SourceFault, match="größer als 1 MB"):
            out.get(url)


def test_a_source_that_lies_about_its_packing_is_said(source: Source) -> None:
    url = source.says("/broken", b"not packed at all", headers={"Content-Encoding": "gzip"})
    with asking() as out, pytest.raises(SourceFault, match="beschädigt"):
        out.get(url)


def _connection() -> dict[str, Any]:
    """Another connection to the database of the test."""
    wanted = {"host", "port", "user", "password", "dbname"}
    return {name: value for name, value in connection.get_connection_params().items() if name in wanted}
