"""Who belongs where: memberships begin and end, a seconded member keeps the home organisation."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stadtkern.core import audit
from stadtkern.core.problems import BadInput, Conflict
from stadtkern.people.domain import sessions
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import all_memberships
from stadtkern.people.words import Role


def home_of(person: Person) -> Organisation | None:
    """The organisation somebody comes from; a seconded member keeps it."""
    held = sorted(all_memberships(person), key=lambda m: (not m.home, m.pk))
    return held[0].organisation if held else None


def held(prefix: str = "") -> Q:
    """A filter: memberships that hold today; `prefix` leads to them from another model ("memberships__")."""
    today = timezone.localdate()
    begun = Q(**{f"{prefix}since__isnull": True}) | Q(**{f"{prefix}since__lte": today})
    return begun & (Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gte": today}))


def not_ended(prefix: str = "") -> Q:
    """A filter: memberships that hold today or will begin; who has none of them is a citizen like any other."""
    return Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gte": timezone.localdate()})


def is_member(person: Person) -> bool:
    """The same of memberships that are read already."""
    today = timezone.localdate()
    return any(m.until is None or m.until >= today for m in person.memberships.all())


@transaction.atomic
def invite(email: str, *, name: str, by: Person | None) -> Person:
    """The person with this address; a new one signs in with a code to this address."""
    person = Person.objects.filter(email__iexact=email).first()
    if person is None:
        person = Person.objects.create_user(email, name=name)
        EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=False)
        audit.record("people.person_invited", actor=by, subject=("person", person.pk))
    elif name and not person.name:
        person.name = name
        person.save(update_fields=["name"])
    return person


@transaction.atomic
def add_membership(
    person: Person,
    organisation: Organisation,
    role: Role,
    *,
    by: Person | None,
    home: bool = True,
    share: int = 100,
    since: date | None = None,
    until: date | None = None,
) -> Membership:
    """Give a role in an organisation; one that had ended begins again.

    A new home takes the place of the old one; of a seconded member's time the home keeps the rest.
    """
    _check(organisation, share=share, since=since, until=until)
    Person.objects.select_for_update().get(pk=person.pk)
    facts = {"home": home, "share": share, "since": since, "until": until}
    if Membership.objects.filter(person=person, organisation=organisation, role=role).filter(held()).exists():
        raise Conflict(_("Diese Person hat diese Rolle dort schon."))
    made, _new = Membership.objects.update_or_create(
        person=person, organisation=organisation, role=role, defaults=facts
    )
    _settle_the_others(made)
    _forget(person)
    audit.record("people.membership_added", actor=by, subject=("person", person.pk), detail=_told(made))
    return made


def _check(organisation: Organisation, *, share: int, since: date | None, until: date | None) -> None:
    if not organisation.is_active:
        raise BadInput(fields={"organisation": _("Diese Organisation ist abgeschaltet.")})
    if not 1 <= share <= 100:
        raise BadInput(fields={"share": _("Der Anteil ist eine Zahl von 1 bis 100.")})
    if since and until and until < since:
        raise BadInput(fields={"until": _("Das Ende liegt vor dem Anfang.")})


def _settle_the_others(made: Membership) -> None:
    others = Membership.objects.filter(person=made.person, home=True).exclude(organisation=made.organisation)
    if made.home:
        others.update(home=False)
    else:
        others.filter(share__gt=100 - made.share).update(share=100 - made.share)


@transaction.atomic
def end_membership(membership: Membership, *, by: Person | None) -> None:
    """It held until yesterday. Nothing is deleted: who had which role when stays known."""
    yesterday = timezone.localdate() - timedelta(days=1)
    _keep_one_administrator(membership.person, [membership])
    if membership.since and membership.since > yesterday:
        membership.since = yesterday
    membership.until = yesterday
    membership.save(update_fields=["since", "until"])
    _forget(membership.person)
    audit.record(
        "people.membership_ended", actor=by, subject=("person", membership.person_id), detail=_told(membership)
    )


@transaction.atomic
def deactivate(person: Person, *, by: Person) -> None:
    """Nobody signs in with this account any more; every open session ends at once."""
    if person.pk == by.pk:
        raise Conflict(_("Ihr eigenes Konto können Sie nicht sperren. Bitte fragen Sie eine zweite Person."))
    _keep_one_administrator(person, list(person.memberships.all()))
    person.is_active = False
    person.save(update_fields=["is_active"])
    sessions.end_all(person)
    audit.record("people.person_deactivated", actor=by, subject=("person", person.pk))


@transaction.atomic
def reactivate(person: Person, *, by: Person) -> None:
    if person.erased_at:
        raise Conflict(_("Dieses Konto wurde gelöscht."))
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("people.person_reactivated", actor=by, subject=("person", person.pk))


def _keep_one_administrator(person: Person, going: Iterable[Membership]) -> None:
    """A city must never lock itself out."""
    if not any(m.role == Role.ADMINISTRATOR for m in going):
        return
    staying = Membership.objects.select_for_update().filter(held(), role=Role.ADMINISTRATOR, person__is_active=True)
    if not staying.exclude(pk__in=[m.pk for m in going]).exists():
        raise Conflict(_("Das ist die letzte Administration. Bitte geben Sie die Rolle zuerst einer zweiten Person."))


def _told(membership: Membership) -> dict[str, Any]:
    """What the audit log keeps of a membership."""
    return {
        "organisation": membership.organisation.key,
        "role": str(membership.role),
        "home": membership.home,
        "share": membership.share,
        "since": membership.since and membership.since.isoformat(),
        "until": membership.until and membership.until.isoformat(),
    }


def _forget(person: Person) -> None:
    if hasattr(person, "_memberships"):
        del person._memberships
