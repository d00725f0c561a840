"""Staff work only in sessions that a second factor has proved."""

from types import SimpleNamespace
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings

from stadtkern.people.models import Person

REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_proven(person: Person, session: Any) -> bool:
    """Was this session signed in with a second factor that the person still has?

    A provider whose settings say `"second_factor": true` asks for one itself (an organisation's own directory).
    `session` is the session's data: sign-in leaves a record of each step there.
    """
    if not settings.STAFF_SECOND_FACTOR:  # type: ignore[misc]  # from config.sign_in
        return True
    records = get_authentication_records(SimpleNamespace(session=session), person)  # type: ignore[arg-type]
    if any(record.get("provider") in _trusted_providers() for record in records):
        return True
    used = {record.get("id") for record in records if record.get("method") == "mfa"}
    return bool(used) and Authenticator.objects.filter(user_id=person.pk, pk__in=used).exists()


def hold_back_unproven(person: Person, session: Any) -> Person:
    """In an unproven session memberships do not count: see `rights.memberships`."""
    person.held_back = not is_proven(person, session)  # type: ignore[attr-defined]
    return person


def has_one(person: Person) -> bool:
    return Authenticator.objects.filter(user_id=person.pk, type__in=REAL).exists()


def take_away(person: Person) -> int:
    """Somebody lost the phone: all authenticators go, the person sets up new ones at the next sign-in."""
    return Authenticator.objects.filter(user_id=person.pk).delete()[0]


def _trusted_providers() -> set[str]:
    providers = settings.SOCIALACCOUNT_PROVIDERS  # type: ignore[misc]  # from config.sign_in
    known = providers.get("openid_connect", {}).get("APPS", [])
    return {app["provider_id"] for app in known if app.get("settings", {}).get("second_factor")}
