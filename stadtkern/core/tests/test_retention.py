"""Retention: every rule runs, one that fails hinders no other and is seen, what was taken stands in the log."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from stadtkern.core import retention
from stadtkern.core.models import AuditEntry, RememberedRequest
from stadtkern.core.parts import RetentionRule, retention_rules

pytestmark = pytest.mark.django_db
ASKED: list[datetime] = []


def broken(before: datetime) -> int:
    RememberedRequest.objects.create(scope="test", key="half done", fingerprint="")
    raise OSError("the disk is full")


def takes_three(before: datetime) -> int:
    ASKED.append(before)
    return 3


@pytest.fixture(autouse=True)
def _rules() -> Iterator[None]:
    """A rule that breaks, in front of one that works."""
    ASKED.clear()
    for key, purge in (("aa.broken", broken), ("zz.works", takes_three)):
        retention_rules.add(RetentionRule(key=key, what=key, keep=timedelta(days=30), purge=purge))
    yield
    for key in ("aa.broken", "zz.works"):
        retention_rules._parts.pop(key)


def test_a_rule_that_breaks_takes_nothing_and_hinders_no_other():
    taken = retention.apply_rules()
    assert (taken["aa.broken"], taken["zz.works"]) == (-1, 3)
    assert not RememberedRequest.objects.filter(key="half done").exists()


def test_what_was_taken_stands_in_the_log_and_nothing_else():
    retention.apply_rules()
    told = AuditEntry.objects.filter(action="retention.applied", subject_id__in=["aa.broken", "zz.works"])
    assert [(line.subject_id, line.detail) for line in told] == [("zz.works", {"rows": 3})]


def test_the_limit_is_as_long_ago_as_the_rule_says():
    retention.apply_rules()
    assert abs(timezone.now() - ASKED[0] - timedelta(days=30)) < timedelta(minutes=1)


def test_the_nightly_run_fails_where_operators_look():
    with pytest.raises(RuntimeError, match=r"aa\.broken"):
        retention.nightly_retention.func(timestamp=0)
    assert ASKED, "the others ran all the same"


def test_every_rule_of_the_house_can_be_run_on_an_empty_house():
    retention_rules._parts["aa.broken"] = RetentionRule(
        key="aa.broken", what="mended", keep=timedelta(days=1), purge=lambda before: 0
    )
    assert all(count >= 0 for count in retention.apply_rules().values())
