"""Putting right: only what changes is proven, the history says old and new, the right organisation gets it."""

import pytest
from django.utils import translation

from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.corrections import (
    correct_report,
    link_reports,
    merge_report,
    other_route,
    split_report,
)
from stadtkern.reports.domain.phrases import PHRASES, WORDS, change, in_german, phrase, spoken
from stadtkern.reports.domain.supporting import support_report
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Category, Handover, Report
from stadtkern.reports.tests.builders import POTHOLE, report
from stadtkern.reports.words import Source, Status
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.following import follow, is_following

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_catalogue():
    catalogue.forget()
    yield
    catalogue.forget()


def taken_over(**given) -> Report:
    """A record of another system: its category's questions were never asked, its place was never proven."""
    made = report(**POTHOLE)
    columns = {"answers": {}, "source": Source.IMPORT, "lat": 48.1, "lon": 11.5, "address": ""}
    Report.objects.filter(pk=made.pk).update(**columns | given)
    return Report.objects.get(pk=made.pk)


def close(category: str) -> None:
    Category.objects.filter(pk=category).update(is_active=False)
    catalogue.forget()


def told(made: Report) -> list[str]:
    return list(made.thread.entries.filter(code="corrected").order_by("pk").values_list("text", flat=True))


def test_a_name_can_be_taken_out_whatever_else_is_wrong(city, dora):
    made = taken_over()
    close(made.category_id)
    put_right = correct_report(made.pk, by=dora, public_text="Ein tiefes Loch.")
    assert put_right.shown_text == "Ein tiefes Loch."
    assert told(made) == ["Öffentlicher Text: wie gemeldet → Ein tiefes Loch."]


def test_an_address_is_put_right_without_proving_the_point_again(city, dora):
    put_right = correct_report(taken_over().pk, by=dora, address="Kortumstraße 1")
    assert (put_right.address, put_right.lat) == ("Kortumstraße 1", 48.1)


def test_a_new_point_lies_in_the_city(city, dora):
    made = report()
    with pytest.raises(BadInput) as caught:
        correct_report(made.pk, by=dora, place=(48.1, 11.5))
    assert "place" in caught.value.fields
    moved = correct_report(made.pk, by=dora, place=(51.4820, 7.2170))
    assert moved.cell
    assert told(made)[0].splitlines()[-1] == "Ort: 51.48186, 7.21667 → 51.48200, 7.21700"


def test_a_new_category_may_leave_its_questions_open(city, dora):
    put_right = correct_report(report().pk, by=dora, category="pothole")
    assert (put_right.category_id, put_right.answers) == ("pothole", {})
    put_right = correct_report(put_right.pk, by=dora, answers={"depth": "deep"})
    assert put_right.answers == {"depth": "deep"}


def test_a_new_category_takes_its_answers_and_refuses_strange_ones(city, dora):
    made = report()
    with pytest.raises(BadInput) as caught:
        correct_report(made.pk, by=dora, category="pothole", answers={"depth": "bottomless"})
    assert "answers.depth" in caught.value.fields
    assert correct_report(made.pk, by=dora, **POTHOLE).answers == POTHOLE["answers"]


@pytest.mark.parametrize("category", ["no-such", "closed"])
def test_a_new_category_must_be_open(city, dora, category):
    made = report()
    if category == "closed":
        category = "pothole"
        close(category)
    with pytest.raises(BadInput) as caught:
        correct_report(made.pk, by=dora, category=category)
    assert "category" in caught.value.fields


def test_the_history_says_old_and_new(city, dora):
    made = report(**POTHOLE)
    correct_report(made.pk, by=dora, category="bollard", address="Husemannplatz")
    lines = told(made)[0].splitlines()
    old, new = (catalogue.catalogue().category(key).name["de"] for key in ("pothole", "bollard"))
    assert lines[0] == f"Kategorie: {old} → {new}"
    assert lines[1] == f"Adresse: {made.address} → Husemannplatz"
    assert "depth: deep" in lines[2]
    assert lines[2].endswith("→ nichts")
    assert made.thread.entries.get(code="corrected").person == dora
    made.thread.refresh_from_db()
    assert made.thread.title == new


def test_another_owner_is_offered_and_told(city, dora):
    made = report()
    put_right = correct_report(made.pk, by=dora, category="street-dirty")
    way = other_route(put_right)
    assert put_right.owner == made.owner
    assert way is not None
    assert way.owner.key == "usb"
    assert f"Zuständig wäre jetzt: {way.owner.name}" in told(made)[0]
    assert other_route(report()) is None


def test_another_owner_gets_it_at_once_and_the_clock_starts(city, dora):
    made = report()
    put_right = correct_report(made.pk, by=dora, category="street-dirty", reroute=True)
    assert put_right.owner.key == "usb"
    running = Handover.objects.get(report=made, taken_at__isnull=True)
    assert (running.new_owner, running.old_owner) == (put_right.owner, made.owner)


