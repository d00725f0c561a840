"""Mail in the queue: nothing to read there, dropped when late, gone after a while and with its person."""

import json
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from stadtkern.core import mail
from stadtkern.core.parts import retention_rules

LETTER = "people/mail/login_code"
TO = "vera@stadtkern.example"
WORDS = {"code": "1234-5678", "city": "Bochum", "app": "Stadtkern", "url": "https://stadt.example"}


def queued() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select args::text from procrastinate_jobs where task_name = 'core.mail' order by id")
        return [text for (text,) in cursor.fetchall()]


def give_up(days_ago: int) -> None:
    """All queued letters failed that long ago."""
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed' where task_name = 'core.mail'")
        moment = timezone.now() - timedelta(days=days_ago)
        cursor.execute("update procrastinate_events set at = %s", [moment])


@pytest.mark.django_db
def test_the_queue_holds_no_address_and_no_word_of_the_letter(run_jobs):
    mail.send(LETTER, to=TO, context=WORDS)
    (kept,) = queued()
    assert not any(word in kept for word in (TO, "vera", *WORDS.values()))
    run_jobs()
    assert (outbox.outbox[0].to, "1234-5678" in outbox.outbox[0].body) == ([TO], True)


@pytest.mark.django_db
def test_a_changed_secret_key_still_sends_what_waits(run_jobs, settings):
    mail.send(LETTER, to=TO, context=WORDS)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of this installation" * 2
    run_jobs()
    assert len(outbox.outbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "sent"), [(14, 1), (16, 0)])
def test_a_code_that_came_too_late_is_not_sent(run_jobs, minutes, sent):
    mail.send(LETTER, to=TO, context=WORDS, within=timedelta(minutes=15))
    (args,) = (json.loads(text) for text in queued())
    late = timezone.now() + timedelta(minutes=15 - minutes)
    mail.post.func(**args | {"until": late.isoformat()})
    assert len(outbox.outbox) == sent


@pytest.mark.django_db
def test_sign_in_codes_are_tried_for_minutes_and_notices_for_days(visitor, aylin):
    visitor.post("/konto/anmelden/login/", {"login": aylin.email})
    (args,) = (json.loads(text) for text in queued())
    assert timezone.now().isoformat() < args["until"] < (timezone.now() + timedelta(minutes=16)).isoformat()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "left"), [(13, 1), (15, 0)])
def test_what_could_not_be_sent_is_kept_two_weeks(days, left):
    mail.send(LETTER, to=TO, context=WORDS)
    give_up(days)
    rule = retention_rules["core.failed_mail"]
    assert rule.purge(timezone.now() - rule.keep) == 1 - left
    assert len(queued()) == left


@pytest.mark.django_db
def test_what_still_waits_outlives_the_rule():
    mail.send(LETTER, to=TO, context=WORDS)
    assert mail.forget(timezone.now() + timedelta(days=1)) == 0


@pytest.mark.django_db
def test_letters_to_an_address_are_forgotten_and_no_others():
    for address in (TO.upper(), "dmitri@stadtkern.example"):
        mail.send(LETTER, to=address, context=WORDS)
    give_up(1)
    assert mail.forget_address(TO) == 1
    assert len(queued()) == 1
