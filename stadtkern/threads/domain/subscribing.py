"""Browsers that agreed to web push."""

import base64
import binascii
import ipaddress
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.threads.models import Contact, PushSubscription

MOST_DEVICES = 10
P256DH_BYTES, AUTH_BYTES = 65, 16


@transaction.atomic
def subscribe(contact: Contact, *, endpoint: str, p256dh: str, auth: str) -> PushSubscription:
    """Keep a subscription as the browser gave it; an endpoint belongs to the contact that brought it last."""
    _check(endpoint, p256dh, auth)
    row, _made = PushSubscription.objects.update_or_create(
        endpoint=endpoint, defaults={"contact": contact, "p256dh": p256dh, "auth": auth, "gone_at": None}
    )
    known = contact.push_subscriptions.order_by("-created_at", "-pk").values_list("pk", flat=True)
    PushSubscription.objects.filter(pk__in=list(known[MOST_DEVICES:])).delete()
    return row


def unsubscribe_device(contact: Contact, endpoint: str) -> bool:
    return bool(contact.push_subscriptions.filter(endpoint=endpoint).delete()[0])


def mark_gone(subscription: PushSubscription) -> None:
    subscription.gone_at = timezone.now()
    subscription.save(update_fields=["gone_at"])


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    faults = {}
    if not is_push_service(endpoint):
        faults["endpoint"] = _("Das ist keine Adresse eines Push-Dienstes.")
    if _length(p256dh) != P256DH_BYTES:
        faults["p256dh"] = _("Der Schlüssel des Browsers fehlt oder ist beschädigt.")
    if _length(auth) != AUTH_BYTES:
        faults["auth"] = _("Das Kennwort des Browsers fehlt oder ist beschädigt.")
    if faults:
        raise BadInput(fields=faults)


def is_push_service(endpoint: str) -> bool:
    """A public https address by name: we never call into our own network for somebody outside."""
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https" or port not in {None, 443} or parts.username or len(endpoint) > 600:
        return False
    return "." in host and not _is_address(host) and not host.endswith((".local", ".internal", ".localhost", ".lan"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.replace(".", "").isdigit()
    return True


def _length(text: str) -> int:
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return 0
