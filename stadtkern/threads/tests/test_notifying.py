"""Notifying: everybody concerned, once, in their language, by the channels they want."""

import threading
from datetime import time

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from stadtkern.threads.domain import choosing
from stadtkern.threads.domain.conversation import contact_for, device_contact, join, set_public
from stadtkern.threads.domain.following import follow
from stadtkern.threads.domain.notifying import notify
from stadtkern.threads.models import Contact, Delivery, Notification
from stadtkern.threads.tests.builders import MESSAGE, lamp, mail_contact, tell, with_push
from stadtkern.threads.words import Pace


def told() -> set[int]:
    return set(Notification.objects.values_list("contact", flat=True))


def ways(contact) -> set[str]:
    return set(Delivery.objects.filter(notification__contact=contact).values_list("channel", flat=True))


@pytest.mark.django_db
def test_participants_and_followers_are_told_and_nobody_else():
    thread, reporter, fan, neighbour, stranger = lamp(), *(device_contact(language="de") for _ in range(4))
    join(thread, reporter)
    follow(fan, "report", value="4711")
    follow(neighbour, "district", value="mitte")
    follow(stranger, "report", value="4712")
    count = notify(
        topic=MESSAGE,
        happening="answer:1",
        title="Eine Antwort",
        thread=thread,
        values={"report": ["4711"], "district": ["mitte", "ost"]},
    )
    assert count == 3
    assert told() == {reporter.pk, fan.pk, neighbour.pk}


@pytest.mark.django_db
def test_who_is_concerned_in_many_ways_is_told_once():
    thread, contact = lamp(), device_contact(language="de")
    join(thread, contact)
    follow(contact, "report", value="4711")
    follow(contact, "district", value="mitte")
    follow(contact, "area", value="51.48,7.22,500")
    given = {"values": {"report": ["4711"], "district": ["mitte"]}, "at": (51.48, 7.22), "thread": thread}
    assert notify(topic=MESSAGE, happening="a", title="A", **given) == 1
    assert notify(topic=MESSAGE, happening="a", title="A", **given) == 0
    assert notify(topic=MESSAGE, happening="b", title="B", **given) == 1


@pytest.mark.django_db
def test_a_matter_that_is_not_public_reaches_its_participants_only():
    thread, reporter, fan = lamp(public=False), device_contact(language="de"), device_contact(language="de")
    join(thread, reporter)
    follow(fan, "report", value="4711")
    notify(topic=MESSAGE, happening="a", title="A", thread=thread, values={"report": ["4711"]})
    assert told() == {reporter.pk}
    set_public(thread, True)
    notify(topic=MESSAGE, happening="b", title="B", thread=thread, values={"report": ["4711"]})
    assert told() == {reporter.pk, fan.pk}


@pytest.mark.django_db
def test_an_area_is_a_circle_and_not_its_box():
    inside, corner, outside = (device_contact(language="de") for _ in range(3))
    follow(inside, "area", value="51.4818,7.2162,500")
    follow(corner, "area", value="51.4850,7.2215,500")  # the point is in the box, 514 m away
    follow(outside, "area", value="51.5000,7.2162,500")
    assert notify(topic=MESSAGE, happening="a", title="A", at=(51.4818, 7.2162)) == 1
    assert told() == {inside.pk}


@pytest.mark.django_db
def test_the_one_who_did_it_is_not_told():
    thread, author, other = lamp(), device_contact(language="de"), device_contact(language="de")
    join(thread, author)
    join(thread, other)
    notify(topic=MESSAGE, happening="a", title="A", thread=thread, except_contact=author)
    assert told() == {other.pk}


@pytest.mark.django_db
def test_to_names_exactly_who_is_told():
    thread, reporter, one = lamp(), device_contact(language="de"), device_contact(language="de")
    join(thread, reporter)
    assert tell([one], thread=thread) == 1
    assert told() == {one.pk}
    assert notify(topic=MESSAGE, happening="nobody", title="A", to=[]) == 0


@pytest.mark.django_db
def test_an_unknown_topic_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        notify(topic="nonsense", happening="a", title="A")


@pytest.mark.django_db
def test_each_contact_reads_its_own_language(aylin):
    aylin.language = "tr"
    aylin.save()
    german, english, turkish = device_contact(language="de"), device_contact(language="en"), contact_for(person=aylin)
    words = {"de": "Antwort", "en": "Answer", "tr": "Cevap"}
    tell([german, english, turkish], title=lambda language: words[language], body=gettext_lazy("Yes"))
    rows = dict(Notification.objects.values_list("contact", "title"))
    assert rows == {german.pk: "Antwort", english.pk: "Answer", turkish.pk: "Cevap"}
    assert Notification.objects.get(contact=german).body == "Ja"


