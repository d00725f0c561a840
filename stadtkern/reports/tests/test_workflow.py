"""Steps: the law holds in every pair, clocks run, a no has a reason, nobody overwrites unseen."""

import itertools

import pytest

from stadtkern.core.problems import BadInput, Conflict, NotAllowed
from stadtkern.people.models import Organisation
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.domain.talking import answer_report, ask_back, citizen_says, confirm_solution
from stadtkern.reports.domain.workflow import assign_report, hand_over, move_report
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.words import CLOSED, NEXT, Kind, Status, Visibility, next_steps
from stadtkern.threads.domain.conversation import contact_for

pytestmark = pytest.mark.django_db


def put(made: Report, status: Status) -> Report:
    """A report in any status, by the shortest way of the law."""
    ways = {Status.RECEIVED: []}
    while status not in ways:
        for known in list(ways):
            for step in NEXT[known]:
                ways.setdefault(step, [*ways[known], step])
    for step in ways[status]:
        made = move_report(made.pk, to=step, by=None, told="Weil.", reason="no-danger" if step == "rejected" else "")
    return made


@pytest.mark.parametrize(("old", "new"), list(itertools.product(Status, Status)))
def test_the_map_of_steps_is_the_law(city, old, new):
    made = put(report(), old)
    if new in NEXT[old]:
        moved = move_report(made.pk, to=new, by=None, told="Weil.", reason="no-danger")
        assert moved.status == new
        assert (moved.closed_at is not None) == (new in CLOSED)
    else:
        with pytest.raises(NotAllowed):
            move_report(made.pk, to=new, by=None, told="Weil.", reason="no-danger")


def test_a_no_needs_a_reason_and_words(city, bernd):
    made = report()
    with pytest.raises(BadInput) as caught:
        move_report(made.pk, to=Status.REJECTED, by=bernd)
    assert "reason" in caught.value.fields
    with pytest.raises(BadInput) as caught:
        move_report(made.pk, to=Status.REJECTED, by=bernd, reason="no-danger")
    assert "told" in caught.value.fields
    made.refresh_from_db()
    assert made.status == Status.RECEIVED


def test_a_referral_names_who_is_in_charge(city, bernd):
    made = report()
    with pytest.raises(BadInput) as caught:
        move_report(made.pk, to=Status.REJECTED, by=bernd, reason="not-ours")
    assert "referred_to" in caught.value.fields
    rail = Organisation.objects.get(key="deutsche-bahn")
    moved = move_report(made.pk, to=Status.REJECTED, by=bernd, reason="not-ours", referred_to=rail)
    assert moved.referred_to == rail


def test_the_history_says_who_and_what_was_told(city, bernd):
    made = report()
    move_report(made.pk, to=Status.CHECKED, by=bernd, told="Wir schauen nach.", note="eilig")
    step, note = made.thread.entries.order_by("pk")[1:]
    assert (step.person, step.text, step.shown_to) == (bernd, "Wir schauen nach.", "public")
    assert (note.text, note.shown_to) == ("eilig", "staff")


def test_two_at_once_the_second_sees_a_conflict(city, bernd, dora):
    made = report()
    move_report(made.pk, to=Status.CHECKED, by=bernd, version=made.version)
    with pytest.raises(Conflict):
        move_report(made.pk, to=Status.REJECTED, by=dora, version=made.version, reason="no-danger", told="Nein.")


def test_handing_over_moves_the_owner_and_starts_a_clock(city, bernd):
    made = report()
    usb = Organisation.objects.get(key="usb")
    handover = hand_over(made.pk, to=usb, by=bernd, words="Das ist Müll, kein Poller.")
    made.refresh_from_db()
    assert made.owner == usb
    assert made.assignee is None
    running = Handover.objects.filter(report=made, taken_at__isnull=True)
    assert [clock.pk for clock in running] == [handover.pk]


def test_whoever_acts_stops_the_clock(city, bernd):
    made = report()
    move_report(made.pk, to=Status.CHECKED, by=bernd)
    assert not Handover.objects.filter(report=made, taken_at__isnull=True).exists()


