"""The audit log at the desk: found by who, what, where and when; every look is written down."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from stadtkern.core import audit
from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadQuery
from stadtkern.people.domain import auditing
from stadtkern.people.domain.auditing import Question

LOG = "/desk/protokoll/"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def entries(ada, bernd, clara):
    """Five entries of known moments; the database takes no change, so they are written as they are."""
    rows = [
        ("reports.moved", bernd.pk, "report", "4711", datetime(2026, 3, 1, 23, 30, tzinfo=BERLIN)),
        ("reports.moved", clara.pk, "report", "4712", datetime(2026, 3, 2, 0, 15, tzinfo=BERLIN)),
        ("reports.hidden", bernd.pk, "report", "4711", datetime(2026, 3, 3, 12, 0, tzinfo=BERLIN)),
        ("people.membership_added", ada.pk, "person", str(bernd.pk), datetime(2026, 3, 4, 12, 0, tzinfo=BERLIN)),
        ("retention.applied", None, "retention_rule", "people.sessions", datetime(2026, 3, 5, 3, 0, tzinfo=BERLIN)),
    ]
    with connection.cursor() as cursor:
        for action, actor, kind, number, at in rows:
            cursor.execute(
                "insert into core_auditentry (action, actor_id, subject_kind, subject_id, detail, at)"
                " values (%s, %s, %s, %s, '{}', %s)",
                [action, actor, kind, number, at],
            )
    return rows


def found(by, after=None, **question):
    return [
        (entry.action, entry.subject_id) for entry in auditing.search(Question(**question), by=by, after=after).items
    ]


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ({"actor": "bernd"}, ["4711", "4711"]),
        ({"actor": "CLARA@stadtkern.example"}, ["4712"]),
        ({"actor": "nobody"}, []),
        ({"action": "reports."}, ["4711", "4712", "4711"]),
        ({"action": "reports.hidden"}, ["4711"]),
        ({"subject": "report:4712"}, ["4712"]),
        ({"subject": "report"}, ["4711", "4712", "4711"]),
        ({"since": date(2026, 3, 2), "until": date(2026, 3, 2)}, ["4712"]),
        ({"until": date(2026, 3, 1)}, ["4711"]),
        ({"since": date(2026, 3, 3), "action": "reports."}, ["4711"]),
        ({"actor": "bernd", "subject": "report:4712"}, []),
    ],
)
def test_it_is_searched_by_who_what_where_and_when(entries, ada, question, numbers):
    assert [number for _action, number in found(ada, **question)] == numbers


def test_a_number_finds_the_actor(entries, ada, clara):
    assert found(ada, actor=str(clara.pk)) == [("reports.moved", "4712")]
    assert found(ada, actor="9" * 40) == []


def test_every_look_is_written_down_without_what_was_typed(entries, ada, bernd):
    auditing.search(Question(actor="bernd@stadtkern.example", action="reports."), by=ada)
    look = AuditEntry.objects.get(action="audit.read")
    assert (look.actor_id, look.detail["actors"], look.detail["action"]) == (ada.pk, [bernd.pk], "reports.")
    assert "bernd" not in str(look.detail)


def test_a_look_sees_the_looks_before_it(ada):
    found(ada)
    assert found(ada)[0][0] == "audit.read"


def test_pages_lose_nothing_while_new_lines_come(ada, monkeypatch):
    monkeypatch.setattr(auditing, "PER_PAGE", 3)
    for n in range(8):
        audit.record(f"test.n{n}", actor=ada)
    seen, after = [], None
    while True:
        page = auditing.search(Question(action="test."), by=ada, after=after)
        seen += [entry.action for entry in page.items]
        if not (after := page.next):
            break
    assert seen == [f"test.n{n}" for n in reversed(range(8))]


def test_the_page_names_people_subjects_and_the_machine(entries, at_the_desk, ada):
    page = at_the_desk(ada).get(LOG).content.decode()
    for words in ("Bernd", "Clara", "das System", "report:4711", "people.membership_added"):
        assert words in page


def test_an_erased_actor_keeps_no_name(entries, at_the_desk, ada, clara):
    from stadtkern.people.models import Membership, Person

    Membership.objects.filter(person=clara).delete()
    Person.objects.filter(pk=clara.pk).update(name="", email="1@erased.invalid", erased_at=datetime.now(BERLIN))
    page = at_the_desk(ada).get(f"{LOG}?subject=report:4712").content.decode()
    assert "gelöschtes Konto" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_names_cost_the_same_for_one_line_and_three(ada, bernd, rows, django_assert_num_queries):
    for _n in range(rows):
        audit.record("test.x", actor=bernd, subject=("person", bernd.pk))
    items = auditing.search(Question(action="test."), by=ada).items
    with django_assert_num_queries(2):
        lines = auditing.lines(items)
    assert [line.subject.title for line in lines] == ["Bernd"] * rows


@pytest.mark.parametrize("query", ["since=2026-13-01", "until=tomorrow", "actor=" + "x" * 200])
def test_a_wrong_question_is_said_at_its_field(at_the_desk, ada, query):
    page = at_the_desk(ada).get(f"{LOG}?{query}")
    assert (page.status_code, "field-error" in page.content.decode()) == (422, True)


def test_a_torn_cursor_is_refused(at_the_desk, ada):
    assert at_the_desk(ada).get(f"{LOG}?after=rubbish").status_code == 400


def test_the_end_of_time_is_refused(ada):
    with pytest.raises(BadQuery):
        auditing.search(Question(until=date.max - timedelta(days=0)), by=ada)


@pytest.mark.parametrize("statement", ["update core_auditentry set action = 'x'", "delete from core_auditentry"])
def test_the_database_lets_nobody_change_it(entries, statement):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_details_leave_out_what_is_open(ada):
    audit.record(
        "test.x", actor=ada, detail={"a": None, "b": "", "c": False, "d": [], "e": [1, 2], "f": 0, "g": "words"}
    )
    (line,) = auditing.lines(AuditEntry.objects.filter(action="test.x"))
    assert line.details == [("e", "1, 2"), ("f", "0"), ("g", "words")]
