"""Mail against a real SMTP server: it arrives once, later if need be, and never where it is not wanted."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import connections, transaction
from django.utils import timezone

from stadtkern.threads.domain import choosing, delivering
from stadtkern.threads.domain.confirming import confirm
from stadtkern.threads.domain.conversation import contact_for, join
from stadtkern.threads.domain.delivering import LOST_AFTER, claim, deliver_due, give_up_lost, send_what_is_due
from stadtkern.threads.domain.links import secret_path
from stadtkern.threads.domain.notifying import notify, send_receipt
from stadtkern.threads.models import Contact, Delivery, Notification
from stadtkern.threads.tests.builders import MESSAGE, lamp, mail_contact, tell
from stadtkern.threads.tests.servers import smtp_sink
from stadtkern.threads.words import DeliveryState, Pace


@pytest.fixture
def sink(settings):
    with smtp_sink() as sink:
        use(settings, sink.port)
        yield sink


def use(settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


def make_due() -> None:
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def plain(letter) -> str:
    return letter.get_body(("plain",)).get_content()


@pytest.mark.django_db
def test_a_letter_arrives_once_with_its_way_out_in_the_head(sink, run_jobs):
    contact = mail_contact(name="Vera")
    thread = lamp()
    join(thread, contact)
    notify(topic=MESSAGE, happening="a", title="Eine Frage", body="Welche Laterne?", url="/meldungen/1/", thread=thread)
    run_jobs()
    run_jobs()
    [letter] = sink.letters
    assert letter["Subject"] == "Eine Frage"
    assert letter["To"] == contact.email
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip().startswith(f"<{django_settings.BASE_URL}/abmelden/{MESSAGE}/")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "Welche Laterne?" in plain(letter)
    assert secret_path(thread) in plain(letter)
    assert "Guten Tag Vera," in plain(letter)
    html = letter.get_body(("html",)).get_content()
    assert secret_path(thread) in html
    assert "style" not in html
    assert states() == ["sent"]


@pytest.mark.django_db
def test_a_follower_gets_the_public_address_and_not_the_secret_one(sink, run_jobs):
    tell(mail_contact(), thread=lamp(), url="/meldungen/1/")
    run_jobs()
    assert f"{django_settings.BASE_URL}/meldungen/1/" in plain(sink.letters[0])
    assert "/m/" not in plain(sink.letters[0])


@pytest.mark.django_db
def test_hostile_words_stay_words(sink, run_jobs):
    tell(mail_contact(), title="Hallo\nBcc: alle@example.org", body="<script>alert(1)</script> & mehr")
    run_jobs()
    [letter] = sink.letters
    assert letter["Subject"] == "Hallo Bcc: alle@example.org"
    assert letter["Bcc"] is None
    assert len(sink.recipients) == 1
    assert "<script>" in plain(letter)
    assert "<script>" not in letter.get_body(("html",)).get_content()


@pytest.mark.django_db
def test_a_digest_bundles_what_is_due(sink, run_jobs, time_machine):
    time_machine.move_to("2026-03-10T12:00:00Z", tick=False)
    contact = mail_contact(pace=Pace.DAILY)
    for number in range(3):
        tell(contact, happening=str(number), title=f"Neues {number}")
    run_jobs()
    assert sink.letters == []
    time_machine.move_to("2026-03-10T15:59:59Z", tick=False)
    send_due(run_jobs)
    assert sink.letters == []
    time_machine.move_to("2026-03-10T16:00:00Z", tick=False)  # 17:00 in Bochum
    send_due(run_jobs)
    [letter] = sink.letters
    assert letter["Subject"] == "3 neue Mitteilungen: Neues 0 und mehr"
    assert all(f"Neues {number}" in plain(letter) for number in range(3))
    assert states() == ["sent"] * 3


def send_due(run_jobs) -> None:
    send_what_is_due.func(timestamp=0)
    run_jobs()


@pytest.mark.django_db
def test_each_one_reads_the_own_language(sink, run_jobs):
    tell(mail_contact(language="en"), title=lambda language: f"title {language}")
    run_jobs()
    assert sink.letters[0]["Subject"] == "title en"


@pytest.mark.django_db
def test_a_server_that_is_down_gets_it_later_and_once(settings, run_jobs):
    with smtp_sink() as gone:
        port = gone.port
    use(settings, port)
    tell(mail_contact())
    run_jobs()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert "ConnectionRefusedError" in delivery.error
    assert delivery.due_at > timezone.now()
    send_due(run_jobs)
    assert Delivery.objects.get().attempts == 1  # not before it is due again
    with smtp_sink(port) as sink:
        make_due()
        send_due(run_jobs)
        send_due(run_jobs)
        assert len(sink.letters) == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("sent", "")


@pytest.mark.django_db
def test_a_server_that_stays_down_becomes_a_visible_failure(settings, run_jobs):
    with smtp_sink() as gone:
        port = gone.port
    use(settings, port)
    tell(mail_contact())
    for _ in range(delivering.TRIES):
        make_due()
        send_due(run_jobs)
    assert states() == ["failed"]
    assert Delivery.objects.get().attempts == delivering.TRIES


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_not_tried_again(sink, run_jobs):
    sink.answers["RCPT"] = "550 <vera@stadtkern.example> unknown"
    tell(mail_contact())
    run_jobs()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert "550" in delivery.error
    assert "vera" not in delivery.error


@pytest.mark.django_db
def test_a_full_mailbox_is_tried_again_and_the_reason_names_nobody(sink, run_jobs):
    sink.answers["RCPT"] = "452 <vera@stadtkern.example> mailbox full"
    tell(mail_contact())
    run_jobs()
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting"
    assert "vera" not in delivery.error


@pytest.mark.django_db
def test_two_workers_never_take_the_same_delivery():
    contact = mail_contact()
    tell(contact)
    assert len(claim(contact.pk, "email")) == 1
    assert claim(contact.pk, "email") == []


@pytest.mark.django_db(transaction=True)
def test_a_worker_passes_over_what_another_one_is_taking(own_queue):
    import threading

    contact = mail_contact()
    tell(contact)
    found: list[int] = []

    def other_worker() -> None:
        found.append(len(claim(contact.pk, "email")))
        connections.close_all()

    with transaction.atomic():
        assert Delivery.objects.select_for_update().count() == 1
        list(Delivery.objects.select_for_update())
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(10)
    assert found == [0]


KILLED = """
import os, django
django.setup()
from stadtkern.threads.domain.delivering import deliver_due
deliver_due.func(contact_id=int(os.environ["CONTACT"]), channel="email")
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_the_hand_over_never_sends_twice(own_queue, run_jobs, settings):
    """At most once: the letter is out, the worker dies before it can write that down."""
    contact = mail_contact()
    tell(contact)
    with smtp_sink() as sink:
        use(settings, sink.port)
        worker = subprocess.Popen([sys.executable, "-c", KILLED], env=_worker_env(contact, sink.port))
        sink.on_letter = lambda: os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait(60) == -signal.SIGKILL
        sink.on_letter = None
        assert len(sink.letters) == 1
        assert states() == ["sending"]
        send_due(run_jobs)
        assert states() == ["sending"]  # perhaps it is still working
        Delivery.objects.update(claimed_at=timezone.now() - LOST_AFTER * 2)
        send_due(run_jobs)
        assert states() == ["failed"]
        assert "vielleicht" in Delivery.objects.get().error
        assert len(sink.letters) == 1
        delivering.try_again(Delivery.objects.get().pk)  # an operator decides
        run_jobs()
        assert len(sink.letters) == 2
        assert sink.letters[0]["Message-ID"] == sink.letters[1]["Message-ID"]
        assert states() == ["sent"]


