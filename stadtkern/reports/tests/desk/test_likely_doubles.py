"""Matters near by that may be the same stand on the report's page, one click from being one."""

import pytest

from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import TOWN_HALL, report
from stadtkern.reports.tests.desk.posting import page_of, post

pytestmark = pytest.mark.django_db
QUESTION = "Ist das dieselbe Sache?"


def public(**given) -> Report:
    made = publish_report(report(**given).pk, by=None)
    made.refresh_from_db()
    return made


def test_a_likely_double_is_shown_and_merged_with_one_click(visitor, bernd):
    first, second = public(), public()
    desk = visitor.signed_in(bernd)
    page = desk.get(page_of(second)).content.decode()
    assert QUESTION in page
    assert f"Zusammenführen mit #{first.pk}" in page
    assert f"Zusammenführen mit #{second.pk}" not in page
    assert post(desk, second, "doppel", into=first.pk).status_code == 302
    second.refresh_from_db()
    assert second.duplicate_of == first


def test_what_is_far_away_or_ended_is_not_asked_about(visitor, bernd):
    public(lat=TOWN_HALL["lat"] + 0.01)
    alone = public()
    assert QUESTION not in visitor.signed_in(bernd).get(page_of(alone)).content.decode()
    public()
    Report.objects.filter(pk=alone.pk).update(status="done", closed_at=alone.filed_at)
    assert QUESTION not in visitor.signed_in(bernd).get(page_of(alone)).content.decode()


def test_nobody_is_offered_what_they_may_not_merge(visitor, kai):
    public()
    assert QUESTION not in visitor.signed_in(kai).get(page_of(public())).content.decode()


@pytest.mark.parametrize("others", [1, 3])
def test_they_cost_the_same_however_many(visitor, bernd, others, django_assert_max_num_queries):
    for _turn in range(others):
        public()
    made = public()
    desk = visitor.signed_in(bernd)
    desk.get(page_of(made))
    with django_assert_max_num_queries(28):
        assert desk.get(page_of(made)).status_code == 200