def test_what_is_closed_stays_where_it_was(city, dora):
    made = report()
    move_report(made.pk, to=Status.DONE, by=dora)
    put_right = correct_report(made.pk, by=dora, category="street-dirty", reroute=True)
    assert (put_right.category_id, put_right.owner) == ("street-dirty", made.owner)


def test_a_part_takes_the_address_along_and_leaves_questions_open(city, dora):
    made = report(lat=None, lon=None, address="Kortumstraße 1", place_note="hinten im Hof")
    share = split_report(made.pk, category="pothole", text="Und ein Loch.", by=dora, answers={})
    assert (share.address, share.place_note, share.part_of, share.answers) == (
        "Kortumstraße 1",
        "hinten im Hof",
        made,
        {},
    )


def test_a_double_brings_its_followers_and_supporters_once(city, dora, aylin, dmitri):
    double, target = report(), report()
    Report.objects.update(visibility="public")
    supporter, follower = contact_for(person=aylin), contact_for(person=dmitri)
    for made in (double, target):
        support_report(made.pk, device=f"telefon-{made.pk}", contact=supporter)
    support_report(double.pk, device="tablet")
    follow(follower, "report", value=str(double.pk))
    merge_report(double.pk, into=target.pk, by=dora)
    target.refresh_from_db()
    assert target.support_count == 3  # aylin once, the tablet, whoever reported the double
    assert is_following(follower, "report", str(target.pk))
    assert support_report(target.pk, device="tablet") is False
    assert support_report(target.pk, device="ganz neu", contact=supporter) is False
    assert support_report(target.pk, device="ganz neu") is True


def test_who_reported_both_is_no_supporter(city, dora, aylin):
    contact = contact_for(person=aylin)
    double, target = report(contact=contact), report(contact=contact)
    merge_report(double.pk, into=target.pk, by=dora)
    target.refresh_from_db()
    assert target.support_count == 0


def test_merging_needs_the_right_on_both(city, bernd, clara):
    mine, theirs = report(), report(category="street-dirty")
    for by in (bernd, clara):
        with pytest.raises(NotAllowed):
            merge_report(mine.pk, into=theirs.pk, by=by)
        with pytest.raises(NotAllowed):
            merge_report(theirs.pk, into=mine.pk, by=by)


def test_a_link_is_told_on_both_sides(city, dora):
    one, other = report(), report()
    link_reports(one.pk, other=other.pk, by=dora)
    assert one.thread.entries.get(code="linked").text == f"Verbunden mit Meldung {other.pk}"
    assert other.thread.entries.get(code="linked").text == f"Verbunden mit Meldung {one.pk}"


def test_what_the_machine_says_is_german_whatever_staff_read(city, dora):
    double, target = report(), report()
    with translation.override("en"):
        merge_report(double.pk, into=target.pk, by=dora)
    line = double.thread.entries.get(code=Status.REJECTED)
    assert line.text == f"Diese Stelle wurde schon gemeldet. Es geht weiter in Meldung {target.pk}."
    assert spoken("", line.data) == ""
    assert spoken("Eigene Worte", {}) == "Eigene Worte"


@pytest.mark.parametrize("language", ["en", "tr"])
def test_category_names_are_read_in_the_readers_language(city, language):
    said = [change("category", {"category": "pothole"}, {"category": "bollard"})]
    with translation.override(language):
        assert catalogue.catalogue().category("pothole").name[language] in spoken(in_german(said), {"phrases": said})


def test_every_phrase_can_be_said(city):
    facts = {name: "x" for name in ("old", "new", "owner", "rule", "because", "id", "category")}
    assert all(in_german([phrase(key, **facts)]) for key in PHRASES)
    assert all(in_german([phrase("hidden", because={"word": word})]).removeprefix("Verborgen: ") for word in WORDS)
    with pytest.raises(KeyError):
        phrase("no-such")


def test_withdrawn_words_are_read_by_the_citizen(city, secret_visitor_of):
    made = report()
    visitor = secret_visitor_of(made)
    visitor.post(f"/meldungen/{made.pk}/zurueckziehen/")
    page = visitor.get(f"/meldungen/{made.pk}/").content.decode()
    assert "Von der meldenden Person zurückgezogen." in page


@pytest.fixture
def secret_visitor_of():
    from stadtkern.core.testing.visitor import Visitor
    from stadtkern.threads.domain.links import secret_path

    def opened(made: Report) -> Visitor:
        visitor = Visitor()
        visitor.get(secret_path(made.thread))
        return visitor

    return opened


def test_a_defect_that_turns_out_an_idea_is_no_dead_end(city, dora, bernd):
    made = report()
    move_report(made.pk, to=Status.ASSIGNED, by=bernd)
    put_right = correct_report(made.pk, by=dora, category="idea-other")
    assert (put_right.kind, put_right.status) == ("idea", Status.ASSIGNED)
    assert move_report(made.pk, to=Status.DONE, by=dora, told="Das machen wir.").status == Status.DONE
