"""Keyset paging: no row skipped, none shown twice, a bounded page, and no cursor breaks it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.core import paging
from stadtkern.core.models import AuditEntry
from stadtkern.core.paging import keyset
from stadtkern.core.problems import BadQuery

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)
CALM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


TIMES = st.text(max_size=30) | st.datetimes().map(str) | st.datetimes(timezones=st.just(UTC)).map(str)
VALUES = st.recursive(SCALARS | st.fixed_dictionaries({"t": TIMES}), lambda inner: st.lists(inner, max_size=3))
CURSORS = st.text(max_size=60) | VALUES.map(cursor)


@pytest.fixture
def entries() -> list[AuditEntry]:
    """Seven lines, three of them of the same moment."""
    made = [AuditEntry.objects.create(action=f"test.{n}") for n in range(7)]
    for entry, hours in zip(made, (0, 1, 1, 1, 2, 3, 4), strict=True):
        entry.at = NOON + timedelta(hours=hours)
    return made


@pytest.mark.parametrize("order", [("pk",), ("-pk",), ("-at", "-pk"), ("at", "pk"), ("action", "pk"), ("-at", "pk")])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_every_row_is_shown_once_in_order(entries, order, limit):
    seen, after = [], None
    while True:
        page = keyset(AuditEntry.objects.all(), order=order, after=after, limit=limit)
        assert len(page.items) <= limit
        seen += [entry.pk for entry in page.items]
        if not (after := page.next):
            break
    assert seen == list(AuditEntry.objects.order_by(*order).values_list("pk", flat=True))


def test_rows_that_come_meanwhile_shift_nothing(entries):
    first = keyset(AuditEntry.objects.all(), order=("-pk",), after=None, limit=3)
    AuditEntry.objects.create(action="test.new")
    second = keyset(AuditEntry.objects.all(), order=("-pk",), after=first.next, limit=3)
    assert [entry.action for entry in second.items] == ["test.3", "test.2", "test.1"]


def test_a_page_has_a_hard_limit_and_at_least_one_row(entries, monkeypatch):
    monkeypatch.setattr(paging, "HARD_LIMIT", 2)
    assert len(keyset(AuditEntry.objects.all(), order=("pk",), after=None, limit=1_000).items) == 2
    assert len(keyset(AuditEntry.objects.all(), order=("pk",), after=None, limit=-5).items) == 1


def test_a_page_costs_one_query_wherever_it_is(entries, django_assert_num_queries):
    far = cursor([entries[4].pk])
    with django_assert_num_queries(1):
        assert len(keyset(AuditEntry.objects.all(), order=("pk",), after=far, limit=1).items) == 1


def test_an_order_may_name_what_the_query_worked_out(entries):
    rows = AuditEntry.objects.annotate(number=F("id") * 2)
    page = keyset(rows, order=("-number", "-pk"), after=None, limit=2)
    assert [entry.action for entry in keyset(rows, order=("-number", "-pk"), after=page.next, limit=2).items] == [
        "test.4", "test.3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value", [["abc"], [None], [[1]], [{"t": "2026-01-01"}], [2**63], [-(2**70)], ["1\x00"], [1e400], "1", {"a": 1}, []]
)
def test_a_crafted_cursor_is_a_bad_query(entries, value):
    with pytest.raises(BadQuery):
        keyset(AuditEntry.objects.all(), order=("pk",), after=cursor(value), limit=3)


@pytest.mark.parametrize("moment", [None, "2026-01-01", {"t": "2026-01-01T00:00:00"}, {"t": 5}, {}])
def test_a_moment_is_whole_and_has_a_zone(entries, moment):
    with pytest.raises(BadQuery):
        keyset(AuditEntry.objects.all(), order=("-at", "-pk"), after=cursor([moment, 1]), limit=3)


@pytest.mark.parametrize("text", ["ä", "%", "[" * 999, "A" * 5_000, cursor(["x" * 600])])
def test_what_is_no_cursor_at_all_is_a_bad_query(entries, text):
    with pytest.raises(BadQuery):
        keyset(AuditEntry.objects.all(), order=("pk",), after=text, limit=3)


@pytest.mark.parametrize("order", [("pk",), ("-at", "-pk"), ("action", "pk")])
@CALM
@given(text=CURSORS)
def test_whatever_comes_as_a_cursor_gives_a_page_or_a_bad_query(order, text):
    try:
        page = keyset(AuditEntry.objects.all(), order=order, after=text, limit=3)
    except BadQuery:
        return
    assert len(page.items) <= 3