def test_handing_over_needs_words_and_another_organisation(city, bernd):
    made = report()
    with pytest.raises(BadInput):
        hand_over(made.pk, to=made.owner, by=bernd, words="Hier.")
    with pytest.raises(BadInput):
        hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words=" ")


def test_only_people_of_the_owner_can_be_in_charge(city, bernd, clara):
    made = report()
    assert assign_report(made.pk, to=bernd, by=bernd).status == Status.ASSIGNED
    with pytest.raises(BadInput):
        assign_report(made.pk, to=clara, by=bernd)


def test_a_question_waits_and_the_answer_lets_work_go_on(city, bernd):
    contact = contact_for(email="aylin@stadtkern.example")
    made = report(contact=contact)
    ask_back(made.pk, text="Welche Seite der Straße?", by=bernd)
    made.refresh_from_db()
    assert made.status == Status.WAITING
    citizen_says(made.pk, text="Die linke.", contact=contact)
    made.refresh_from_db()
    assert made.status == Status.CHECKED


def test_a_no_to_solved_opens_again_within_the_deadline(city, bernd):
    made = put(report(), Status.DONE)
    again = confirm_solution(made.pk, solved=False, words="Er liegt wieder.")
    assert (again.status, again.solved) == (Status.REOPENED, False)


def test_after_the_deadline_it_stays_closed(city):
    made = put(report(), Status.DONE)
    Report.objects.filter(pk=made.pk).update(closed_at="2020-01-01T00:00:00Z")
    with pytest.raises(NotAllowed):
        confirm_solution(made.pk, solved=False)
    assert confirm_solution(made.pk, solved=True).solved is True


def test_hiding_needs_a_reason(city, dora):
    made = report()
    with pytest.raises(BadInput):
        hide_report(made.pk, because=" ", by=dora)
    assert hide_report(made.pk, because="Beleidigung", by=dora).visibility == Visibility.HIDDEN


def test_a_refused_unseen_report_is_not_published(city, dora):
    made = report(category="scrap-vehicle", answers={"vehicle_kind": "car"})
    move_report(made.pk, to=Status.REJECTED, by=dora, reason="no-danger", told="Kein Schrott.")
    made.refresh_from_db()
    assert made.visibility == Visibility.CHECKING


def test_every_change_counts_the_version_up(city):
    made = report()
    keep(hold(made.pk), asset_id="L-7")
    made.refresh_from_db()
    assert made.version == 2


def test_a_second_message_without_contact_is_no_word_of_staff(city, bernd):
    made = report()
    ask_back(made.pk, text="Welche Seite der Straße?", by=bernd)
    citizen_says(made.pk, text="Die linke.", contact=None)
    ask_back(made.pk, text="Ganz sicher?", by=bernd)
    citizen_says(made.pk, text="Ja.", contact=None)
    made.refresh_from_db()
    assert made.status == Status.CHECKED


def running(made: Report) -> bool:
    return Handover.objects.filter(report=made, taken_at__isnull=True).exists()


def test_a_clock_runs_on_when_nobody_of_the_owner_acts(city, bernd, clara, dora):
    contact = contact_for(email="aylin@stadtkern.example")
    made = report(contact=contact)
    citizen_says(made.pk, text="Ist immer noch so.", contact=contact)
    move_report(made.pk, to=Status.CHECKED, by=None, told="Auf unsere Frage kam nichts.")
    move_report(made.pk, to=Status.WAITING, by=clara)
    assert running(made)
    move_report(made.pk, to=Status.CHECKED, by=dora)
    assert not running(made)


def test_an_answer_or_a_question_of_the_owner_takes_it_on(city, bernd, clara):
    answered, asked = report(), report()
    answer_report(answered.pk, text="Wir sind nur Gast.", by=clara)
    assert running(answered)
    answer_report(answered.pk, text="Wir kommen.", by=bernd)
    ask_back(asked.pk, text="Wo genau?", by=bernd)
    assert not running(answered)
    assert not running(asked)


