"""Double opt-in: an address belongs to a contact once its owner pressed the button behind the mailed link."""

from datetime import datetime, timedelta
from functools import reduce

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core import secrets
from stadtkern.core.city import city
from stadtkern.core.events import emit
from stadtkern.core.jobs import job
from stadtkern.core.limits import spend
from stadtkern.core.mail import compose
from stadtkern.core.problems import NotFound
from stadtkern.threads.domain.audience import EVERY_TOPIC
from stadtkern.threads.domain.delivering import deliver_due
from stadtkern.threads.domain.due import due, quicker, quiet_of, slower
from stadtkern.threads.domain.links import absolute
from stadtkern.threads.domain.merging import absorb
from stadtkern.threads.events import ContactConfirmed
from stadtkern.threads.models import Contact, Delivery, Notification
from stadtkern.threads.words import Channel, Pace

SIGNER = signing.TimestampSigner(salt="threads.confirm", sep=".")
LIFE = timedelta(days=7)
MOST_ASKED = 5
PER = timedelta(days=1)


def confirm_path(contact: Contact) -> str:
    """The link of the confirmation mail; it opens a page with a button (link scanners press none)."""
    return f"/mitteilungen/bestaetigen/{SIGNER.sign(secrets.token('confirm', contact.pk, contact.nonce))}/"


def contact_to_confirm(token: str, *, however_old: bool = False) -> Contact:
    """The contact a confirmation link speaks of.

    Raises signing.SignatureExpired when it is older than 7 days, NotFound when it is forged or of no use any more.
    """
    try:
        text = SIGNER.unsign(token, max_age=None if however_old else LIFE)
    except signing.SignatureExpired:
        raise
    except signing.BadSignature as error:
        raise NotFound(_("Dieser Link stimmt nicht. Bitte kopieren Sie ihn vollständig aus der E-Mail.")) from error
    id = secrets.id_in(text)
    contact = Contact.objects.select_related("merged_into").filter(pk=id).first() if id is not None else None
    if contact is None or not secrets.matches(text, purpose="confirm", id=contact.pk, nonce=contact.nonce):
        raise NotFound(_("Diesen Link brauchen wir nicht mehr: Die Angaben dazu sind gelöscht."))
    return contact


@transaction.atomic
def confirm(token: str) -> Contact:
    """The owner says yes. Earlier confirmed contacts of the address and this one become one."""
    found = contact_to_confirm(token)
    if found.merged_into is not None:
        return found.merged_into
    contact = Contact.objects.select_for_update().get(pk=found.pk)
    if contact.confirmed_at is None:
        contact.confirmed_at = timezone.now()
        contact.save(update_fields=["confirmed_at"])
        emit(ContactConfirmed(contact_id=contact.pk))
    stays = _united(contact)
    _catch_up(stays)
    return stays


def _united(contact: Contact) -> Contact:
    same = Contact.objects.filter(email__iexact=contact.email, person=None, merged_into=None)
    known = same.filter(confirmed_at__isnull=False).select_for_update().order_by("pk").first()
    return absorb(known, contact) if known else contact


def _catch_up(contact: Contact) -> None:
    """Mail what was told before the address was confirmed, in the contact's own rhythm, as one letter."""
    declined = set(contact.choices.filter(channel=Channel.EMAIL, wanted=False).values_list("topic", flat=True))
    if EVERY_TOPIC in declined:
        return
    unread = contact.notifications.filter(read_at=None, created_at__gte=timezone.now() - LIFE)
    missed = unread.exclude(deliveries__channel=Channel.EMAIL).exclude(topic__in=declined)
    now = timezone.now()
    ways = [_way(contact, notification, now) for notification in missed.select_related("thread")[:100]]
    Delivery.objects.bulk_create(ways)
    if any(way.due_at <= now for way in ways):
        deliver_due.defer(contact_id=contact.pk, channel=str(Channel.EMAIL))


def _way(contact: Contact, notification: Notification, now: datetime) -> Delivery:
    pace = slower(contact.pace, _pace_of(contact, notification))
    quiet = quiet_of(Channel.EMAIL, contact.quiet_from, contact.quiet_until)
    moment = due(now, pace=pace, quiet=quiet)
    return Delivery(notification=notification, channel=Channel.EMAIL, pace=pace, due_at=moment)


def _pace_of(contact: Contact, notification: Notification) -> Pace:
    """One's own matter is told at once; what was followed, as soon as the quickest of the wishes says."""
    thread = notification.thread
    if thread is None or contact.parts.filter(thread=thread).exists():
        return Pace.NOW
    return reduce(quicker, contact.follows.values_list("pace", flat=True), Pace.WEEKLY)


def ask_to_confirm(contact: Contact) -> None:
    """Queue the confirmation mail, the only thing an unconfirmed address gets besides its receipt."""
    spend("threads.confirm", contact.email, most=MOST_ASKED, per=PER)
    send_confirmation.defer(contact_id=contact.pk)


@job("threads.send_confirmation", retry=8)
def send_confirmation(contact_id: int) -> None:
    """Write the mail now, so that no address stands in the queue."""
    contact = Contact.objects.filter(pk=contact_id, confirmed_at=None, merged_into=None).exclude(email="").first()
    if contact is None:
        return
    follows = [wish.label or wish.value for wish in contact.follows.all()[:20]]
    context = {"city": city().name, "confirm_url": absolute(confirm_path(contact)), "follows": follows}
    headers = {"Auto-Submitted": "auto-generated"}
    template = "threads/mail/confirm"
    compose(template, to=contact.email, context=context, language=contact.language, headers=headers).send()