@pytest.mark.django_db
def test_channels_are_what_a_contact_has_and_wants(aylin):
    nobody, pushed, mailed = device_contact(language="de"), with_push(), mail_contact()
    both = with_push(contact_for(person=aylin), "https://push.example/2")
    tell([nobody, pushed, mailed, both])
    assert [ways(contact) for contact in (nobody, pushed, mailed, both)] == [
        set(),
        {"push"},
        {"email"},
        {"email", "push"},
    ]
    choosing.choose(both, {(MESSAGE, "email"): False})
    choosing.end_mails(mailed, "*")
    Notification.objects.all().delete()
    tell([mailed, both], happening="b")
    assert [ways(mailed), ways(both)] == [set(), {"push"}]


@pytest.mark.django_db
def test_a_wish_for_one_topic_wins_over_the_wish_for_all():
    contact = mail_contact()
    choosing.end_mails(contact, "*")
    choosing.take_mails_again(contact, MESSAGE)
    tell(contact)
    assert ways(contact) == {"email"}


@pytest.mark.django_db
def test_an_unconfirmed_address_gets_nothing(mailoutbox, run_jobs):
    contact = contact_for(email="vera@stadtkern.example")
    tell(contact)
    assert ways(contact) == set()
    assert run_jobs() == 0
    assert mailoutbox == []


@pytest.mark.django_db
def test_somebody_whose_account_is_closed_is_not_told(aylin):
    contact = contact_for(person=aylin)
    aylin.is_active = False
    aylin.save()
    assert tell(contact) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("people", [1, 3])
def test_telling_costs_the_same_for_one_and_for_three(people, django_assert_num_queries):
    thread = lamp()
    for number in range(people):
        contact = mail_contact(f"v{number}@stadtkern.example")
        join(thread, contact)
        follow(contact, "report", value="4711")
    with django_assert_num_queries(10):  # 2 savepoint, 3 who, 2 what they want, 2 writes, 1 jobs
        notify(topic=MESSAGE, happening="a", title="A", thread=thread, values={"report": ["4711"]}, at=(51.48, 7.21))


@pytest.mark.django_db
def test_a_long_title_is_cut_and_a_nul_dropped():
    contact = device_contact(language="de")
    tell(contact, title="x\x00" * 300)
    assert Notification.objects.get().title == "x" * 200


@pytest.mark.django_db(transaction=True)
def test_two_tellers_at_once_tell_everybody_once(own_queue):
    thread = lamp()
    for number in range(20):
        join(thread, mail_contact(f"v{number}@stadtkern.example"))
    start, counts = threading.Barrier(2), []

    def run() -> None:
        try:
            start.wait(5)
            with transaction.atomic():
                counts.append(notify(topic=MESSAGE, happening="a", title="A", thread=thread))
        finally:
            connections.close_all()

    tellers = [threading.Thread(target=run) for _ in range(2)]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join(20)
    assert sorted(counts) == [0, 20]
    assert Notification.objects.count() == Delivery.objects.count() == 20
    Notification.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_notification_dies_with_its_transaction(own_queue):
    contact = mail_contact()
    with pytest.raises(ValueError, match="storm"), transaction.atomic():
        tell(contact)
        raise ValueError("storm")
    assert Notification.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'threads.deliver'")
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db
def test_the_slower_wish_decides_when_following_and_the_quickest_follow_counts():
    contact = mail_contact()
    follow(contact, "district", value="mitte", pace=Pace.WEEKLY)
    follow(contact, "report", value="4711", pace=Pace.DAILY)
    values = {"report": ["4711"], "district": ["mitte"]}
    notify(topic=MESSAGE, happening="a", title="A", values=values)
    assert Delivery.objects.get().pace == Pace.DAILY
    Contact.objects.update(pace=Pace.WEEKLY)
    notify(topic=MESSAGE, happening="b", title="B", values=values)
    assert Delivery.objects.order_by("pk").last().pace == Pace.WEEKLY


@pytest.mark.django_db
@pytest.mark.parametrize(("urgent", "is_due"), [(False, False), (True, True)])
def test_what_is_urgent_waits_for_no_bundle_and_no_quiet_hours(urgent, is_due):
    sleeper = mail_contact()
    choosing.set_rhythm(sleeper, pace=Pace.WEEKLY, quiet_from=time(0), quiet_until=time(23, 59))
    notify(topic=MESSAGE, happening="flood:1", title="Hochwasser", to=sleeper, urgent=urgent)
    assert (Delivery.objects.get().due_at <= timezone.now()) is is_due
