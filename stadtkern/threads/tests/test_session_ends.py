"""How long a browser is recognised: a year for who follows without account, never longer than a sign-in allows."""

import pytest
from django.utils import timezone

from stadtkern.people.sign_in import STAFF_SESSION_SECONDS
from stadtkern.threads.domain import confirming, links
from stadtkern.threads.models import Contact
from stadtkern.threads.web.parts import A_YEAR


@pytest.fixture
def contact(db):
    return Contact.objects.create(email="vera@stadtkern.example", confirmed_at=timezone.now())


def test_a_link_is_remembered_for_a_year_without_account(visitor, contact):
    visitor.get(links.contact_path(contact))
    assert visitor.session.get_expiry_age() == A_YEAR


def test_a_link_leaves_the_working_day_of_staff_as_it_is(visitor, contact, bernd):
    desk = visitor.signed_in(bernd)
    session = desk.session
    session.set_expiry(STAFF_SESSION_SECONDS)
    session.save()
    desk.get(links.contact_path(contact))
    assert desk.session.get_expiry_age() == STAFF_SESSION_SECONDS
    desk.post(confirming.confirm_path(contact))
    assert desk.session.get_expiry_age() == STAFF_SESSION_SECONDS
