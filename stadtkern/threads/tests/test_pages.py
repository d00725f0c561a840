"""The inbox and its settings: for accounts, for devices, for whoever holds the link; nothing for others."""

import pytest
from django.core import mail
from django.urls import reverse

from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import Subject, SubjectView, subjects
from stadtkern.core.testing.visitor import Visitor
from stadtkern.threads.domain import choosing, links
from stadtkern.threads.domain.conversation import contact_for, join
from stadtkern.threads.domain.following import follow, is_following
from stadtkern.threads.models import ChannelChoice, Contact, Follow, Notification
from stadtkern.threads.tests.builders import MESSAGE, lamp, mail_contact, tell

pytestmark = pytest.mark.django_db

KIND = "threads_tests.lamp"


def _lamps(ids):
    return {id: SubjectView(kind=KIND, id=id, title=f"Laterne {id}", url=f"/mitteilungen/?lamp={id}") for id in ids}


if KIND not in subjects:
    subjects.add(Subject(key=KIND, label="Laterne", resolve_many=_lamps))


def matter(contact: Contact, number: int):
    thread = lamp(kind=KIND, subject_id=number)
    join(thread, contact)
    tell(contact, happening=f"answer:{number}", thread=thread, url=f"/mitteilungen/?lamp={number}")
    return thread


def by_link(contact: Contact) -> Visitor:
    visitor = Visitor()
    answer = visitor.get(links.contact_path(contact))
    assert answer.status_code == 302
    assert answer["Location"] == "/mitteilungen/"
    return visitor


def test_a_stranger_sees_an_empty_inbox(city, visitor):
    assert "Noch keine Mitteilungen" in visitor.get("/mitteilungen/").content.decode()


def test_an_account_sees_its_own_matters_grouped(visitor, aylin, dmitri):
    mine = contact_for(person=aylin)
    matter(mine, 7)
    tell(mine, happening="again", thread=mine.parts.get().thread, title="Noch eine Antwort")
    matter(contact_for(person=dmitri), 8)
    text = visitor.signed_in(aylin).get("/mitteilungen/").content.decode()
    assert text.count("<article") == 1
    assert "Laterne 7" in text
    assert "Noch eine Antwort" in text
    assert "Laterne 8" not in text


def test_without_account_the_secret_link_opens_the_inbox_and_stays_out_of_the_address(city):
    contact = mail_contact()
    matter(contact, 7)
    answer = by_link(contact).get("/mitteilungen/")
    assert "Laterne 7" in answer.content.decode()
    assert Visitor().get("/mitteilungen/").content.decode().count("Laterne 7") == 0


def test_an_ended_link_ends_in_the_browsers_that_used_it_too(city):
    contact = mail_contact()
    matter(contact, 7)
    visitor = by_link(contact)
    links.end_contact_links(contact)
    assert "Laterne 7" not in visitor.get("/mitteilungen/").content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_inbox_costs_the_same_for_one_and_for_three(aylin, rows, django_assert_num_queries):
    visitor, contact = Visitor().signed_in(aylin), contact_for(person=aylin)
    for number in range(rows):
        matter(contact, number + 1)
    visitor.get("/mitteilungen/")
    with django_assert_num_queries(PRICE):
        assert visitor.get("/mitteilungen/").content.decode().count("<article") == rows


PRICE = 9  # session, person, shell, page, matters, counts; the same for one row and for three


def test_reading_is_marked_one_by_one_or_all_at_once(aylin, dmitri):
    visitor, contact = Visitor().signed_in(aylin), contact_for(person=aylin)
    for number in (1, 2, 3):
        matter(contact, number)
    theirs = contact_for(person=dmitri)
    tell(theirs, happening="theirs")
    first, other = Notification.objects.filter(contact=contact).first(), Notification.objects.get(contact=theirs)
    visitor.post("/mitteilungen/gelesen/", {"id": [first.pk, other.pk]})
    assert Notification.objects.filter(read_at__isnull=False).get() == first
    visitor.post("/mitteilungen/gelesen/", {"until": "2000-01-01T00:00:00+00:00"})
    assert Notification.objects.filter(read_at__isnull=False).count() == 1
    visitor.post("/mitteilungen/gelesen/", {"until": "nonsense"})
    assert Notification.objects.filter(read_at=None).get() == other
    assert visitor.post("/mitteilungen/gelesen/", {"id": "1; drop"}).status_code == 422


def test_a_long_inbox_has_pages(aylin):
    visitor, contact = Visitor().signed_in(aylin), contact_for(person=aylin)
    for number in range(35):
        tell(contact, happening=str(number), title=f"Nummer {number:02}.")
    first = visitor.get("/mitteilungen/").content.decode()
    assert "Nummer 34." in first
    assert "Nummer 04." not in first
    after = first.partition("?after=")[2].partition('"')[0]
    second = visitor.get(f"/mitteilungen/?after={after}").content.decode()
    assert "Nummer 04." in second
    assert "Nummer 05." not in second
    assert visitor.get("/mitteilungen/?after=nonsense").status_code == 400


