"""Kept once, read once; failures wait for a person, and can be read again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from stadtkern.core.models import ApiKey, AuditEntry
from stadtkern.core.retention import apply_rules
from stadtkern.hub.domain.letters import delivering
from stadtkern.hub.domain.letters.delivering import read_letter, sweep_letters
from stadtkern.hub.domain.letters.desk import drop, letters_of, replay, waiting_and_failed
from stadtkern.hub.domain.letters.receiving import Arrival, keep, latest_of
from stadtkern.hub.domain.letters.sources import SOURCES
from stadtkern.hub.domain.readers import ANYBODY, EVERYTHING, Reader
from stadtkern.hub.models import Device, Latest, Letter
from stadtkern.hub.tests.cast import datastream
from stadtkern.hub.tests.letters import cast
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
Arrive = Callable[..., Letter]


def arrival(**given: Any) -> Arrival:
    return Arrival(**{"source": "ttn", "device_key": cast.EUI, "frame": "a:1", "payload": cast.by_ttn()} | given)


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status = 'todo'")
        return cursor.fetchone()[0]


def test_a_repeat_is_nothing_new(sender: ApiKey) -> None:
    assert keep([arrival(), arrival(frame="a:2")], key_prefix=sender.prefix) == 2
    assert keep([arrival(), arrival(frame="a:3"), arrival(frame="a:3")], key_prefix=sender.prefix) == 1
    assert Letter.objects.count() == 3
    assert waiting_jobs() == 2


@pytest.mark.parametrize("source", ["ttn", "chirpstack"])
def test_repeats_and_copies_of_a_frame_are_one_and_a_new_session_is_another(arrive: Arrive, source: str) -> None:
    stream = datastream()
    cast.device(stream)
    make = cast.by_ttn if source == "ttn" else cast.by_chirpstack
    counter, session, gateways = (
        ("f_cnt", "session_key_id", "rx_metadata") if source == "ttn" else ("fCnt", "devAddr", "rxInfo")
    )
    arrive(make(), source=source)
    arrive(make(**{gateways: [{"rssi": -120}]}), source=source)  # heard by another gateway
    arrive(make() | {"deduplicationId": "another", "correlation_ids": []}, source=source)
    assert Letter.objects.count() == 1
    arrive(make(**{session: "after a join"}), source=source)
    arrive(make(**{counter: 43}), source=source)
    data = {"frm_payload": "AWcBAg=="} if source == "ttn" else {"data": "AWcBAg=="}
    arrive(make(**data), source=source)  # the device has restarted and counts from there again
    assert Letter.objects.count() == 4
    assert Latest.objects.get(pk=stream.pk).count == 1  # all say the same moment, so they are corrections


def test_no_letter_without_its_job_and_no_job_without_its_letter(sender: ApiKey) -> None:
    class Fault(Exception):
        pass

    with pytest.raises(Fault), transaction.atomic():
        keep([arrival()], key_prefix=sender.prefix)
        raise Fault
    assert (Letter.objects.count(), waiting_jobs()) == (0, 0)


def test_what_cannot_be_read_waits_for_a_person_at_once(sender: ApiKey) -> None:
    assert keep([arrival(error="no JSON"), arrival(frame="a:2", payload={"a": "\0b", "\0": [None]})]) == 2
    failed, odd = Letter.objects.order_by("pk")
    assert (failed.state, failed.error, failed.done_at is not None) == (Letter.State.FAILED, "no JSON", True)
    assert odd.payload == {"a": "\ufffdb", "\ufffd": [None]}  # PostgreSQL keeps no character 0
    assert waiting_jobs() == 1


def test_what_a_broker_repeats_is_among_the_latest(sender: ApiKey) -> None:
    assert latest_of(["mqtt"]) == set()
    keep([arrival(source="mqtt", frame="a:1", received_at=cast.ago(minutes=2))])
    last = cast.ago(minutes=1)
    keep([arrival(source="mqtt", device_key=key, frame="b:1", received_at=last) for key in ("bench/1", "bench/2")])
    keep([arrival(source="ttn", received_at=cast.ago(minutes=0))])
    assert latest_of(["mqtt", "sensorthings"]) == {("mqtt", "bench/1", "b"), ("mqtt", "bench/2", "b")}


def test_a_failed_letter_is_replayed_after_the_repair(arrive: Arrive, run_jobs: Callable[..., int], ada: Any) -> None:
    stream = datastream()
    letter = arrive(cast.by_ttn())
    assert [held.pk for held in waiting_and_failed(EVERYTHING)] == [letter.pk]
    cast.device(stream)
    assert replay([letter.pk, 999_999], reader=EVERYTHING, actor=ada) == 1
    assert waiting_and_failed(EVERYTHING).get().state == Letter.State.WAITING
    run_jobs()
    assert not waiting_and_failed(EVERYTHING).exists()
    letter.refresh_from_db()
    assert (letter.state, letter.error, letter.tries) == (Letter.State.DONE, "", 2)
    assert Latest.objects.get(pk=stream.pk).number == 27.2
    assert replay([letter.pk], reader=EVERYTHING) == 0  # what is done is done
    assert AuditEntry.objects.get(action="hub.letters_replayed").actor_id == ada.pk


def test_a_letter_is_given_up(arrive: Arrive, run_jobs: Callable[..., int]) -> None:
    letter = arrive(cast.by_ttn())
    assert drop([letter.pk], reader=EVERYTHING) == 1
    assert list(Letter.objects.values_list("state", flat=True)) == [Letter.State.DROPPED]
    assert replay([letter.pk], reader=EVERYTHING) == 1  # a second thought


def test_stewards_see_the_letters_of_their_house(arrive: Arrive) -> None:
    roads, waste = (Organisation.objects.get(key=key) for key in ("tiefbauamt", "usb"))
    by_device = arrive(cast.by_ttn())
    Device.objects.create(key=cast.EUI, organisation=roads)
    key, _ = cast.key("usb")
    by_key = arrive(cast.by_chirpstack(deviceInfo={"devEui": "1" * 16}), source="chirpstack", key=key)
    assert set(letters_of(EVERYTHING)) == {by_device, by_key}
    assert set(letters_of(Reader(manages=frozenset({roads.pk})))) == {by_device}
    mine = Reader(manages=frozenset({waste.pk}))
    assert set(letters_of(mine)) == {by_key}
    assert not letters_of(ANYBODY).exists()
    assert replay([by_device.pk], reader=mine) == drop([by_device.pk], reader=mine) == 0


def test_a_revoked_key_does_not_undo_what_was_accepted(arrive: Arrive, sender: ApiKey) -> None:
    cast.device(datastream())
    ApiKey.objects.filter(pk=sender.pk).update(revoked_at=timezone.now())
    assert arrive(cast.by_ttn()).state == Letter.State.DONE


def test_a_letter_whose_key_is_gone_fails(arrive: Arrive) -> None:
    assert "Schlüssel: nobody gibt es nicht mehr" in arrive(cast.by_ttn(), key=ApiKey(prefix="nobody")).error


def test_a_fault_of_the_house_is_no_failure_of_the_letter(sender: ApiKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setitem(SOURCES, "ttn", away)
    keep([arrival()], key_prefix=sender.prefix)
    with pytest.raises(OperationalError):
        read_letter(Letter.objects.get().pk)
    assert Letter.objects.get().state == Letter.State.WAITING


def test_a_mistake_of_ours_fails_one_letter_and_holds_up_no_other(
    arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        connection.cursor().execute("select 1 / 0")

    monkeypatch.setitem(SOURCES, "ttn", broken)
    assert arrive(cast.by_ttn()).error == "Unerwarteter Fehler: DataError"


def test_letters_that_were_left_are_swept(sender: ApiKey, run_jobs: Callable[..., int], monkeypatch: Any) -> None:
    cast.device(datastream())
    keep([arrival(received_at=cast.ago(minutes=9)), arrival(frame="a:2")], key_prefix=sender.prefix)
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
    monkeypatch.setattr(delivering, "LEFT_AFTER", timedelta(minutes=5))
    sweep_letters.func(0)
    run_jobs()
    assert [letter.state for letter in Letter.objects.order_by("pk")] == [Letter.State.DONE, Letter.State.WAITING]


def test_letters_are_kept_as_long_as_promised(sender: ApiKey) -> None:
    ages = {"done": 13, "dropped": 15, "failed": 89}
    for number, (state, days) in enumerate((*ages.items(), ("done", 15), ("failed", 91), ("waiting", 400))):
        keep([arrival(frame=f"a:{number}")])
        moment = cast.ago(days=days)
        Letter.objects.filter(frame=f"a:{number}").update(state=state, done_at=moment, received_at=moment)
    taken = apply_rules()
    assert (taken["hub.letters"], taken["hub.failed_letters"]) == (2, 1)
    assert sorted(Letter.objects.values_list("frame", flat=True)) == ["a:0", "a:2", "a:5"]
