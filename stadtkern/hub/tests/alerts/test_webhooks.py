"""Webhooks: signed, tried again, replayed, never into our own network."""

import json
import time
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.alerts import deliveries, webhooks
from stadtkern.hub.domain.alerts.rules import keep_alert_rule, renew_secret
from stadtkern.hub.domain.connection import here
from stadtkern.hub.models import AlertDelivery
from stadtkern.hub.tests.alerts.acting import rule_for, turn, value
from stadtkern.hub.tests.alerts.receiver import receiving, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_house(settings):
    settings.OUTBOUND_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver(open_house):
    with receiving() as server:
        yield server


def with_hook(pond, steward, url, **wishes):
    rule, secret = keep_alert_rule(
        None,
        by=steward,
        name="Hoch",
        kind="threshold",
        threshold=10.0,
        datastream_id=pond.pk,
        webhook_url=url,
        **wishes,
    )
    return rule, secret


def come_again() -> None:
    """As if the pause were over."""
    AlertDelivery.objects.filter(state="waiting").update(due_at=timezone.now())
    webhooks.send_due()


def test_a_receiver_verifies_the_signature_by_itself(pond, steward, receiver, run_jobs):
    _rule, secret = with_hook(pond, steward, receiver.url)
    value(pond, 0, 11)
    run_jobs()
    [(headers, body)] = receiver.came
    message = verified(secret, headers, body)
    assert message["type"] == "alert.raised"
    [alert] = message["data"]["alerts"]
    assert (alert["value"], alert["threshold"], alert["datastream"]["id"]) == (11, 10, pond.pk)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert AlertDelivery.objects.get().state == "sent"
    with pytest.raises(AssertionError):
        verified(secret, headers, body.replace(b"11", b"12"))


def test_warning_and_all_clear_are_two_messages(pond, steward, receiver, run_jobs):
    with_hook(pond, steward, receiver.url)
    value(pond, 0, 11)
    value(pond, 15, 9)
    turn(16)
    run_jobs()
    assert [kind_of(body) for _headers, body in receiver.came] == ["alert.raised", "alert.over"]


def kind_of(body: bytes | str) -> str:
    return str(json.loads(body)["type"])


def test_a_receiver_that_is_down_gets_it_later_under_the_same_id(pond, steward, receiver, run_jobs):
    _rule, secret = with_hook(pond, steward, receiver.url)
    receiver.status = 503
    value(pond, 0, 11)
    run_jobs()
    waiting = AlertDelivery.objects.get()
    assert (waiting.state, waiting.tries, waiting.answer[:3]) == ("waiting", 1, "503")
    assert waiting.due_at > timezone.now()
    assert webhooks.send_due() == 0  # not before its pause is over
    receiver.status = 200
    come_again()
    run_jobs()
    first, second = receiver.came
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    verified(secret, *second)
    assert AlertDelivery.objects.get().state == "sent"


def test_nobody_listens_at_all(pond, steward, open_house, run_jobs):
    with receiving() as gone:
        url = gone.url
    with_hook(pond, steward, url)
    value(pond, 0, 11)
    run_jobs()
    for _try in range(webhooks.TRIES):
        come_again()
        run_jobs()
    failed = AlertDelivery.objects.get()
    assert (failed.state, failed.tries) == ("failed", webhooks.TRIES)
    assert "ConnectionError" in failed.answer or "refused" in failed.answer


def test_what_failed_can_be_replayed(pond, steward, receiver, run_jobs):
    with_hook(pond, steward, receiver.url)
    receiver.status = 410  # wants nothing more
    value(pond, 0, 11)
    run_jobs()
    failed = AlertDelivery.objects.get()
    assert failed.state == "failed"
    receiver.status = 200
    assert webhooks.replay([failed.pk]) == 1
    run_jobs()
    assert AlertDelivery.objects.get().state == "sent"
    assert len({headers["webhook-id"] for headers, _body in receiver.came}) == 1


def test_redirects_are_not_followed(pond, steward, receiver, run_jobs):
    with_hook(pond, steward, receiver.url)
    receiver.status = 302
    value(pond, 0, 11)
    run_jobs()
    assert len(receiver.came) == 1
    assert AlertDelivery.objects.get().state == "waiting"


def test_our_own_network_is_out_of_bounds_also_when_the_name_moves_later(pond, steward, settings, receiver, run_jobs):
    with_hook(pond, steward, receiver.url)
    settings.OUTBOUND_NETWORKS = ()
    value(pond, 0, 11)
    run_jobs()
    assert receiver.came == []
    never = AlertDelivery.objects.get()
    assert (never.state, never.answer) == ("failed", "not a public address")
    with pytest.raises(BadInput):
        webhooks.check_address(receiver.url)


def test_a_new_secret_ends_the_old_one(pond, steward, receiver, run_jobs):
    rule, old = with_hook(pond, steward, receiver.url)
    new = renew_secret(rule, by=steward)
    value(pond, 0, 11)
    run_jobs()
    headers, body = receiver.came[0]
    verified(new, headers, body)
    with pytest.raises(AssertionError):
        verified(old, headers, body)


def test_the_secret_is_shown_once_and_kept_sealed(pond, steward, receiver):
    rule, secret = with_hook(pond, steward, receiver.url)
    assert secret.startswith("whsec_")
    assert secret not in rule.webhook_secret
    assert keep_alert_rule(rule, by=steward, threshold=12.0)[1] == ""


def test_a_worker_that_died_while_sending_loses_nothing(pond, steward, receiver, run_jobs):
    with_hook(pond, steward, receiver.url)
    value(pond, 0, 11)
    AlertDelivery.objects.update(state="sending", claimed_at=timezone.now() - timedelta(hours=1))
    run_jobs()
    assert receiver.came == []
    assert deliveries.free_lost() == 1
    come_again()
    run_jobs()
    assert len(receiver.came) == 1


@pytest.mark.parametrize(("visibility", "count"), [("public", 1), ("organisation", 0)])
def test_the_broker_hears_of_what_is_public(pond, steward, visibility, count):
    rule_for(pond, steward, mqtt_topic="stadt/warnung")
    pond.visibility = visibility
    pond.save()
    value(pond, 0, 11)
    waiting = deliveries.mqtt_waiting(here())
    assert [(topic, kind_of(body)) for _id, topic, body in waiting] == [("stadt/warnung", "alert.raised")] * count
    deliveries.mark_sent(here(), [id for id, _topic, _body in waiting])
    assert deliveries.mqtt_waiting(here()) == []
    assert AlertDelivery.objects.filter(state="sent").count() == count


def test_pauses_grow_to_four_hours():
    assert [webhooks.pause(tries) // timedelta(minutes=1) for tries in (1, 2, 3, 8, 9, 20)] == [1, 2, 4, 128, 240, 240]