def _worker_env(contact: Contact, port: int) -> dict[str, str]:
    """A process of its own on the database of this test."""
    from urllib.parse import urlsplit, urlunsplit

    name = connections["default"].settings_dict["NAME"]
    database = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    return os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "stadtkern.config.settings",
        "STADTKERN_SMTP": f"smtp://127.0.0.1:{port}",
        "CONTACT": str(contact.pk),
    }


@pytest.mark.django_db
def test_lost_deliveries_are_found_only_when_they_are_old():
    contact = mail_contact()
    tell(contact)
    claim(contact.pk, "email")
    assert give_up_lost() == 0
    assert give_up_lost(before=timezone.now() + LOST_AFTER) == 1


@pytest.mark.django_db
def test_a_receipt_goes_once_to_an_unconfirmed_address_and_nothing_else(sink, run_jobs):
    thread, contact = lamp(), contact_for(email="vera@stadtkern.example")
    join(thread, contact)
    for _ in range(2):
        send_receipt(thread, contact, title="Ihre Meldung ist da", url="/meldungen/1/")
    tell(contact, thread=thread, happening="answer:1", title="Eine Frage")
    run_jobs()
    [letter] = sink.letters
    text = plain(letter)
    assert letter["Subject"] == "Ihre Meldung ist da"
    assert letter["List-Unsubscribe"] is None
    assert secret_path(thread) in text
    token = text.partition("/mitteilungen/bestaetigen/")[2].partition("/")[0]
    confirm(token)
    run_jobs()
    assert [letter["Subject"] for letter in sink.letters] == ["Ihre Meldung ist da", "Eine Frage"]


@pytest.mark.django_db
def test_a_delivery_forced_upon_an_unconfirmed_address_does_not_go_out(sink, run_jobs):
    contact = contact_for(email="vera@stadtkern.example")
    told = Notification.objects.create(contact=contact, topic=MESSAGE, happening="a", title="A")
    Delivery.objects.create(notification=told, channel="email", due_at=timezone.now())
    deliver_due.func(contact_id=contact.pk, channel="email")
    assert sink.letters == []
    assert states() == ["skipped"]


@pytest.mark.django_db
def test_nobody_can_flood_a_stranger_with_receipts(sink, run_jobs):
    for _ in range(15):
        send_receipt(lamp(), contact_for(email="vera@stadtkern.example"), title="Ihre Meldung ist da")
    run_jobs()
    assert len(sink.letters) == 10


@pytest.mark.django_db
def test_an_account_holder_gets_the_receipt_without_a_confirm_button(sink, run_jobs, aylin):
    send_receipt(lamp(), contact_for(person=aylin), title="Ihre Meldung ist da")
    run_jobs()
    assert "bestaetigen" not in plain(sink.letters[0])


@pytest.mark.django_db
def test_what_waits_on_a_way_that_is_declined_does_not_go_out(sink, run_jobs):
    contact = mail_contact(pace=Pace.DAILY)
    tell(contact)
    choosing.end_mails(contact, MESSAGE)
    make_due()
    send_due(run_jobs)
    assert sink.letters == []
    assert states() == ["skipped"]


@pytest.mark.django_db
def test_a_failure_is_told_to_the_house(sink, run_jobs):
    from stadtkern.core.events import _followers, follow
    from stadtkern.threads.events import NotificationFailed

    heard: list[tuple[int, str]] = []

    @follow(NotificationFailed)
    def write_down(happened: NotificationFailed) -> None:
        heard.append((happened.delivery_id, happened.channel))

    sink.answers["RCPT"] = "550 no"
    tell(mail_contact())
    run_jobs()
    _followers["threads.notification_failed"].popitem()
    assert heard == [(Delivery.objects.get().pk, "email")]
