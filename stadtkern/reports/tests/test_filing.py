"""Filing: what is kept has an owner, a clock and a thread; what is wrong is refused with every reason."""

from datetime import timedelta

import pytest
from django.db import connection

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.reports.domain.filing import file_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.tests.builders import draft, report
from stadtkern.reports.words import Source, Status, Visibility
from stadtkern.threads.domain.conversation import contact_for

pytestmark = pytest.mark.django_db


def faults_of(**given):
    with pytest.raises(BadInput) as caught:
        file_report(draft(**given))
    assert Report.objects.count() == 0
    return caught.value.fields


def test_a_report_has_an_owner_a_clock_and_a_first_step(city):
    made = report()
    assert made.owner.key == "tiefbauamt"
    assert made.status == Status.RECEIVED
    assert made.district == "mitte"
    assert made.due_at > clock.now()
    step = made.thread.entries.get()
    assert (step.code, step.shown_to) == (Status.RECEIVED, "public")
    running = Handover.objects.get(report=made)
    assert running.taken_at is None
    assert running.new_owner == made.owner


def test_the_owner_is_told_on_the_desk_channel(city):
    with connection.cursor() as cursor:
        cursor.execute("listen desk")
    made = report()
    assert made.pk


def test_answers_route_the_report(city):
    swept = report(category="tree", answers={"trouble": "hanging", "ground": "vbw"})
    assert (swept.owner.key, swept.routed_by) == ("vbw", "vbw-grounds")


def test_a_missing_answer_is_named(city):
    faults = faults_of(category="pothole", answers={})
    assert set(faults) == {"answers.where", "answers.depth"}


def test_an_answer_off_the_list_is_refused(city):
    faults = faults_of(category="pothole", answers={"where": "moon", "depth": "deep"})
    assert "answers.where" in faults


@pytest.mark.parametrize(("lat", "lon"), [(48.77, 9.18), (0.0, 0.0), (51.60, 7.22)])
def test_a_point_outside_the_city_is_refused(city, lat, lon):
    assert "place" in faults_of(lat=lat, lon=lon)


def test_a_defect_needs_a_place_but_an_idea_does_not(city):
    assert "place" in faults_of(lat=None, lon=None)
    idea = report(category="idea-other", lat=None, lon=None, text="Mehr Bänke am Kemnader See.")
    assert idea.district == ""


def test_an_unknown_category_is_refused(city):
    assert "category" in faults_of(category="spaceship")


def test_a_closed_category_says_why(city):
    with pytest.raises(BadInput) as caught:
        file_report(draft(category="illegal-parking"))
    assert str(caught.value)
    assert "category" in caught.value.fields


def test_all_faults_come_at_once(city):
    assert set(faults_of(category="pothole", text="x" * 10_000, lat=1.0, lon=1.0)) >= {"text", "place", "answers.where"}


def test_an_empty_text_without_photo_is_refused(city):
    assert "text" in faults_of(text=" \n ")


def test_control_characters_do_not_arrive(city):
    made = report(text="Loch\x00 im \x1bAsphalt\nzweite Zeile \u202e")
    assert made.text == "Loch im Asphalt\nzweite Zeile"


def test_a_future_moment_is_refused_and_a_small_skew_forgiven(city):
    assert "filed_at" in faults_of(filed_at=clock.now() + timedelta(hours=2))
    made = report(filed_at=clock.now() + timedelta(minutes=5), source=Source.OFFLINE)
    assert made.filed_at <= clock.now()


def test_an_offline_report_keeps_its_moment_but_not_for_ever(city):
    told = clock.now() - timedelta(days=2)
    assert report(filed_at=told, source=Source.OFFLINE).filed_at == told
    with pytest.raises(BadInput):
        file_report(draft(filed_at=clock.now() - timedelta(days=31), source=Source.OFFLINE))


def test_personal_data_in_the_text_wait_for_a_look(city):
    assert report(text="Der Poller liegt um.").visibility == Visibility.PUBLIC
    assert report(text="Rufen Sie mich an: 0234 123456").visibility == Visibility.CHECKING


def test_what_is_checked_first_waits(city):
    made = report(category="scrap-vehicle", answers={"vehicle_kind": "car"})
    assert made.visibility == Visibility.CHECKING


def test_the_contact_takes_part_and_is_not_in_the_report(city):
    contact = contact_for(email="aylin@stadtkern.example", name="Aylin")
    made = report(contact=contact)
    assert [part.contact_id for part in made.thread.participants.all()] == [contact.pk]
    assert "aylin" not in str(Report.objects.filter(pk=made.pk).values().get()).lower()


def test_the_same_import_row_is_kept_once(city):
    from django.db import IntegrityError, transaction

    report(source=Source.IMPORT, external_source="s", external_id="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        report(source=Source.IMPORT, external_source="s", external_id="1")