def test_a_secret_link_leads_to_the_matter_and_gives_the_right(city, rf):
    from stadtkern.threads.web.parts import may_take_part

    thread, visitor = lamp(kind=KIND, subject_id=9), Visitor()
    answer = visitor.get(links.secret_path(thread))
    assert answer["Location"] == "/mitteilungen/?lamp=9"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    request = rf.get("/")
    request.session, request.user = visitor.session, None
    assert visitor.session["threads"] == [thread.pk]
    assert may_take_part(request, thread)
    assert not may_take_part(request, lamp())
    links.end_links(thread)
    assert not may_take_part(request, thread)


@pytest.mark.parametrize(
    "path", ["/m/1-{}/", "/mitteilungen/1-{}/", "/abmelden/*/1-{}/", "/feeds/mitteilungen/1-{}.atom"]
)
def test_a_guessed_link_is_not_found(city, visitor, path):
    contact, thread = mail_contact(), lamp()
    assert (contact.pk, thread.pk) != (None, None)
    assert visitor.get(path.format("a" * 26)).status_code == 404


def test_settings_are_kept(aylin):
    visitor, contact = Visitor().signed_in(aylin), contact_for(person=aylin)
    shown = [f"{MESSAGE}:email", f"{MESSAGE}:push"]
    given = {"pace": "daily", "quiet_from": "22:00", "quiet_until": "06:30", "shown": shown, "wanted": [shown[1]]}
    assert visitor.post("/mitteilungen/einstellungen/", given).status_code == 302
    contact.refresh_from_db()
    assert (contact.pace, str(contact.quiet_from), str(contact.quiet_until)) == ("daily", "22:00:00", "06:30:00")
    assert dict(ChannelChoice.objects.values_list("channel", "wanted")) == {"email": False, "push": True}
    row = next(row for row in choosing.table(contact) if row.key == MESSAGE)
    assert [cell.wanted for cell in row.cells] == [False, True]
    assert visitor.get("/mitteilungen/einstellungen/").status_code == 200


@pytest.mark.parametrize(
    "bad", [{"pace": "hourly"}, {"quiet_from": "25:00"}, {"quiet_until": "", "quiet_from": "22:00"}]
)
def test_bad_settings_are_named_and_nothing_is_kept(aylin, bad):
    visitor = Visitor().signed_in(aylin)
    answer = visitor.post("/mitteilungen/einstellungen/", {"pace": "daily", "quiet_until": "06:00"} | bad)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Contact.objects.filter(pace="daily").exists()


def test_an_unknown_topic_in_the_form_is_passed_over(aylin):
    given = {"pace": "now", "shown": ["nonsense:email", f"{MESSAGE}:fax", "x"], "wanted": []}
    assert Visitor().signed_in(aylin).post("/mitteilungen/einstellungen/", given).status_code == 302
    assert not ChannelChoice.objects.exists()


def test_one_tap_ends_a_follow_and_only_ones_own(aylin, dmitri):
    wish = follow(contact_for(person=aylin), "report", value="4711", label="Laterne")
    address = reverse("threads:unfollow-one", args=[wish.pk])
    assert Visitor().signed_in(dmitri).post(address).status_code == 404
    assert Visitor().post(address).status_code == 404
    visitor = Visitor().signed_in(aylin)
    assert "Laterne" in visitor.get("/mitteilungen/einstellungen/").content.decode()
    visitor.post(address)
    assert not Follow.objects.exists()


def test_a_browser_may_follow_without_any_data(city):
    visitor = Visitor()
    wish = {"topic": "report", "value": "4711", "label": "Laterne", "next": "/mitteilungen/"}
    assert visitor.get("/mitteilungen/folgen/", wish).status_code == 200
    assert visitor.post("/mitteilungen/folgen/", wish)["Location"] == "/mitteilungen/"
    contact = Contact.objects.get()
    assert (contact.email, contact.person) == ("", None)
    assert is_following(contact, "report", "4711")
    visitor.post("/mitteilungen/folgen/beenden/", {"topic": "report", "value": "4711"})
    assert not is_following(contact, "report", "4711")


def test_following_by_mail_needs_the_owner(city, run_jobs):
    known = mail_contact("vera@stadtkern.example")
    Visitor().post(
        "/mitteilungen/folgen/",
        {"topic": "district", "value": "mitte", "label": "Mitte", "email": "VERA@stadtkern.example"},
    )
    assert not known.follows.exists()
    run_jobs()
    letter = mail.outbox[0]
    assert letter.to == ["vera@stadtkern.example"]
    assert "Mitte" in letter.body
    path = confirm_path_in(letter.body)
    visitor = Visitor()
    assert "Ja, das ist meine Adresse" in visitor.get(path).content.decode()
    assert not known.follows.exists()  # looking is not confirming
    assert visitor.post(path).status_code == 302
    assert is_following(known, "district", "mitte")
    assert Visitor().post(path).status_code == 302  # pressing twice does no harm


def confirm_path_in(text: str) -> str:
    return "/mitteilungen/bestaetigen/" + text.partition("/mitteilungen/bestaetigen/")[2].split()[0]


