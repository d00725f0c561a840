"""What people itself keeps of a person, and its eraser."""

from collections.abc import Iterator, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext_lazy as _

from stadtkern.core.models import AuditEntry
from stadtkern.core.parts import Eraser, PersonExport, erasers, exports
from stadtkern.people.domain import erasing, sessions
from stadtkern.people.models import Membership, Person

Rows = Iterator[Mapping[str, Any]]


def account(person_id: int) -> Rows:
    fields = ("email", "name", "language", "joined_at", "last_login")
    yield from Person.objects.filter(pk=person_id).values(*fields)


def addresses(person_id: int) -> Rows:
    yield from EmailAddress.objects.filter(user_id=person_id).values("email", "verified", "primary")


def belongings(person_id: int) -> Rows:
    for m in Membership.objects.filter(person_id=person_id).select_related("organisation").order_by("pk"):
        yield {
            "organisation": m.organisation.name,
            "role": m.get_role_display(),
            "home": m.home,
            "share": m.share,
            "since": m.since,
            "until": m.until,
        }


def factors(person_id: int) -> Rows:
    """Which second factors there are, never what is secret in them."""
    for one in Authenticator.objects.filter(user_id=person_id).order_by("pk"):
        yield {"kind": one.type, "name": str(one), "created_at": one.created_at, "last_used_at": one.last_used_at}


def connected(person_id: int) -> Rows:
    yield from SocialAccount.objects.filter(user_id=person_id).values("provider", "uid", "date_joined", "extra_data")


def open_sessions(person_id: int) -> Rows:
    for one in sessions.of(Person(pk=person_id)):
        yield {"since": one.created_at, "address": one.ip, "device": one.user_agent}


def deeds(person_id: int) -> Rows:
    lines = AuditEntry.objects.filter(actor_id=person_id).order_by("-at", "-pk")
    yield from lines.values("at", "action", "subject_kind", "subject_id").iterator()


for key, label, rows in (
    ("people.account", _("Ihr Konto"), account),
    ("people.addresses", _("E-Mail-Adressen"), addresses),
    ("people.belongings", _("Zugehörigkeiten"), belongings),
    ("people.connected", _("Verbundene Konten"), connected),
    ("people.deeds", _("Protokoll Ihrer Handlungen"), deeds),
    ("people.factors", _("Passkeys und zweite Faktoren"), factors),
    ("people.sessions", _("Offene Anmeldungen"), open_sessions),
):
    exports.add(PersonExport(key=key, label=label, rows=rows))
erasers.add(Eraser(key=erasing.OWN, erase=erasing.erase_identity))
