"""Receivers that answer oddly, webhooks that go away, rules that come back, and what a rule may speak of."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.alerts import deliveries
from stadtkern.hub.domain.alerts.rules import keep_alert_rule
from stadtkern.hub.models import Alert, AlertDelivery
from stadtkern.hub.tests.alerts.acting import rule_for, told, turn, value
from stadtkern.hub.tests.alerts.receiver import receiving
from stadtkern.hub.tests.cast import datastream, thing

pytestmark = pytest.mark.django_db
HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def open_house(settings):
    settings.OUTBOUND_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def mumbling(open_house):
    """Takes everything, and says it in an answer nobody can read."""

    class Mumbles(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            for name, text in self.server.says.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(b"thanks")

        def log_message(self, *given):
            """A test needs no log."""

    server = HTTPServer(("127.0.0.1", 0), Mumbles)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("says", [{"Content-Encoding": "gzip"}, {"Transfer-Encoding": "chunked"}])
def test_who_said_yes_has_it_whatever_else_was_said(pond, steward, mumbling, run_jobs, says):
    mumbling.says = says
    rule_for(pond, steward, webhook_url=f"http://127.0.0.1:{mumbling.server_port}/hook")
    value(pond, 0, 11)
    run_jobs()
    sent = AlertDelivery.objects.get()
    assert (sent.state, sent.answer) == ("sent", "200 ")


def test_what_waits_for_a_webhook_that_was_taken_off_ends(pond, steward, open_house, run_jobs):
    with receiving() as receiver:
        rule = rule_for(pond, steward, webhook_url=receiver.url)
        value(pond, 0, 11)
        keep_alert_rule(rule, by=steward, webhook_url="")
        run_jobs()
        assert receiver.came == []
    ended = AlertDelivery.objects.get()
    assert (ended.state, ended.tries, ended.answer) == ("failed", 1, "no secret to sign with")


def test_an_address_with_a_port_that_is_none_is_refused(pond, steward, open_house):
    with pytest.raises(BadInput) as caught:
        rule_for(pond, steward, webhook_url="https://a.example:99999/hook")
    assert list(caught.value.fields) == ["webhook_url"]


def many(house, steward, count, **wishes):
    """A rule over so many datastreams of one thing, all raised."""
    bank = thing(organisation=house, name="Bank")
    streams = [datastream(bank, name=f"Fühler {number}") for number in range(count)]
    rule = rule_for(streams[0], steward, datastream_id=None, thing_id=bank.pk, **wishes)
    raised = [
        Alert.objects.create(rule=rule, datastream=stream, since=rule.created_at, raised_at=rule.created_at)
        for stream in streams
    ]
    return rule, list(Alert.objects.filter(pk__in=[one.pk for one in raised]).select_related("datastream__thing"))


def test_machines_hear_of_all_in_as_many_messages_as_it_takes(house, steward, open_house, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST_IN_ONE", 2)
    rule, alerts = many(house, steward, 5, webhook_url=HOOK, mqtt_topic="stadt/warnung")
    deliveries.put(rule, alerts, "raised")
    for way in ("webhook", "mqtt"):
        bodies = AlertDelivery.objects.filter(way=way).values_list("body", flat=True)
        parts = [[one["id"] for one in body["data"]["alerts"]] for body in bodies]
        assert sorted(map(len, parts)) == [1, 2, 2]
        assert sorted(id for part in parts for id in part) == sorted(alert.pk for alert in alerts)


@pytest.mark.parametrize("count", [1, 3])
def test_telling_machines_costs_the_same_however_many_alerts(house, steward, open_house, count):
    rule, alerts = many(house, steward, count, webhook_url=HOOK)
    with CaptureQueriesContext(connection) as asked:
        deliveries.put(rule, alerts, "raised")
    assert sum("hub_datastream" in one["sql"] for one in asked) <= 1


def test_a_rule_that_comes_back_says_nothing_of_the_time_it_was_off(pond, steward):
    rule = rule_for(pond, steward)
    value(pond, 0, 5)
    keep_alert_rule(rule, by=steward, is_active=False)
    value(pond, 5, 12)
    value(pond, 10, 5)
    keep_alert_rule(rule, by=steward, is_active=True)
    value(pond, 15, 6)
    turn(16)
    assert (told(steward), Alert.objects.count()) == ([], 0)
    value(pond, 20, 12)
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("subject", ["datastream_id", "thing_id"])
def test_no_rule_speaks_of_what_its_maker_may_not_see(pond, stranger, steward, subject):
    pond.visibility = pond.thing.visibility = "organisation"
    pond.save()
    pond.thing.save()
    about = {"datastream_id": None} | {subject: pond.pk if subject == "datastream_id" else pond.thing_id}
    with pytest.raises(BadInput) as caught:
        rule_for(pond, stranger, **about)
    assert list(caught.value.fields) == [subject]
    assert rule_for(pond, steward, **about).states.count() == 1


def test_a_rule_whose_subject_was_closed_meanwhile_can_still_be_changed(pond, stranger):
    rule = rule_for(pond, stranger)
    pond.visibility = "organisation"
    pond.save()
    assert keep_alert_rule(rule, by=stranger, threshold=12.0)[0].threshold == 12