def test_a_confirmation_lives_seven_days_and_can_be_asked_for_again(city, run_jobs, time_machine):
    time_machine.move_to("2026-03-10T12:00:00Z", tick=False)
    Visitor().post("/mitteilungen/folgen/", {"topic": "district", "value": "mitte", "email": "vera@stadtkern.example"})
    run_jobs()
    path = confirm_path_in(mail.outbox[0].body)
    time_machine.move_to("2026-03-17T12:00:01Z", tick=False)
    visitor = Visitor()
    assert visitor.get(path).status_code == 410
    assert visitor.post(path).status_code == 410
    assert not Contact.objects.filter(confirmed_at__isnull=False).exists()
    visitor.post(path, {"again": "yes"})
    run_jobs()
    assert visitor.post(confirm_path_in(mail.outbox[1].body)).status_code == 302
    assert Contact.objects.filter(confirmed_at__isnull=False).count() == 1
    assert visitor.get(path[:-3] + "xx/").status_code == 404


def test_an_area_is_followed_by_place_and_radius(city):
    visitor = Visitor()
    place = {"topic": "area", "lat": "51.4818", "lon": "7.2162", "label": "Rathaus"}
    assert "500 m" in visitor.get("/mitteilungen/folgen/", place).content.decode()
    visitor.post("/mitteilungen/folgen/", place | {"radius": "250", "pace": "weekly"})
    assert Follow.objects.get().value == "51.48180,7.21620,250"
    assert visitor.post("/mitteilungen/folgen/", {"topic": "area"}).status_code == 422
    assert visitor.post("/mitteilungen/folgen/", place | {"lat": "99"}).status_code == 422
    assert visitor.post("/mitteilungen/folgen/", place | {"value": "1,2"}).status_code == 422


def test_nobody_is_sent_to_another_site(city):
    wish = {"topic": "report", "value": "1", "next": "https://evil.example/"}
    assert Visitor().post("/mitteilungen/folgen/", wish)["Location"] == reverse("threads:settings")


def test_one_click_unsubscribe_of_rfc_8058(city):
    contact = mail_contact()
    visitor = Visitor(enforce_csrf_checks=True)
    path = links.unsubscribe_path(contact, MESSAGE)
    assert visitor.get(path).status_code == 200
    assert not ChannelChoice.objects.exists()  # looking is not unsubscribing
    answer = visitor.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    choice = ChannelChoice.objects.get()
    assert (choice.contact, choice.topic, choice.channel, choice.wanted) == (contact, MESSAGE, "email", False)
    assert "Rückgängig" in visitor.post(path).content.decode()
    visitor.post(path, {"undo": "yes"})
    choice.refresh_from_db()
    assert choice.wanted is True
    visitor.post(path, {"all": "yes"})
    assert ChannelChoice.objects.get().topic == "*"


def test_an_unknown_topic_cannot_be_unsubscribed(city):
    assert Visitor().post(links.unsubscribe_path(mail_contact(), "nonsense")).status_code == 404


def test_who_signs_in_may_take_the_browsers_matters_along(aylin):
    contact = mail_contact()
    matter(contact, 7)
    visitor = by_link(contact)
    visitor.force_login(aylin, backend="django.contrib.auth.backends.ModelBackend")
    assert "In mein Konto übernehmen" in visitor.get("/mitteilungen/").content.decode()
    visitor.post("/mitteilungen/uebernehmen/")
    text = visitor.get("/mitteilungen/").content.decode()
    assert "Laterne 7" in text
    assert "In mein Konto übernehmen" not in text
    assert visitor.post("/mitteilungen/uebernehmen/").status_code == 404


def test_a_browser_can_be_made_to_forget(city):
    contact = mail_contact()
    matter(contact, 7)
    visitor = by_link(contact)
    visitor.post("/mitteilungen/vergessen/")
    assert "Laterne 7" not in visitor.get("/mitteilungen/").content.decode()


def test_the_feed_of_the_inbox(city):
    contact = mail_contact()
    matter(contact, 7)
    answer = Visitor().get(links.feed_path(contact))
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "Eine Antwort" in answer.content.decode()


def test_failed_deliveries_are_for_operators(visitor, ada, bernd, run_jobs):
    from stadtkern.threads.models import Delivery

    tell(mail_contact())
    Delivery.objects.update(state="failed", error="550 gibt es nicht", attempts=8)
    assert visitor.signed_in(bernd).get("/desk/zustellungen/").status_code == 403
    assert visitor.get("/desk/zustellungen/").status_code == 302
    desk = visitor.signed_in(ada)
    text = desk.get("/desk/zustellungen/").content.decode()
    assert "550 gibt es nicht" in text
    assert "v…@stadtkern.example" in text
    assert "vera@" not in text
    desk.post("/desk/zustellungen/wiederholen/", {"id": Delivery.objects.get().pk})
    run_jobs()
    assert Delivery.objects.get().state == "sent"
    assert AuditEntry.objects.filter(action="threads.delivery_retried", actor_id=ada.pk).count() == 1
    assert desk.post("/desk/zustellungen/wiederholen/").status_code == 302
