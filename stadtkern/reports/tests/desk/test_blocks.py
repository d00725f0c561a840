"""Text blocks: which fit, what stands in them, and that inserting one loses nothing."""

import pytest

from stadtkern.people.models import Organisation
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import CannedAnswer
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import page_of, post
from stadtkern.reports.web.desk_blocks import blocks_for
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db


def block(**given) -> CannedAnswer:
    plain = {"key": "test-block", "title": "Probe", "text": "Meldung {nummer}: {kategorie}, {ort}, {organisation}."}
    return CannedAnswer.objects.create(**(plain | given))


def keys(made, **given) -> list[str]:
    return [key for key, _title, _text in blocks_for(made, **given)]


def test_the_facts_of_the_report_stand_in_the_block(city):
    made = report(address="Rathausplatz 1")
    block()
    text = {key: text for key, _title, text in blocks_for(made)}["test-block"]
    assert text == f"Meldung {made.pk}: Poller oder Absperrung, Rathausplatz 1, {made.owner.name}."


@pytest.mark.parametrize(
    ("given", "fits", "fits_next"),
    [
        ({}, True, True),
        ({"status": ["received"]}, True, False),
        ({"status": ["checked"]}, True, True),
        ({"status": ["reopened"]}, False, False),
        ({"categories": ["bollard"]}, True, True),
        ({"categories": ["lamp"]}, False, False),
        ({"groups": ["waste"]}, False, False),
        ({"is_active": False}, False, False),
    ],
)
def test_which_block_fits(city, given, fits, fits_next):
    made = report()
    block(**given)
    assert ("test-block" in keys(made)) is fits
    assert ("test-block" in keys(made, next_only=True)) is fits_next


def test_another_houses_own_block_is_not_offered(city):
    made = report()
    block(organisation=Organisation.objects.get(key="usb"))
    assert "test-block" not in keys(made)
    CannedAnswer.objects.update(organisation=made.owner)
    assert "test-block" in keys(report())


def test_blocks_of_the_present_status_come_first(city, bernd):
    made = report()
    move_report(made.pk, to=Status.DONE, by=bernd)
    made.refresh_from_db()
    assert keys(made)[0] == "done-thanks"


@pytest.mark.parametrize(("key", "field"), [("antwort", "text"), ("schritt", "told")])
def test_inserting_a_block_keeps_what_was_typed_and_sends_nothing(visitor, bernd, key, field):
    made = report()
    block()
    given = {field: "Guten Morgen.", "block": "test-block", "to": "checked", "shown_to": "participants"}
    desk = visitor.signed_in(bernd)
    names = {f"{key}-{name}": value for name, value in {"version": made.version, **given}.items()}
    answer = desk.post(f"{page_of(made)}{key}/", {**names, "reload": "block"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="tun-{key}" open' in page
    assert f"Guten Morgen.\n\nMeldung {made.pk}: Poller" in page
    made.refresh_from_db()
    assert made.version == 1


def test_a_chosen_but_not_inserted_block_changes_nothing(visitor, bernd):
    made = report()
    block()
    post(visitor.signed_in(bernd), made, "antwort", text="Nur das.", block="test-block", shown_to="public")
    assert made.thread.entries.filter(text="Nur das.").exists()


def test_the_browser_finds_the_texts_and_the_field(visitor, bernd):
    made = report()
    block(text="Mit „Zeichen“ & mehr")
    page = visitor.signed_in(bernd).get(page_of(made)).content.decode()
    assert 'data-text="Mit „Zeichen“ &amp; mehr"' in page
    assert 'data-into="id_antwort-text"' in page
    assert 'data-into="id_schritt-told"' in page
