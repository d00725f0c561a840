"""Fixtures of people: sessions with a second factor, and the rule switched on."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from stadtkern.core.testing.visitor import Visitor
from stadtkern.people.models import Person

SECRET = "JBSWY3DPEHPK3PXP"
GUARD = "stadtkern.people.web.second_factor.SecondFactor"


@pytest.fixture
def second_factor_wanted(settings: Any) -> None:
    """As in production: staff need a second factor."""
    settings.STAFF_SECOND_FACTOR = True
    if GUARD not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, GUARD]


@pytest.fixture
def at_the_desk(settings: Any, visitor: Visitor) -> Callable[[Person], Visitor]:
    """A visitor for a member of staff, where no second factor is asked for (demo mode)."""
    settings.STAFF_SECOND_FACTOR = False
    return visitor.signed_in


def give_app(person: Person) -> Authenticator:
    """An authenticator app with a known secret."""
    return TOTP.activate(person, SECRET).instance
