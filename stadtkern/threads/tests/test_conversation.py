"""Threads: one per matter, entries that stay, eyes that see what they may."""

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.threads.domain import conversation
from stadtkern.threads.domain.conversation import (
    add_entry,
    contact_for,
    device_contact,
    join,
    open_thread,
    timeline,
)
from stadtkern.threads.models import Contact, Entry, Notification
from stadtkern.threads.words import EntryKind, Part, ShownTo

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return open_thread(kind="report", title="Die Laterne ist dunkel")


def say(thread, text="Sie ist dunkel", shown_to=ShownTo.PUBLIC, **given):
    return add_entry(thread, kind=EntryKind.MESSAGE, text=text, shown_to=shown_to, **given)


def test_a_person_has_one_contact(aylin):
    first = contact_for(person=aylin)
    again = contact_for(person=aylin, phone="0234 1")
    assert first.pk == again.pk
    assert again.phone == "0234 1"


def test_an_address_nobody_confirmed_is_never_taken_again():
    first = contact_for(email="vera@stadtkern.example")
    assert contact_for(email="vera@stadtkern.example").pk != first.pk


def test_a_confirmed_address_is_taken_again_and_never_changed():
    known = confirmed("vera@stadtkern.example", name="Vera")
    assert contact_for(email=" VERA@stadtkern.example").pk == known.pk
    other = contact_for(email="vera@stadtkern.example", name="Mallory", phone="1")
    assert other.pk != known.pk
    assert other.confirmed_at is None
    known.refresh_from_db()
    assert (known.name, known.phone) == ("Vera", "")


def test_the_address_of_an_account_holder_does_not_lead_to_the_account(aylin):
    mine = contact_for(person=aylin)
    assert contact_for(email=aylin.email).pk != mine.pk


def confirmed(email, **given):
    return Contact.objects.create(email=email, confirmed_at=timezone.now(), **given)


def test_a_device_has_a_contact_without_any_data():
    contact = device_contact(language="tr")
    assert (contact.email, contact.name, contact.phone, contact.language) == ("", "", "", "tr")


def test_one_thread_per_matter(db):
    open_thread(kind="report", title="Die Laterne", subject_id=4711)
    with pytest.raises(Error), transaction.atomic():
        open_thread(kind="report", title="noch einmal", subject_id=4711)


def test_who_has_a_part_keeps_it(thread):
    contact = device_contact(language="de")
    assert join(thread, contact, Part.REPORTER).pk == join(thread, contact, Part.PARTY).pk
    assert thread.participants.get().part == Part.REPORTER


def test_each_eye_sees_its_lines(thread):
    for shown_to in ShownTo:
        say(thread, text=shown_to.value, shown_to=shown_to)
    hidden = say(thread, text="Beleidigung")
    Entry.objects.filter(pk=hidden.pk).update(hidden_at=timezone.now(), hidden_because="Beleidigung")
    seen = {
        eye: [entry.text for entry in timeline(thread, as_seen_by=eye)] for eye in ("public", "participants", "staff")
    }
    assert seen == {
        "public": ["public"],
        "participants": ["public", "participants"],
        "staff": ["public", "participants", "staff", "Beleidigung"],
    }


def test_a_timeline_costs_one_query(thread, bernd, django_assert_num_queries):
    for _ in range(3):
        say(thread, person=bernd, organisation=bernd.memberships.get().organisation)
    with django_assert_num_queries(1):
        assert [str(entry.organisation) + str(entry.person) for entry in timeline(thread, as_seen_by="staff")]


def test_an_entry_is_told_to_the_house(thread):
    from stadtkern.core.events import _followers, deliver, follow
    from stadtkern.threads.events import EntryAdded

    heard: list[tuple[int, int, str, str]] = []

    @follow(EntryAdded)
    def write_down(happened: EntryAdded) -> None:
        heard.append((happened.entry_id, happened.thread_id, happened.kind, happened.shown_to))

    entry = say(thread)
    with connection.cursor() as cursor:
        cursor.execute("select args from procrastinate_jobs where task_name = 'core.deliver'")
        [(args,)] = cursor.fetchall()
    deliver.func(**args if isinstance(args, dict) else __import__("json").loads(args))
    _followers["threads.entry_added"].popitem()
    assert heard == [(entry.pk, thread.pk, "message", "public")]


def test_hiding_needs_a_reason_and_is_audited(thread, bernd):
    entry = say(thread)
    with pytest.raises(BadInput):
        conversation.hide_entry(entry.pk, because=" ", by=bernd)
    conversation.hide_entry(entry.pk, because="Name eines Dritten", by=bernd)
    assert not timeline(thread, as_seen_by="public").exists()
    conversation.restore_entry(entry.pk, by=bernd)
    assert timeline(thread, as_seen_by="public").count() == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor_id")) == [
        ("threads.entry_hidden", bernd.pk),
        ("threads.entry_restored", bernd.pk),
    ]
    with pytest.raises(NotFound):
        conversation.hide_entry(0, because="x", by=bernd)


def test_a_text_may_be_long_but_not_endless_and_holds_no_nul(thread):
    assert say(thread, text="a\x00b" + "x" * 10_000).text.startswith("abx")
    with pytest.raises(BadInput) as caught:
        say(thread, text="x" * 20_001)
    assert "text" in caught.value.fields


CHANGES = {
    "text": "text = 'etwas anderes'",
    "kind": "kind = 'note'",
    "code": "code = 'done'",
    "at": "at = now()",
    "shown to more": "shown_to = 'public'",
    "data": """data = '{"a": 2}'""",
    "author": "contact_id = (select max(id) from threads_contact)",
    "person": "person_id = (select max(id) from people_person)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_rewrite_an_entry(thread, bernd, change):
    mine = device_contact(language="de")
    entry = say(thread, shown_to=ShownTo.STAFF, contact=mine, data={"a": 1})
    device_contact(language="de")
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"update threads_entry set {CHANGES[change]} where id = %s", [entry.pk])


def test_the_database_refuses_to_delete_an_entry_even_with_its_thread(thread):
    say(thread)
    for delete in (Entry.objects.all().delete, thread.delete):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            delete()


def test_a_text_may_be_emptied_and_an_author_taken_out(thread, bernd):
    entry = say(thread, person=bernd, contact=device_contact(language="de"), data={"a": 1})
    Entry.objects.filter(pk=entry.pk).update(text="", data={}, person=None, contact=None)
    entry.refresh_from_db()
    assert (entry.text, entry.data, entry.person, entry.contact) == ("", {}, None, None)


def test_forgetting_a_contact_leaves_what_everybody_may_read(thread, aylin):
    contact = contact_for(person=aylin, name="Aylin", phone="0234 1")
    join(thread, contact)
    public = say(thread, text="Sie ist dunkel", contact=contact)
    private = say(thread, text="Mein Name ist Aylin", shown_to=ShownTo.PARTICIPANTS, contact=contact)
    Notification.objects.create(contact=contact, topic="threads.message", happening="a", title="A")
    nonce = contact.nonce
    conversation.forget_contact(contact)
    contact.refresh_from_db()
    assert (contact.person, contact.email, contact.name, contact.phone) == (None, "", "", "")
    assert contact.nonce != nonce
    assert not contact.notifications.exists()
    assert thread.participants.count() == 1
    public.refresh_from_db()
    private.refresh_from_db()
    assert (public.text, public.contact, private.text, private.contact) == ("Sie ist dunkel", None, "", None)
