"""Web push (RFC 8030, payload RFC 8291): a title and an address, encrypted for the browser.

A bundle is one message that says how many. It counts as delivered when one device of the contact took it.
"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from django.conf import settings
from django.utils import translation
from django.utils.translation import ngettext
from pywebpush import WebPushException, webpush

from stadtkern.core import outbound
from stadtkern.threads.domain import vapid
from stadtkern.threads.domain.carriers import Carrier, Given, GiveUp, NotNow, NotWanted, carriers
from stadtkern.threads.domain.conversation import language_of
from stadtkern.threads.domain.subscribing import mark_gone
from stadtkern.threads.models import Contact, PushSubscription

KEPT_FOR = 24 * 3600  # seconds the push service holds it for a sleeping phone
PATIENCE = 10  # seconds
GONE, TOO_MANY, SERVER_ERROR = {404, 410}, 429, 500
LONGEST_WAIT = timedelta(days=1)


def carry(contact: Contact, given: Given) -> None:
    """One message to every device of the contact."""
    devices = list(contact.push_subscriptions.filter(gone_at=None).order_by("pk"))
    answers = [_send(device, payload(contact, given)) for device in devices]
    if None in answers:
        return
    later = [answer for answer in answers if isinstance(answer, NotNow)]
    never = [answer for answer in answers if isinstance(answer, GiveUp)]
    raise (later or never or [NotWanted("kein Gerät mehr angemeldet")])[0]


def payload(contact: Contact, given: Given) -> str:
    told = given[-1].notification
    title, url = told.title, told.url or "/mitteilungen/"
    if len(given) > 1:
        with translation.override(language_of(contact)):
            title = ngettext("%(count)d neue Mitteilung", "%(count)d neue Mitteilungen", len(given))
        title, url = title % {"count": len(given)}, "/mitteilungen/"
    return json.dumps({"title": title, "url": url}, ensure_ascii=False)


def _send(device: PushSubscription, data: str) -> Exception | None:
    """None when the push service took it, else what it means that it did not."""
    info: dict[str, Any] = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
    with outbound.session() as session:
        try:
            webpush(
                info,
                data=data,
                vapid_private_key=vapid.private_key(),
                vapid_claims={"sub": f"mailto:{settings.MAIL_FROM}"},
                ttl=KEPT_FOR,
                headers={"urgency": "normal"},
                timeout=PATIENCE,
                requests_session=session,
            )
        except WebPushException as error:
            return _meaning(device, error)
        except outbound.NotPublic:
            return GiveUp("Push-Dienst: keine öffentliche Adresse")
        except (requests.ConnectionError, requests.Timeout) as error:
            return NotNow(f"Push-Dienst nicht erreichbar ({type(error).__name__})")
        except (requests.RequestException, ValueError, TypeError) as error:
            return GiveUp(f"Push-Dienst: {type(error).__name__}")
    return None


def _meaning(device: PushSubscription, error: WebPushException) -> Exception:
    status = error.status_code or 0
    if status in GONE:
        mark_gone(device)
        return NotWanted(f"Gerät abgemeldet ({status})")
    if status == TOO_MANY or status >= SERVER_ERROR:
        return NotNow(f"Push-Dienst antwortet {status}", _wait(error.retry_after))
    return GiveUp(f"Push-Dienst lehnt ab ({status})")


def _wait(retry_after: str | None) -> timedelta | None:
    """Retry-After (RFC 9110): seconds or a date."""
    if not retry_after:
        return None
    try:
        until = parsedate_to_datetime(retry_after) if not retry_after.isdigit() else None
    except ValueError:
        return None
    wait = until - datetime.now(UTC) if until else timedelta(seconds=int(retry_after))
    return max(min(wait, LONGEST_WAIT), timedelta(seconds=1))


carriers.add(Carrier(key="push", carry=carry))
