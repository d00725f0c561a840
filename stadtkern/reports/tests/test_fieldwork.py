"""Outside: a result is kept whole or refused in words; the list costs one question."""

import pytest

from stadtkern.core.problems import Conflict
from stadtkern.media.domain.storing import store_image
from stadtkern.people.models import Organisation
from stadtkern.reports.domain.fieldwork import finish_outside, round_trip
from stadtkern.reports.domain.workflow import assign_report, move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.citizen.wizardry import photo
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db


def picture():
    return store_image(photo().read(), purpose="report").pk


def assigned(by) -> Report:
    return assign_report(report().pk, to=by, by=by)


def test_before_and_after_in_one_visit(city, kai):
    made = assigned(kai)
    ended = finish_outside(made.pk, by=kai, before=[picture()], after=[picture()], told="Steht.", note="", done=True)
    assert (ended.status, ended.photo_count) == (Status.DONE, 2)
    assert [shown.part for shown in made.photos.all()] == ["before", "after"]
    assert [shown.position for shown in made.photos.all()] == [0, 1]


@pytest.mark.parametrize("done", [True, False])
def test_what_was_closed_meanwhile_is_refused_and_keeps_nothing(city, kai, bernd, done):
    made = assigned(kai)
    move_report(made.pk, to=Status.DONE, by=bernd, told="Hat der Nachbar gerichtet.")
    with pytest.raises(Conflict) as caught:
        finish_outside(made.pk, by=kai, after=[picture()], told="Ich war da.", note="", done=done)
    assert "Erledigt" in str(caught.value)
    assert not made.photos.exists()


def test_a_second_visit_without_end_still_tells_its_words(city, kai):
    made = assigned(kai)
    for words in ("Wir haben angefangen.", "Morgen geht es weiter."):
        finish_outside(made.pk, by=kai, told=words, note="Beton fehlt", done=False)
    texts = list(made.thread.entries.filter(shown_to="public").exclude(text="").values_list("text", flat=True))
    assert texts == ["Wir haben angefangen.", "Morgen geht es weiter."]
    assert made.thread.entries.filter(text="Beton fehlt").count() == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_one_question_however_many_rows(city, kai, rows, django_assert_num_queries):
    for _turn in range(rows):
        assigned(kai)
    list(round_trip(kai))  # the rights of a person are read once
    with django_assert_num_queries(1):
        assert [one.assignee for one in round_trip(kai)] == [kai] * rows


def test_only_defects_are_mended_outside(city, kai, dora):
    idea = report(category="idea-other")
    Report.objects.filter(pk=idea.pk).update(status=Status.CHECKED, owner=Organisation.objects.get(key="tiefbauamt"))
    assert list(round_trip(kai)) == []
