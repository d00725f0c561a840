"""Who makes a report public, and what disappears when it goes: texts, photos, news on their way."""

from datetime import timedelta

import pytest

from stadtkern.core import clock
from stadtkern.core.problems import NotAllowed
from stadtkern.media.domain.publishing import withdraw
from stadtkern.media.domain.storing import store_image
from stadtkern.media.models import Image
from stadtkern.reports.domain import letters
from stadtkern.reports.domain.fieldwork import finish_outside
from stadtkern.reports.domain.publishing import hide_report, publish_report, show_photos
from stadtkern.reports.domain.retention import hidden_texts_go
from stadtkern.reports.domain.supporting import withdraw_report
from stadtkern.reports.domain.talking import ask_back
from stadtkern.reports.domain.workflow import assign_report, move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.citizen.wizardry import photo
from stadtkern.reports.words import Status, Visibility
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.following import follow
from stadtkern.threads.models import Delivery, Notification
from stadtkern.threads.words import Pace

pytestmark = pytest.mark.django_db
PRIVATE = "Der Nachbar Müller, Tel. 0234 9101234, hat den Poller umgefahren."
STEPS = {
    "take": lambda made, by: assign_report(made.pk, to=by, by=by),
    "move": lambda made, by: move_report(made.pk, to=Status.CHECKED, by=by),
    "ask": lambda made, by: ask_back(made.pk, text="Wann war das?", by=by),
    "end": lambda made, by: finish_outside(made.pk, by=by, told="Steht wieder.", note="", done=True),
}


def pictured(run_jobs, count=1, **given) -> tuple[Report, list[Image]]:
    """A public report with blurred photos that everybody sees."""
    images = [store_image(photo().read(), purpose="report") for _turn in range(count)]
    made = publish_report(report(photos=[image.pk for image in images], **given).pk, by=None)
    run_jobs()
    Image.objects.filter(state="received").update(state="blurred")
    show_photos(made)
    return made, images


def states(images) -> list[str]:
    return [Image.objects.get(pk=image.pk).state for image in images]


@pytest.mark.parametrize("step", sorted(STEPS))
def test_no_step_publishes_what_seems_personal(city, bernd, step):
    made = report(text=PRIVATE)
    STEPS[step](made, bernd)
    made.refresh_from_db()
    made.thread.refresh_from_db()
    assert made.visibility == Visibility.CHECKING
    assert not made.thread.is_public


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_publishes_what_is_harmless(city, dora, step):
    made = report(category="scrap-vehicle", answers={"vehicle_kind": "car"})
    assert made.visibility == Visibility.CHECKING
    STEPS[step](made, dora)
    made.refresh_from_db()
    assert made.visibility == Visibility.PUBLIC


def test_a_moderator_publishes_it_with_other_words(city, dora):
    made = publish_report(report(text=PRIVATE).pk, by=dora, public_text="Der Poller ist umgefahren.")
    assert (made.visibility, made.shown_text) == (Visibility.PUBLIC, "Der Poller ist umgefahren.")


def test_a_step_publishes_what_was_put_right_first(city, dora, bernd):
    made = report(text=PRIVATE)
    Report.objects.filter(pk=made.pk).update(public_text="Der Poller ist umgefahren.")
    assert move_report(made.pk, to=Status.CHECKED, by=bernd).visibility == Visibility.PUBLIC


def test_what_was_ended_unread_still_waits_for_a_moderator(visitor, city, bernd):
    made = report(text=PRIVATE)
    move_report(made.pk, to=Status.DONE, by=bernd)
    page = visitor.signed_in(bernd).get("/desk/meldungen/", {"view": "checking"}).content.decode()
    assert f"#{made.pk}" in page


def test_taking_back_what_nobody_read_publishes_nothing(city, run_jobs, aylin):
    neighbour = contact_for(person=aylin)
    made = report(text=PRIVATE)
    follow(neighbour, "area", value=f"{made.lat},{made.lon},500")
    withdraw_report(made.pk)
    run_jobs()
    made.refresh_from_db()
    assert (made.visibility, made.status, made.thread.is_public) == (Visibility.INTERNAL, Status.DONE, False)
    assert not Notification.objects.filter(contact=neighbour).exists()


