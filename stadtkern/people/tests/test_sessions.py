"""Sessions are read by a statement of ours; what they are and when they end is Django's."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from stadtkern.people.web.sessions import SessionStore

pytestmark = pytest.mark.django_db


def kept(**values: str) -> str:
    store = SessionStore()
    store.update(values)
    store.create()
    return str(store.session_key)


def test_a_session_is_read_again() -> None:
    assert SessionStore(kept(city="Bochum"))["city"] == "Bochum"


def test_an_ended_session_is_nobodys() -> None:
    key = kept(city="Bochum")
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    store = SessionStore(key)
    assert store.get("city") is None
    assert store.session_key is None


def test_an_invented_session_is_not_taken_over() -> None:
    store = SessionStore("x" * 32)
    assert store.get("city") is None
    store["city"] = "Bochum"
    store.save()
    assert store.session_key != "x" * 32


def test_a_signed_out_session_is_gone() -> None:
    key = kept(city="Bochum")
    SessionStore(key).flush()
    assert SessionStore(key).get("city") is None
