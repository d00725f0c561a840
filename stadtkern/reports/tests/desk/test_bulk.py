"""Many at once: each on its own, on the version its row showed; what was refused comes back with everything."""

import pytest

from stadtkern.people.models import Organisation
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import INBOX, chosen
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db
BULK = f"{INBOX}auswahl/"


def test_many_at_once(visitor, bernd):
    first, second = report(), report()
    desk = visitor.signed_in(bernd)
    assert "2 Meldungen" in desk.post(BULK, chosen(first, second)).content.decode()
    answer = desk.post(BULK, {**chosen(first, second), "do": "move:done", "told": "Fertig."}, follow=True)
    assert "2 Meldungen sind bearbeitet" in answer.content.decode()
    assert set(Report.objects.values_list("status", flat=True)) == {"done"}


def test_the_list_sends_the_version_of_each_row(visitor, bernd):
    made = report()
    page = visitor.signed_in(bernd).get(INBOX).content.decode()
    assert f'form="bulk" name="seen" value="{made.pk}:{made.version}"' in page


def test_what_was_refused_comes_back_chosen_with_reason_and_text(visitor, bernd):
    good, bad = report(), report()
    move_report(bad.pk, to=Status.DONE, by=bernd)
    bad.refresh_from_db()
    answer = visitor.signed_in(bernd).post(BULK, {**chosen(good, bad), "do": "move:done", "told": "Alles fertig."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "1 Meldung ist bearbeitet" in page
    assert "führt kein Schritt" in page
    assert "Alles fertig." in page
    assert f'name="id" value="{bad.pk}"' in page
    assert f'name="id" value="{good.pk}"' not in page


def test_many_refusals_are_all_told(visitor, bernd):
    many = [report() for _turn in range(22)]
    for made in many:
        move_report(made.pk, to=Status.DONE, by=bernd)
        made.refresh_from_db()
    page = visitor.signed_in(bernd).post(BULK, {**chosen(*many), "do": "move:done"}).content.decode()
    assert page.count("führt kein Schritt") == 22


def test_a_report_that_changed_since_is_refused_and_may_be_sent_again(visitor, bernd, dora):
    made = report()
    old = chosen(made)
    move_report(made.pk, to=Status.CHECKED, by=dora)
    made.refresh_from_db()
    desk = visitor.signed_in(bernd)
    assert "inzwischen geändert" in desk.post(BULK, old).content.decode()
    answer = desk.post(BULK, {**old, "do": "move:done"})
    assert answer.status_code == 409
    assert f'value="{made.pk}:{made.version}"' in answer.content.decode()
    assert desk.post(BULK, {**chosen(made), "do": "move:done"}).status_code == 302


@pytest.mark.parametrize("seen", [[], ["x"], ["1:"], ["a:b"], ["1:2:3"]])
def test_without_a_version_nothing_is_changed(visitor, bernd, seen):
    made = report()
    answer = visitor.signed_in(bernd).post(BULK, {"id": [made.pk], "seen": seen, "do": "move:done"})
    assert answer.status_code == 409
    made.refresh_from_db()
    assert made.status == "received"


@pytest.mark.parametrize("missing", ["to", "words"])
def test_a_hand_over_without_words_asks_for_them_and_keeps_the_rest(visitor, bernd, missing):
    made = report()
    given = {
        "do": "hand_over",
        "to": Organisation.objects.get(key="usb").pk,
        "words": "Bitte abholen.",
        "told": "Gleich.",
    }
    answer = visitor.signed_in(bernd).post(BULK, {**chosen(made), **given, missing: ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Gleich." in page
    assert f'name="id" value="{made.pk}"' in page


def test_assigning_to_a_colleague_of_my_organisation(visitor, bernd, kai, clara):
    first, second = report(), report()
    desk = visitor.signed_in(bernd)
    page = desk.post(BULK, chosen(first, second)).content.decode()
    colleagues = page.partition('name="assignee"')[2].partition("</select>")[0]
    assert f'<option value="{kai.pk}">' in colleagues
    assert f'<option value="{clara.pk}">' not in colleagues
    assert desk.post(BULK, {**chosen(first, second), "do": "assign"}).status_code == 422
    given = {**chosen(first, second), "do": "assign", "assignee": kai.pk}
    assert desk.post(BULK, given).status_code == 302
    assert set(Report.objects.values_list("assignee", flat=True)) == {kai.pk}


def test_bulk_reaches_only_what_is_mine(visitor, clara):
    made = report()
    visitor.signed_in(clara).post(BULK, {**chosen(made), "do": "move:done"})
    made.refresh_from_db()
    assert made.status == "received"


def test_a_session_that_ended_keeps_selection_and_text(visitor, bernd):
    made = report()
    visitor.post(BULK, {**chosen(made), "do": "move:waiting", "told": "Meine Worte"})
    visitor.force_login(bernd, backend="django.contrib.auth.backends.ModelBackend")
    page = visitor.get(f"{INBOX}nicht-gesendet/").content.decode()
    assert "Meine Worte" in page
    assert f'name="id" value="{made.pk}"' in page
    made.refresh_from_db()
    assert made.status == "received"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_are_chosen(visitor, bernd, kai, rows, django_assert_max_num_queries):
    some = [report() for _turn in range(rows)]
    Report.objects.update(assignee=kai)
    desk = visitor.signed_in(bernd)
    desk.post(BULK, chosen(*some))
    with django_assert_max_num_queries(9):
        assert desk.post(BULK, chosen(*some)).status_code == 200