def test_taking_back_takes_the_photos_along(city, run_jobs):
    made, images = pictured(run_jobs)
    assert states(images) == ["public"]
    withdraw_report(made.pk)
    made.thread.refresh_from_db()
    assert states(images) == ["withdrawn"]
    assert not made.thread.is_public


def test_what_was_taken_back_stays_back(city, dora):
    made = report()
    withdraw_report(made.pk)
    with pytest.raises(NotAllowed):
        publish_report(made.pk, by=dora)
    with pytest.raises(NotAllowed):
        hide_report(made.pk, because="Anders.", by=dora)


def test_neighbours_hear_nothing_of_what_was_hidden_meanwhile(city, aylin, dora, run_jobs):
    neighbour = contact_for(person=aylin)
    made = publish_report(report().pk, by=None)
    follow(neighbour, "area", value=f"{made.lat},{made.lon},500")
    hide_report(made.pk, because="Beleidigung", by=dora)
    assert letters.tell_area(report_id=made.pk) == 0


def test_news_on_its_way_ends_with_the_hiding(city, aylin, dora, run_jobs):
    neighbour = contact_for(person=aylin)
    follow(neighbour, "area", value="51.48186,7.21667,500", pace=Pace.WEEKLY)
    made = publish_report(report().pk, by=None)
    run_jobs()
    waiting = Delivery.objects.filter(notification__contact=neighbour, state="waiting")
    assert waiting.exists()
    hide_report(made.pk, because="Beleidigung", by=dora)
    run_jobs()
    assert not waiting.exists()


def test_publishing_again_brings_back_only_what_the_hiding_took(city, dora, run_jobs):
    made, images = pictured(run_jobs, count=2)
    withdraw(images[0].pk, "Gesicht erkennbar", by=dora)
    hide_report(made.pk, because="Beleidigung", by=dora)
    assert states(images) == ["withdrawn", "withdrawn"]
    publish_report(made.pk, by=dora)
    assert states(images) == ["withdrawn", "public"]


def test_a_photo_is_shown_by_what_the_report_is_now(city, dora, run_jobs):
    """Whoever holds an older copy of the report shows nothing that was hidden meanwhile."""
    made, images = pictured(run_jobs)
    hide_report(made.pk, because="Beleidigung", by=dora)
    Image.objects.filter(pk=images[0].pk).update(state="blurred")
    assert made.visibility == Visibility.PUBLIC
    assert show_photos(made) == 0
    assert states(images) == ["blurred"]


def test_the_history_says_who_changed_the_public_text_from_what_to_what(city, dora):
    made = publish_report(report(text=PRIVATE).pk, by=dora, public_text="Der Poller liegt.")
    publish_report(made.pk, by=dora, public_text="Der Poller steht.")
    lines = made.thread.entries.filter(code="published").order_by("pk")
    assert [line.person for line in lines] == [dora, dora]
    assert lines[0].text.splitlines() == ["Veröffentlicht", "Öffentlicher Text: wie gemeldet → Der Poller liegt."]
    assert lines[1].text == "Öffentlicher Text: Der Poller liegt. → Der Poller steht."


def test_old_words_of_a_hidden_report_go_from_its_history_too(city, dora):
    made = publish_report(report(text=PRIVATE).pk, by=dora, public_text="Müller hat den Poller umgefahren.")
    publish_report(made.pk, by=dora, public_text="Der Poller liegt.")
    hide_report(made.pk, because="Name", by=dora)
    assert hidden_texts_go(clock.now() + timedelta(days=1)) == 1
    assert not made.thread.entries.filter(text__contains="Müller").exists()
    assert "Müller" not in str(list(made.thread.entries.values_list("data", flat=True)))


@pytest.mark.parametrize(
    "address",
    [
        "/meldungen/?suche={}",
        "/suche/?q={}",
        "/api/v1/reports?q={}",
        "/open311/v2/requests.json?q={}",
    ],
)
def test_nobody_finds_a_report_by_words_that_were_taken_out(visitor, city, dora, address):
    made = publish_report(report(text=PRIVATE).pk, by=dora, public_text="Der Pfosten ist umgefahren.")
    found = visitor.get(address.format("Pfosten"))
    assert (found.status_code, str(made.pk) in found.content.decode()) == (200, True)
    for word in ("9101234", "Poller"):
        assert "umgefahren" not in visitor.get(address.format(word)).content.decode()
