"""The desk's pages about alerts."""

import re
from ipaddress import ip_network

import pytest
from django.urls import reverse

from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.models import Alert, AlertDelivery, AlertRule
from stadtkern.hub.tests.alerts.acting import rule_for, turn, value
from stadtkern.hub.tests.alerts.receiver import receiving, verified
from stadtkern.hub.web.desk_alerts_forms import AlertRuleForm
from stadtkern.people.models import Person

pytestmark = pytest.mark.django_db
LIST, RULES, NEW = "/desk/daten/warnungen/", "/desk/daten/warnungen/regeln/", "/desk/daten/warnungen/regeln/neu/"
TYPED = {"name": "Teich zu hoch", "kind": "threshold", "direction": "above", "threshold": "10,5", "is_active": "on"}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_open_alerts_are_listed_and_taken(desk, other_desk, pond, steward):
    rule_for(pond, steward)
    value(pond, 0, 11)
    alert = Alert.objects.get()
    assert "Wasserstand, Teich: 11,0 °C, Grenze 10,0 °C" in text_of(desk.get(LIST))
    assert "Wasserstand" not in text_of(other_desk.get(LIST))
    taken = desk.post(reverse("hub-care:acknowledge"), {"alert": [alert.pk], "note": "fahre hin"}, follow=True)
    assert "1 Warnung übernommen." in text_of(taken)
    assert "jemand kümmert sich" in text_of(taken)
    shown = text_of(desk.get(reverse("hub-care:alert", args=[alert.pk])))
    assert "fahre hin" in shown
    assert other_desk.get(reverse("hub-care:alert", args=[alert.pk])).status_code == 404


def test_what_is_over_is_shown_on_request(desk, pond, steward):
    rule_for(pond, steward)
    value(pond, 0, 11)
    value(pond, 5, 5)
    assert "Keine offene Warnung" in text_of(desk.get(LIST))
    assert "vorbei seit" in text_of(desk.get(f"{LIST}?stand=alle"))


def test_a_silent_feed_of_my_house_is_listed(desk, other_desk, pond):
    value(pond, 0, 1.0)
    for minutes in range(0, 40, 4):
        turn(minutes)
    assert "keine neuen Werte seit" in text_of(desk.get(LIST))
    assert "keine neuen Werte seit" not in text_of(other_desk.get(LIST))


