"""The operators' page shows what has failed and has it done again; nobody else sees it."""

import pytest
from django.db import connection

from stadtkern.core.models import AuditEntry

pytestmark = [pytest.mark.django_db]
PAGE, RETRY = "/desk/betrieb/", "/desk/betrieb/wiederholen/"
INSERT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, status, args, attempts)
VALUES ('default', %s, %s::procrastinate_job_status, '{"to": "dora@example.org"}', 5) RETURNING id
"""


def job(status: str, task: str = "tests.broken") -> int:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [task, status])
        return cursor.fetchone()[0]


def states() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status::text FROM procrastinate_jobs")
        return dict(cursor.fetchall())


def test_the_page_names_what_failed_and_nothing_personal(visitor, ada):
    broken, waiting = job("failed"), job("todo", "tests.waiting")
    visitor.force_login(ada)
    page = visitor.get(PAGE).content.decode()
    assert "tests.broken" in page
    assert f">{broken}</th>" in page
    assert f">{waiting}</th>" not in page
    assert "dora@example.org" not in page
    assert "Kein Arbeiter meldet sich" in page
    assert "/desk/zustellungen/" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_failed(visitor, ada, rows, django_assert_max_num_queries):
    for _ in range(rows):
        job("failed")
    visitor.force_login(ada)
    visitor.get(PAGE)
    with django_assert_max_num_queries(12):
        visitor.get(PAGE)


def test_one_or_all_are_done_again_and_the_audit_log_knows(visitor, ada):
    one, two, three, done = job("failed"), job("failed"), job("failed"), job("succeeded")
    visitor.force_login(ada)
    assert visitor.post(RETRY, {"id": one}).url == PAGE
    assert states() == {one: "todo", two: "failed", three: "failed", done: "succeeded"}
    visitor.post(RETRY, {"id": [str(done), "x", "9" * 30]})
    assert states() == {one: "todo", two: "failed", three: "failed", done: "succeeded"}, "only what failed"
    visitor.post(RETRY)
    assert states() == {one: "todo", two: "todo", three: "todo", done: "succeeded"}
    told = AuditEntry.objects.filter(action="operation.jobs_retried", actor_id=ada.pk).order_by("pk")
    assert [entry.detail["jobs"] for entry in told] == [1, 0, 2]


@pytest.mark.parametrize("who", ["dora", "aylin"])
def test_others_neither_see_nor_do_it(visitor, who, request):
    broken = job("failed")
    visitor.force_login(request.getfixturevalue(who))
    assert visitor.get(PAGE).status_code == 403
    assert visitor.post(RETRY).status_code == 403
    assert states() == {broken: "failed"}


def test_whoever_may_see_it_finds_it_in_the_desks_menu(visitor, ada, dora):
    visitor.force_login(ada)
    assert 'href="/desk/betrieb/"' in visitor.get("/desk/zustellungen/").content.decode()
    visitor.force_login(dora)
    assert 'href="/desk/betrieb/"' not in visitor.get("/desk/meldungen/").content.decode()
