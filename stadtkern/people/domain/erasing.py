"""Take a person out of everything: what stays of the account is an empty shell with a number."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit, mail
from stadtkern.core.events import emit
from stadtkern.core.parts import erasers
from stadtkern.core.problems import Conflict
from stadtkern.people.domain import sessions
from stadtkern.people.events import PersonErased
from stadtkern.people.models import Person
from stadtkern.people.rights import all_memberships

OWN = "people.identity"
DEAD = "@erased.invalid"  # RFC 2606: no mail ever arrives there


@transaction.atomic
def erase_person(person: Person) -> dict[str, int]:
    """Let every module forget the person, then empty the identity; all or nothing.

    Returns how many rows each eraser changed. Staff first leave their organisations.
    """
    row = Person.objects.select_for_update().get(pk=person.pk)
    if row.erased_at:
        return {}
    if all_memberships(row):
        raise Conflict(
            _("Sie gehören zu einer Organisation der Stadt. Bitte lassen Sie zuerst Ihre Zugehörigkeit beenden.")
        )
    # The others may look for the address that only the identity knows, so that one comes last.
    ordered = sorted(erasers, key=lambda eraser: (eraser.key == OWN, eraser.key))
    taken = {eraser.key: eraser.erase(row.pk) for eraser in ordered}
    emit(PersonErased(person_id=row.pk))
    audit.record("people.person_erased", actor=row, subject=("person", row.pk), detail={"rows": sum(taken.values())})
    return taken


def erase_identity(person_id: int) -> int:
    """Empty the account itself and everything that signs it in; returns the rows changed."""
    person = Person.objects.get(pk=person_id)
    sessions.end_all(person)
    rows = 1 + sum(mail.forget_address(address) for address in _addresses(person))
    for kept in ("emailaddress_set", "authenticator_set", "socialaccount_set", "usersession_set"):
        rows += getattr(person, kept).all().delete()[0]
    person.email, person.name, person.language = f"{person.pk}{DEAD}", "", "de"
    person.is_active, person.last_login, person.erased_at = False, None, timezone.now()
    person.save()
    return rows


def _addresses(person: Person) -> set[str]:
    return {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
