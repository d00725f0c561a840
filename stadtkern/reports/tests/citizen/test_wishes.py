"""Follow anything: a street, a district, a kind, a group, an area, a report; by inbox, mail, push and feed."""

from datetime import time

import pytest
from django.utils.timezone import localtime

from stadtkern.reports.domain import letters, wishes
from stadtkern.reports.models import Report
from stadtkern.reports.tests import builders
from stadtkern.reports.words import Source, Visibility
from stadtkern.threads.domain.following import follow
from stadtkern.threads.models import Delivery, Follow, Notification
from stadtkern.threads.tests.builders import mail_contact, with_push
from stadtkern.threads.words import Pace

pytestmark = pytest.mark.django_db
ADDRESS = "Herner Straße 100, 44809 Bochum"
WISHES = [
    ("street", "herner-str"),
    ("district", "mitte"),
    ("category", "bollard"),
    ("group", "streets"),
    ("area", "51.48186,7.21667,200"),
]


def published(**given):
    made = builders.report(**({"address": ADDRESS} | given))
    Report.objects.update(visibility=Visibility.PUBLIC)
    return made


@pytest.mark.parametrize(
    "written", [ADDRESS, "Herner Str. 7", "herner strasse", "HERNER STRASSE 12 a, Bochum", "Herner Straße"]
)
def test_a_street_is_one_however_it_is_written(written):
    assert wishes.street_key(written) == "herner-str"


def test_no_address_is_no_street():
    assert wishes.street_key("") == ""


@pytest.mark.parametrize(("topic", "value"), WISHES)
def test_who_follows_is_told_by_inbox_mail_and_push(city, topic, value):
    contact = with_push(mail_contact())
    follow(contact, topic, value=value)
    made = published()
    letters.tell_area(report_id=made.pk)
    told = Notification.objects.get(contact=contact)
    assert told.url == f"/meldungen/{made.pk}/"
    assert sorted(told.deliveries.values_list("channel", flat=True)) == ["email", "push"]


@pytest.mark.parametrize(("topic", "value"), [(topic, "elsewhere") for topic, _value in WISHES[:4]])
def test_who_follows_something_else_is_left_alone(city, topic, value):
    follow(mail_contact(), topic, value=value)
    assert letters.tell_area(report_id=published().pk) == 0


def test_who_follows_several_of_them_is_told_once(city):
    contact = mail_contact()
    for topic, value in WISHES:
        follow(contact, topic, value=value)
    letters.tell_area(report_id=published().pk)
    assert Notification.objects.filter(contact=contact).count() == 1


@pytest.mark.parametrize(("topic", "value"), WISHES)
def test_a_weekly_wish_waits_for_the_weekly_digest(city, topic, value):
    follow(mail_contact(), topic, value=value, pace=Pace.WEEKLY)
    letters.tell_area(report_id=published().pk)
    due = localtime(Delivery.objects.get().due_at)
    assert (due.weekday(), due.hour) == (4, 17)


def test_quiet_hours_hold_for_push(city):
    contact = with_push(mail_contact(quiet_from=time(0, 0), quiet_until=time(23, 59)))
    follow(contact, "street", value="herner-str")
    letters.tell_area(report_id=published().pk)
    push = Delivery.objects.get(channel="push")
    assert localtime(push.due_at).time() == time(23, 59)


def test_an_idea_without_a_place_reaches_who_follows_its_group(city):
    idea = next(one for one in builders_of_ideas())
    follow(mail_contact(), "group", value=idea.group_id)
    made = published(category=idea.key, lat=None, lon=None, address="")
    assert letters.tell_area(report_id=made.pk) == 1


def builders_of_ideas():
    from stadtkern.reports.domain.catalogue import catalogue

    return [one for one in catalogue().categories.values() if one.kind == "idea" and one.is_active]


def test_what_was_imported_is_no_news(city):
    follow(mail_contact(), "district", value="mitte")
    made = published()
    Report.objects.update(source=Source.IMPORT)
    assert letters.tell_area(report_id=made.pk) == 0


def test_a_street_can_be_chosen_on_the_page(visitor, city):
    given = {"address": "Willy-Brandt-Platz 2", "radius": "0", "pace": "weekly", "email": "nina@example.org"}
    assert visitor.post("/meldungen/umgebung/", given).status_code == 302
    wish = Follow.objects.get()
    assert (wish.topic, wish.value, wish.label) == ("street", "willy-brandt-platz", "Willy-Brandt-Platz")


@pytest.mark.parametrize("topic", ["district", "group"])
def test_districts_and_topics_are_offered_beside(visitor, city, topic):
    page = visitor.get("/meldungen/umgebung/").content.decode()
    link = page.split(f"topic={topic}&amp;")[1].split('"')[0].replace("&amp;", "&")
    assert visitor.get(f"/mitteilungen/folgen/?topic={topic}&{link}").status_code == 200


@pytest.mark.parametrize(
    ("choice", "topic"), [("kategorie=bollard", "category"), ("gruppe=streets", "group"), ("bezirk=mitte", "district")]
)
def test_a_filtered_list_can_be_followed_and_is_a_feed(visitor, city, choice, topic):
    published()
    page = visitor.get(f"/meldungen/?{choice}").content.decode()
    assert f"topic={topic}&amp;value={choice.split('=')[1]}" in page
    assert ADDRESS in visitor.get(f"/feeds/meldungen.atom?{choice}").content.decode()


def test_a_street_is_a_feed_too(visitor, city):
    published()
    builders.report(address="Königsallee 7, 44789 Bochum")
    feed = visitor.get("/feeds/meldungen.atom", {"suche": '"Herner Straße"'}).content.decode()
    assert ADDRESS in feed
    assert "Königsallee" not in feed
