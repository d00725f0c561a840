"""The audit log: nothing is changed, nothing deleted, nothing emptied; only what is old goes, by its own function."""

from datetime import timedelta

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from stadtkern.core import audit
from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import retention_rules

REFUSED = (InternalError, IntegrityError)


def entry(*, days_ago: int) -> int:
    """A line as of an earlier day; written by SQL, for Django always says now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into core_auditentry (at, action, subject_kind, subject_id, detail) "
            "values (%s, 'test.done', '', '', '{}') returning id",
            [timezone.now() - timedelta(days=days_ago)],
        )
        return int(cursor.fetchone()[0])


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "update core_auditentry set action = 'nothing'",
        "delete from core_auditentry",
        "truncate core_auditentry",
        "truncate threads_entry cascade",
    ],
)
def test_history_is_neither_changed_nor_deleted_nor_emptied(statement):
    entry(days_ago=5 * 365)
    with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local stadtkern.emptying = ''")
        cursor.execute(statement)
    assert AuditEntry.objects.filter(action="test.done").exists()


@pytest.mark.django_db
def test_old_entries_go_by_the_rule_and_young_ones_stay():
    rule = retention_rules["core.audit"]
    old, young = entry(days_ago=rule.keep.days + 1), entry(days_ago=rule.keep.days - 1)
    assert rule.purge(timezone.now() - rule.keep) == 1
    assert set(AuditEntry.objects.filter(pk__in=[old, young]).values_list("pk", flat=True)) == {young}


@pytest.mark.django_db
def test_not_even_the_rule_takes_a_young_entry():
    young = entry(days_ago=364)
    assert audit.forget(timezone.now() + timedelta(days=1)) == 0
    assert AuditEntry.objects.filter(pk=young).exists()


@pytest.mark.django_db
def test_after_the_rule_the_door_is_closed_again():
    entry(days_ago=5 * 365)
    audit.forget(timezone.now() - timedelta(days=9 * 365))
    with pytest.raises(REFUSED):
        run("delete from core_auditentry")