def test_what_is_ended_runs_no_clock(city):
    made = report()
    move_report(made.pk, to=Status.DONE, by=None, told="Dort erledigt.")
    assert not running(made)


def test_a_new_owner_has_not_begun(city, bernd):
    made = report()
    assign_report(made.pk, to=bernd, by=bernd)
    move_report(made.pk, to=Status.IN_WORK, by=bernd)
    hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words="Doch Müll.")
    made.refresh_from_db()
    assert (made.status, made.assignee) == (Status.ASSIGNED, None)
    line = made.thread.entries.filter(kind="handover").get()
    assert (line.data["old_status"], line.data["new_status"]) == ("in_work", "assigned")


def test_a_handover_is_one_letter(city, bernd, run_jobs):
    contact = contact_for(email="aylin@stadtkern.example")
    made = report(contact=contact)
    assign_report(made.pk, to=bernd, by=bernd)
    move_report(made.pk, to=Status.IN_WORK, by=bernd)
    run_jobs()
    before = contact.notifications.count()
    hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words="Doch Müll.")
    run_jobs()
    assert contact.notifications.count() == before + 1


@pytest.mark.parametrize("end", sorted(CLOSED))
def test_what_is_closed_is_neither_given_away_nor_taken(city, bernd, end):
    made = put(report(), end)
    with pytest.raises(NotAllowed):
        assign_report(made.pk, to=bernd, by=bernd)
    with pytest.raises(NotAllowed):
        hand_over(made.pk, to=Organisation.objects.get(key="usb"), by=bernd, words="Bitte.")
    made.refresh_from_db()
    assert made.assignee is None
    assert made.owner != Organisation.objects.get(key="usb")


def test_the_history_says_who_put_whom_in_charge_instead_of_whom(city, bernd, dora, kai):
    made = report()
    assign_report(made.pk, to=kai, by=bernd)
    assign_report(made.pk, to=bernd, by=dora)
    assign_report(made.pk, to=bernd, by=dora)
    assign_report(made.pk, to=None, by=bernd)
    lines = made.thread.entries.filter(code="assigned", kind="note").order_by("pk")
    assert [(line.person, line.text) for line in lines] == [
        (bernd, f"Bearbeitung: niemand → {kai}"),
        (dora, f"Bearbeitung: {kai} → {bernd}"),
        (bernd, f"Bearbeitung: {bernd} → niemand"),
    ]


def of_kind(kind: Kind) -> Report:
    category = next(one for one in catalogue().categories.values() if one.kind == kind and one.is_active)
    return report(category=category.key)


@pytest.mark.parametrize(
    ("kind", "old", "new"), list(itertools.product([Kind.IDEA, Kind.PRAISE], Status, Status)), ids=str
)
def test_ideas_and_praise_have_their_own_law(city, kind, old, new):
    made = of_kind(kind)
    Report.objects.filter(pk=made.pk).update(status=old, reason="no-danger" if old == "rejected" else None)
    if new in next_steps(kind, old):
        assert move_report(made.pk, to=new, by=None, told="Weil.", reason="no-danger").status == new
    else:
        with pytest.raises(NotAllowed):
            move_report(made.pk, to=new, by=None, told="Weil.", reason="no-danger")


def test_an_idea_is_read_by_somebody_and_answered(city, dora):
    made = of_kind(Kind.IDEA)
    move_report(made.pk, to=Status.CHECKED, by=dora)
    assert assign_report(made.pk, to=dora, by=dora).status == Status.CHECKED
    ask_back(made.pk, text="Welche Straße meinen Sie?", by=dora)
    citizen_says(made.pk, text="Die Königsallee.", contact=None)
    made.refresh_from_db()
    assert (made.status, made.assignee) == (Status.CHECKED, dora)
    assert move_report(made.pk, to=Status.DONE, by=dora, told="Die Bank kommt.").status == Status.DONE


def test_praise_can_be_asked_about_and_does_not_wait(city, dora):
    made = of_kind(Kind.PRAISE)
    ask_back(made.pk, text="Dürfen wir das weitersagen?", by=dora)
    made.refresh_from_db()
    assert made.status == Status.RECEIVED