def test_an_alert_of_what_i_may_not_read_any_more_is_not_shown(desk, pond, steward, visitor):
    from stadtkern.hub.tests.cast import datastream, thing
    from stadtkern.people.models import Organisation

    foreign = datastream(thing(organisation=Organisation.objects.get(key="usb"), name="Container"), name="Füllstand")
    rule_for(foreign, steward)
    value(foreign, 0, 11)
    assert "Füllstand" in text_of(desk.get(LIST))
    foreign.visibility = "organisation"
    foreign.save()
    assert "Füllstand" not in text_of(desk.get(LIST))
    assert desk.get(reverse("hub-care:alert", args=[Alert.objects.get().pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(desk, pond, steward, rows, django_assert_max_num_queries):
    for number in range(rows):
        rule_for(pond, steward, name=f"Hoch {number}")
    value(pond, 0, 11)
    desk.get(LIST)
    with django_assert_max_num_queries(12):
        assert text_of(desk.get(LIST)).count("Grenze 10,0") == 2 * rows  # the row, and the words of its box


def test_a_rule_is_made_changed_and_ended(desk, other_desk, pond):
    made = desk.post(NEW, TYPED | {"datastream_id": pond.pk, "hold_minutes": "2,5"}, follow=True)
    rule = AlertRule.objects.get()
    assert "Beobachtet 1 Messreihe." in text_of(made)
    assert (rule.threshold, rule.hold_seconds, rule.person.name) == (10.5, 150, "Selma")
    page = reverse("hub-care:alert-rule", args=[rule.pk])
    assert 'value="10,5"' in desk.get(page).content.decode()
    assert other_desk.get(page).status_code == 404
    desk.post(
        page, TYPED | {"datastream_id": pond.pk, "threshold": "12", "quiet_from": "22:00", "quiet_until": "06:00"}
    )
    rule.refresh_from_db()
    assert (rule.threshold, rule.quiet_from.hour, rule.hold_seconds) == (12, 22, 0)
    assert "Teich zu hoch" in text_of(desk.get(RULES))
    desk.post(reverse("hub-care:end-alert-rule", args=[rule.pk]))
    assert not AlertRule.objects.exists()


def test_the_form_comes_filled_from_the_page_of_a_datastream(desk, pond):
    assert f'value="{pond.pk}"' in desk.get(f"{NEW}?datastream_id={pond.pk}").content.decode()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({}, "Wählen Sie genau eines"),
        ({"datastream_id": "999999"}, "Diese Messreihe gibt es nicht."),
        ({"thing_id": "999999"}, "Dieses Objekt gibt es nicht."),
        ({"escalate_email": "niemand@stadtkern.example"}, "Diese Adresse gehört niemandem"),
        ({"threshold": ""}, "Ab welchem Wert?"),
        ({"mqtt_topic": "a/#"}, "Dieses Topic geht nicht"),
        ({"mqtt_topic": "v1.1/Datastreams(1)/Observations"}, "Dieses Topic geht nicht"),
    ],
)
def test_a_wrong_rule_is_shown_again_with_its_reason(desk, typed, reason):
    wrong = desk.post(NEW, TYPED | typed)
    assert wrong.status_code == 422
    assert reason in text_of(wrong)


def test_every_field_has_its_place_and_a_wrong_one_is_seen(desk, pond, steward):
    form = AlertRuleForm(person=steward)
    placed = [field.name for field in form.first()] + [
        field.name for _t, fields, _o in form.folds() for field in fields
    ]
    assert sorted(placed) == sorted(form.fields)
    closed, wrong = desk.get(NEW), desk.post(NEW, TYPED | {"datastream_id": pond.pk, "clear": "99"})
    assert '<details class="fold" open>' not in closed.content.decode()
    assert wrong.content.decode().count('<details class="fold" open>') == 1


def test_the_second_in_line_is_a_colleague(desk, pond, bernd):
    desk.post(NEW, TYPED | {"datastream_id": pond.pk, "escalate_minutes": "5", "escalate_email": bernd.email.upper()})
    assert AlertRule.objects.get().escalate_person == bernd


def test_the_secret_of_a_webhook_is_shown_once_and_a_message_replayed(desk, other_desk, pond, settings, run_jobs):
    settings.OUTBOUND_NETWORKS = (ip_network("127.0.0.0/8"),)
    with receiving() as receiver:
        shown = text_of(desk.post(NEW, TYPED | {"datastream_id": pond.pk, "webhook_url": receiver.url}))
        secret = re.search(r"whsec_[\w+/=]+", shown).group()
        rule = AlertRule.objects.get()
        page = reverse("hub-care:alert-rule", args=[rule.pk])
        assert "whsec_" not in text_of(desk.get(page))
        value(pond, 0, 11)
        run_jobs()
        assert "Webhook · zugestellt" in text_of(desk.get(page))
        replay = reverse("hub-care:replay", args=[rule.pk])
        assert other_desk.post(replay, {"delivery": AlertDelivery.objects.get().pk}).status_code == 404
        desk.post(replay, {"delivery": AlertDelivery.objects.get().pk})
        run_jobs()
        assert len(receiver.came) == 2
        assert verified(secret, *receiver.came[1])["type"] == "alert.raised"
        renewed = text_of(desk.post(reverse("hub-care:new-secret", args=[rule.pk])))
        assert secret not in renewed
        assert "whsec_" in renewed


def test_without_the_right_there_is_nothing_to_see(visitor, bernd, aylin, pond):
    for person in (bernd, aylin):
        for page in (LIST, RULES, NEW):
            assert visitor.signed_in(person).get(page).status_code == 403
    assert Person.objects.filter(alert_rules__isnull=False).count() == 0
    assert cursor(here()).execute("select count(*) from hub_alertrule").fetchone() == (0,)
