"""Statements written once do what Django's own do."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from stadtkern.core import quick
from stadtkern.core.models import RememberedRequest
from stadtkern.threads.models import Thread

pytestmark = pytest.mark.django_db


def thread(**given):
    return Thread(**{"kind": "report", "title": "Die Laterne 'Nr. 7' ist dunkel"} | given)


@pytest.mark.parametrize("watched", [False, True], ids=["prepared", "through Django"])
def test_a_quickly_inserted_row_is_the_one_that_save_writes(watched):
    def insert(one):
        if not watched:
            return quick.insert(one)
        with CaptureQueriesContext(connection):
            return quick.insert(one)

    saved, quickly = thread(), insert(thread())
    saved.save()
    kept = Thread.objects.get(pk=quickly.pk)
    for field in ("kind", "title", "subject_id", "is_public"):
        assert getattr(kept, field) == getattr(Thread.objects.get(pk=saved.pk), field)
    assert kept.created_at == quickly.created_at
    assert len(kept.nonce) > 0
    quickly.title = "heller"
    quickly.save()
    assert Thread.objects.get(pk=quickly.pk).title == "heller"
    assert Thread.objects.count() == 2


def test_a_reserved_id_is_used_once():
    number = quick.reserve(Thread)
    assert quick.insert(thread(id=number)).pk == number
    assert quick.insert(thread()).pk > number
    with pytest.raises(IntegrityError), transaction.atomic():
        quick.insert(thread(id=number))


def test_plain_values_and_json_are_written(django_assert_num_queries):
    with django_assert_num_queries(1):
        made = quick.insert(RememberedRequest(scope="tests", key="a" * 9, fingerprint="f", answer={"id": [1, "ä"]}))
    assert RememberedRequest.objects.get(pk=made.pk).answer == {"id": [1, "ä"]}


def test_a_fault_is_one_of_djangos():
    quick.insert(thread(subject_id=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        quick.insert(thread(subject_id=1))


@pytest.mark.parametrize("watched", [False, True], ids=["prepared", "through Django"])
def test_rows_are_found_as_the_models_read_them(watched):
    made = [quick.insert(RememberedRequest(scope="tests", key=key * 9, answer={"of": key})) for key in "ab"]
    other = quick.insert(RememberedRequest(scope="others", key="a" * 9, answer=None))
    if watched:
        with CaptureQueriesContext(connection):
            found = quick.find(RememberedRequest, "scope", "tests")
    else:
        found = quick.find(RememberedRequest, "scope", "tests")
    assert found == made
    assert [each.answer for each in found] == [{"of": "a"}, {"of": "b"}]
    assert found[0].at == made[0].at
    assert quick.find(RememberedRequest, "scope", "others") == [other]
    assert quick.find(RememberedRequest, "scope", "nobody") == []


def test_what_was_found_can_be_changed():
    quick.insert(thread())
    (found,) = quick.find(Thread, "kind", "report")
    found.title = "heller"
    found.save()
    assert Thread.objects.get().title == "heller"
