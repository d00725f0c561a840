"""What people does when allauth tells that somebody signed in or changed how they sign in."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import email_changed, user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver

from stadtkern.core import audit
from stadtkern.people.domain.second_factor import REAL
from stadtkern.people.rights import all_memberships


@receiver(user_logged_in)
def note_staff_at_the_door(request: Any, user: Any, **given: Any) -> None:
    if all_memberships(user):
        audit.record("people.signed_in", actor=user, subject=("person", user.pk))


@receiver(authenticator_added)
def count_the_new_factor_for_this_session(request: Any, user: Any, authenticator: Any, **given: Any) -> None:
    """Setting it up has just proved that it is at hand."""
    if authenticator.type in REAL:
        proof = {"id": authenticator.pk, "type": authenticator.type, "reauthenticated": True}
        record_authentication(request, user, "mfa", **proof)
        audit.record("people.second_factor_added", actor=user, subject=("person", user.pk))


@receiver(authenticator_removed)
def note_a_removed_factor(user: Any, authenticator: Any, **given: Any) -> None:
    if authenticator.type in REAL:
        audit.record("people.second_factor_removed", actor=user, subject=("person", user.pk))


@receiver(email_changed)
def note_a_changed_address(user: Any, from_email_address: Any, **given: Any) -> None:
    if from_email_address:  # else it is the first one, confirmed for the first time
        audit.record("people.address_changed", actor=user, subject=("person", user.pk))
