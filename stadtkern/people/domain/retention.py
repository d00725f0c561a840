"""How long people keeps what: sessions, addresses and accounts nobody confirmed, shells of erased accounts."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import RetentionRule, retention_rules
from stadtkern.people.models import Membership, Person

AT_ONCE = 1_000


def end_sessions(before: datetime) -> int:
    """Sessions that ran out before, and the lines of session lists whose session is gone."""
    gone = Session.objects.filter(expire_date__lt=before).delete()[0]
    alive = Session.objects.filter(pk=OuterRef("session_key"))
    return gone + UserSession.objects.filter(~Exists(alive), created_at__lt=before).delete()[0]


def drop_unconfirmed_addresses(before: datetime) -> int:
    """Second addresses that were never confirmed; the person was last here (or came) before."""
    seen = Q(user__last_login__lt=before) | Q(user__last_login__isnull=True, user__joined_at__lt=before)
    return EmailAddress.objects.filter(seen, verified=False, primary=False).delete()[0]


def drop_unconfirmed_accounts(before: datetime) -> int:
    """Accounts that nobody ever signed in to. Staff who were invited are not citizens who changed their mind."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    belongs = Membership.objects.filter(person=OuterRef("pk"))
    stale = Person.objects.filter(
        ~Exists(confirmed), ~Exists(belongs), joined_at__lt=before, last_login__isnull=True, erased_at__isnull=True
    )
    return _delete_what_nothing_needs(list(stale[:AT_ONCE]))


def drop_shells(before: datetime) -> int:
    """Erased accounts: a shell to which nothing points any more."""
    return _delete_what_nothing_needs(list(Person.objects.filter(erased_at__lt=before)[:AT_ONCE]))


def _delete_what_nothing_needs(people: list[Person]) -> int:
    gone = 0
    for person in people:
        try:
            with transaction.atomic():
                person.delete()
                gone += 1
        except DatabaseError:
            continue  # another module's rows still need the number
    return gone


for key, what, days, purge in (
    ("people.sessions", _("Anmeldungen (Sitzungen) nach ihrem Ablauf"), 1, end_sessions),
    ("people.unconfirmed_addresses", _("Nicht bestätigte weitere E-Mail-Adressen"), 7, drop_unconfirmed_addresses),
    ("people.unconfirmed_accounts", _("Konten, die nie bestätigt wurden"), 7, drop_unconfirmed_accounts),
    ("people.shells", _("Leere Hüllen gelöschter Konten (nur eine Nummer)"), 3 * 365, drop_shells),
):
    retention_rules.add(RetentionRule(key=key, what=what, keep=timedelta(days=days), purge=purge))
