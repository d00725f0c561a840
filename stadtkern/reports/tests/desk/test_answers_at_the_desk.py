"""What the reporter answered reaches those who do the work, also what was typed; the public never reads that."""

import pytest

from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Category, Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.web.wording import answers_for_staff, list_answers
from stadtkern.reports.words import Status

pytestmark = pytest.mark.django_db
INBOX = "/desk/meldungen/"
BUS = {"line": "SB 37", "when": "2026-11-24T07:15:00"}


def bus_report() -> Report:
    category = Category.objects.get(key="vehicle")
    given = {question["code"]: question["values"][0]["key"] for question in category.questions if "values" in question}
    return report(category="vehicle", answers={**given, **BUS})


def test_the_desk_and_the_crew_read_what_was_typed(visitor, dora):
    made = bus_report()
    desk = visitor.signed_in(dora)
    move_report(made.pk, to=Status.CHECKED, by=dora)
    for page in (f"{INBOX}{made.pk}/", f"{INBOX}unterwegs/"):
        shown = desk.get(page).content.decode()
        assert "SB 37" in shown, page
        assert "07:15" in shown, page


def test_the_public_reads_only_what_was_chosen():
    made = bus_report()
    public = [words for _label, words in list_answers("vehicle", made.answers)]
    assert "SB 37" not in public
    assert set(public) < {words for _label, words in answers_for_staff("vehicle", made.answers)}


@pytest.mark.parametrize(
    ("given", "words"),
    [("Halle 3", "Halle 3"), (1.5, "1,5"), (["a", "b"], "a, b"), (0, "0"), ("", None), (None, None), ([], None)],
)
def test_an_answer_to_a_question_nobody_asks_any_more_stays_readable(city, given, words):
    shown = dict(answers_for_staff("bollard", {"old_question": given}))
    assert shown.get("old_question") == words
