"""Two people at once, and nothing typed is ever lost."""

import pytest

from stadtkern.people.models import Organisation
from stadtkern.reports.domain.talking import add_note
from stadtkern.reports.domain.workflow import hand_over, move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import INBOX, fields, page_of, post
from stadtkern.reports.web.desk_actions import ACTIONS
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db
# What a person types into each form that changes something.
TYPED = {
    "uebernehmen": {},
    "schritt": {"to": "done", "told": "Meine Worte"},
    "antwort": {"text": "Meine Worte", "shown_to": "public"},
    "rueckfrage": {"text": "Meine Worte"},
    "zuweisen": {"note": "Meine Worte"},
    "berichtigen": {"category": "bollard", "address": "Rathaus", "public_text": "Meine Worte"},
    "teilen": {"category": "road-marking", "text": "Meine Worte"},
    "verbergen": {"because": "Meine Worte"},
    "freigeben": {"public_text": "Meine Worte"},
}


def changed_by(dora, made: Report) -> Report:
    """Somebody else takes a step; the returned report is as the page showed it before."""
    move_report(made.pk, to=Status.CHECKED, by=dora, told="Ich war schneller.")
    return made


@pytest.mark.parametrize("key", sorted(TYPED))
def test_an_old_page_overwrites_nothing_and_keeps_what_was_typed(visitor, bernd, dora, key):
    made = changed_by(dora, report())
    before = Report.objects.values().get(pk=made.pk)
    answer = post(visitor.signed_in(bernd), made, key, **TYPED[key])
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Ich war schneller." in shown
    assert not TYPED[key] or "Meine Worte" in shown
    assert Report.objects.values().get(pk=made.pk) == before


@pytest.mark.parametrize(("key", "name"), [("doppel", "into"), ("verbinden", "other")])
def test_two_reports_are_not_joined_on_an_old_page(visitor, bernd, dora, key, name):
    made, other = changed_by(dora, report()), report()
    assert post(visitor.signed_in(bernd), made, key, **{name: other.pk}).status_code == 409
    made.refresh_from_db()
    assert made.duplicate_of_id is None
    assert not made.linked.exists()


@pytest.mark.parametrize("key", sorted(set(TYPED) - {"freigeben"}))
def test_a_form_without_a_version_counts_as_old(visitor, bernd, key):
    made = report()
    answer = visitor.signed_in(bernd).post(f"{page_of(made)}{key}/", fields(key, **TYPED[key]))
    assert answer.status_code == 409


def test_the_conflict_page_can_be_sent_again(visitor, bernd, dora):
    made = changed_by(dora, report())
    desk = visitor.signed_in(bernd)
    post(desk, made, "antwort", text="Meine Worte", shown_to="public")
    made.refresh_from_db()
    assert post(desk, made, "antwort", text="Meine Worte", shown_to="public").status_code == 302


def test_a_note_is_only_added_and_never_collides(visitor, bernd, dora):
    made = changed_by(dora, report())
    assert post(visitor.signed_in(bernd), made, "notiz", text="Schlüssel liegt beim Pförtner.").status_code == 302
    assert made.thread.entries.filter(text="Schlüssel liegt beim Pförtner.").exists()


def test_a_colleagues_note_does_not_stop_an_answer(visitor, bernd, dora):
    made = report()
    add_note(made.pk, text="Nur so.", by=dora)
    assert post(visitor.signed_in(bernd), made, "antwort", text="Danke!", shown_to="public").status_code == 302


def test_a_refused_action_brings_the_page_back_with_the_text(visitor, bernd):
    """The step from done to checked does not exist: the form says so and keeps the words."""
    made = report()
    desk = visitor.signed_in(bernd)
    move_report(made.pk, to=Status.DONE, by=bernd)
    made.refresh_from_db()
    answer = post(desk, made, "doppel", into=report().pk, told="Meine Worte")
    assert answer.status_code == 403
    assert "schon abgeschlossen" in answer.content.decode()
    assert "Meine Worte" in answer.content.decode()


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("antwort", {"text": "Meine Worte", "shown_to": "participants"}),
        ("schritt", {"to": "waiting", "told": "Meine Worte"}),
        ("notiz", {"text": "Meine Worte"}),
    ],
)
def test_a_session_that_ended_loses_no_text(visitor, bernd, key, given):
    made = report()
    answer = post(visitor, made, key, **given)
    assert answer.status_code == 302
    assert answer.url.endswith("?next=/desk/meldungen/nicht-gesendet/")
    visitor.force_login(bernd, backend="django.contrib.auth.backends.ModelBackend")
    for _reload in range(2):
        shown = visitor.get(f"{INBOX}nicht-gesendet/").content.decode()
        assert "Meine Worte" in shown
        assert f'id="tun-{key}" open' in shown
    assert not made.thread.entries.filter(text="Meine Worte").exists()
    assert post(visitor, made, key, **given).status_code == 302
    assert visitor.get(f"{INBOX}nicht-gesendet/").url == INBOX


def test_what_waits_is_shown_only_to_those_who_may_do_it(visitor, clara):
    made = report()
    post(visitor, made, "antwort", text="Meine Worte", shown_to="public")
    visitor.force_login(clara, backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.get(f"{INBOX}nicht-gesendet/").status_code == 404


def test_who_writes_while_a_colleague_gives_it_away_may_copy_the_words(visitor, bernd, dora):
    made = report()
    hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=dora, words="Bitte abholen.")
    answer = post(visitor.signed_in(bernd), made, "antwort", text="Meine Worte", shown_to="public")
    assert answer.status_code == 404
    assert "Meine Worte" in answer.content.decode()
    assert not made.thread.entries.filter(text="Meine Worte").exists()


def test_a_text_too_long_to_wait_is_not_kept(visitor, bernd):
    post(visitor, report(), "antwort", text="x" * 70_000, shown_to="public")
    visitor.force_login(bernd, backend="django.contrib.auth.backends.ModelBackend")
    assert visitor.get(f"{INBOX}nicht-gesendet/").status_code == 302


@pytest.mark.parametrize("key", sorted(ACTIONS))
def test_the_address_of_an_action_leads_to_its_form(visitor, bernd, key):
    made = report()
    answer = visitor.signed_in(bernd).get(f"{page_of(made)}{key}/")
    assert answer.url == f"{page_of(made)}#tun-{key}"


@pytest.mark.parametrize("others", [1, 3])
def test_the_page_costs_the_same_however_much_happened(visitor, bernd, others, django_assert_max_num_queries):
    made = report()
    for turn in range(others):
        report()
        add_note(made.pk, text=f"Notiz {turn}", by=bernd)
    desk = visitor.signed_in(bernd)
    desk.get(page_of(made))
    with django_assert_max_num_queries(26):
        assert desk.get(page_of(made)).status_code == 200
