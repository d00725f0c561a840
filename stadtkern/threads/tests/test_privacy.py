"""Personal data: looked at in the open, exported whole, erased, forgotten in time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import erasers, exports, retention_rules
from stadtkern.core.retention import apply_rules
from stadtkern.people.domain.erasing import erase_person
from stadtkern.threads.domain.conversation import add_entry, contact_for, device_contact, join
from stadtkern.threads.domain.following import follow
from stadtkern.threads.domain.privacy import read_contacts
from stadtkern.threads.models import Contact, Delivery, Notification, PushSubscription
from stadtkern.threads.tests.builders import lamp, mail_contact, tell, with_push
from stadtkern.threads.words import EntryKind, ShownTo

pytestmark = pytest.mark.django_db


def test_staff_see_contact_data_and_the_look_is_written_down(bernd, aylin):
    thread = lamp()
    join(thread, contact_for(person=aylin, phone="0234 1"))
    join(thread, contact_for(email="vera@stadtkern.example", name="Vera"))
    cards = read_contacts(thread, by=bernd)
    assert [(card.name, card.email, card.phone, card.confirmed) for card in cards] == [
        ("Aylin", aylin.email, "0234 1", True),
        ("Vera", "vera@stadtkern.example", "", False),
    ]
    line = AuditEntry.objects.get(action="threads.contact_read")
    assert (line.actor_id, line.subject_kind, line.subject_id) == (bernd.pk, "thread", str(thread.pk))
    assert "vera" not in str(line.detail)


def test_an_export_holds_all_and_only_ones_own(aylin, dmitri):
    thread, mine, theirs = lamp(), contact_for(person=aylin, phone="0234 1"), contact_for(person=dmitri)
    for contact, text in ((mine, "Aylins Satz"), (theirs, "Dmitris Satz")):
        join(thread, contact)
        add_entry(thread, kind=EntryKind.MESSAGE, text=text, shown_to=ShownTo.PARTICIPANTS, contact=contact)
        follow(contact, "district", value="mitte", label=f"Mitte {contact.pk}")
        tell(contact, happening="a", body=f"an {contact.pk}")
        with_push(contact, f"https://push.example/{contact.pk}")
    text = str(list(exports["threads"].rows(aylin.pk)))
    for expected in ("0234 1", "Aylins Satz", f"Mitte {mine.pk}", f"an {mine.pk}", "push.example"):
        assert expected in text
    assert "Dmitri" not in text
    assert f"push.example/{theirs.pk}" not in text
    assert list(exports["threads"].rows(0)) == []


def test_erasing_a_person_leaves_the_matter_without_the_name(aylin, bernd):
    thread, contact = lamp(), contact_for(person=aylin, name="Aylin")
    join(thread, contact)
    mine = add_entry(thread, kind=EntryKind.MESSAGE, text="privat", shown_to=ShownTo.PARTICIPANTS, contact=contact)
    answer = add_entry(thread, kind=EntryKind.MESSAGE, text="Wir kommen", shown_to=ShownTo.PUBLIC, person=bernd)
    tell(contact)
    bernd.memberships.all().delete()
    for person in (aylin, bernd):
        erase_person(person)
    mine.refresh_from_db()
    answer.refresh_from_db()
    assert (mine.text, mine.contact_id, answer.text, answer.person_id) == ("", None, "Wir kommen", None)
    assert not Contact.objects.filter(person=aylin).exists()
    assert not Notification.objects.exists()
    assert erasers["threads"].erase(aylin.pk) == 0


def test_what_a_person_wrote_stays_with_the_rule_after_a_merge(aylin):
    from stadtkern.threads.domain.merging import adopt

    old = mail_contact()
    entry = add_entry(lamp(), kind=EntryKind.MESSAGE, text="früher", shown_to=ShownTo.PARTICIPANTS, contact=old)
    adopt(old, aylin)
    erasers["threads"].erase(aylin.pk)
    entry.refresh_from_db()
    assert (entry.text, entry.contact_id) == ("", None)


def age(row, days: int, field: str = "created_at") -> None:
    type(row).objects.filter(pk=row.pk).update(**{field: timezone.now() - timedelta(days=days)})


def test_notifications_go_in_their_time():
    contact = mail_contact()
    for happening in ("young", "read", "unread"):
        tell(contact, happening=happening)
    told = {row.happening: row for row in Notification.objects.all()}
    for row in told.values():
        age(row, 200)
    age(told["read"], 181, "read_at")
    age(told["young"], 179, "read_at")
    apply_rules()
    assert set(Notification.objects.values_list("happening", flat=True)) == {"young", "unread"}
    age(told["unread"], 731)
    apply_rules()
    assert Notification.objects.get().happening == "young"
    assert Delivery.objects.count() == 1


def test_an_address_nobody_confirmed_goes_after_two_weeks():
    thread = lamp()
    in_matter = contact_for(email="vera@stadtkern.example", name="Vera", phone="0234 1")
    join(thread, in_matter)
    follows_only = contact_for(email="w@stadtkern.example")
    follow(follows_only, "district", value="mitte")
    young, confirmed = contact_for(email="x@stadtkern.example"), mail_contact("y@stadtkern.example")
    follow(confirmed, "district", value="mitte")
    for contact in (in_matter, follows_only, confirmed):
        age(contact, 15)
    apply_rules()
    assert set(Contact.objects.values_list("pk", flat=True)) == {in_matter.pk, young.pk, confirmed.pk}
    in_matter.refresh_from_db()
    assert (in_matter.email, in_matter.phone) == ("", "0234 1")


def test_gone_browsers_and_idle_contacts_go(aylin):
    idle, follower, account = device_contact(language="de"), device_contact(language="de"), contact_for(person=aylin)
    follow(follower, "district", value="mitte")
    with_push(follower)
    age(PushSubscription.objects.get(), 31, "gone_at")
    for contact in (idle, follower, account):
        age(contact, 31)
    apply_rules()
    assert set(Contact.objects.values_list("pk", flat=True)) == {follower.pk, account.pk}
    assert not PushSubscription.objects.exists()


def test_every_rule_says_what_it_keeps():
    mine = [rule for rule in retention_rules if rule.key.startswith("threads.")]
    assert len(mine) == 5
    assert all(str(rule.what) for rule in mine)
