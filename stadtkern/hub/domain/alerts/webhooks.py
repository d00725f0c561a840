"""Webhooks: signed as the Standard Webhooks specification (1.0) says, tried again with growing pauses, kept in a log.

Headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`: "v1," and the base64 of the
HMAC-SHA256 over `id.timestamp.body` with the rule's secret. The id stays the same for every try and replay, so a
receiver tells repeats apart. Only public addresses are called (core.outbound), redirects are not followed.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets as random
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from stadtkern.core import outbound, secrets
from stadtkern.core.jobs import job
from stadtkern.core.problems import BadInput
from stadtkern.hub.models import AlertDelivery, AlertRule

log = logging.getLogger(__name__)
State = AlertDelivery.State
SEAL, PREFIX = "hub.alert_webhook", "whsec_"
TRIES, TIMEOUT, MOST_READ = 9, 10, 300  # tries over about nine hours; seconds; letters of an answer that are kept
GONE = 410  # the receiver wants nothing more
NEVER = -1  # no try will ever get through


def new_secret() -> str:
    """A secret as the specification writes it; the caller shows it once."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def sealed(secret: str) -> str:
    return secrets.box(SEAL).encrypt(secret.encode()).decode()


def check_address(url: str) -> None:
    """Raises BadInput when it is no http(s) address of the public internet (as far as that is known now)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("https", "http"):
        raise BadInput(fields={"webhook_url": _("Das ist keine Webadresse.")})
    try:
        outbound.addresses(host, port)
    except outbound.NotPublic as error:
        raise BadInput(fields={"webhook_url": _("Diese Adresse liegt nicht im öffentlichen Netz.")}) from error
    except OSError as error:
        raise BadInput(fields={"webhook_url": _("Diesen Namen gibt es nicht.")}) from error


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def send_soon(delivery: AlertDelivery) -> None:
    """In the open transaction."""
    send.defer(delivery_id=delivery.pk)


@job("hub.webhook", retry=3)
def send(delivery_id: int) -> None:
    """Send one delivery if it is due; what fails waits for the clock."""
    delivery = _claim(delivery_id)
    if delivery is not None:
        _settle(delivery, *_post(delivery))


def send_due(most: int = 500) -> int:
    """One job for each delivery whose pause is over."""
    due = AlertDelivery.objects.filter(way=AlertDelivery.Way.WEBHOOK, state=State.WAITING, due_at__lte=timezone.now())
    ids = list(due.order_by("due_at").values_list("pk", flat=True)[:most])
    jobs: list[Any] = [{"delivery_id": id} for id in ids]
    if jobs:
        send.batch_defer(*jobs)
    return len(ids)


@transaction.atomic
def replay(delivery_ids: list[int]) -> int:
    """Somebody wants these sent (again), under the same id; returns how many that were not on their way."""
    ended = AlertDelivery.objects.filter(
        pk__in=delivery_ids, way=AlertDelivery.Way.WEBHOOK, state__in=(State.FAILED, State.SENT)
    )
    ids = list(ended.select_for_update().values_list("pk", flat=True))
    AlertDelivery.objects.filter(pk__in=ids).update(state=State.WAITING, tries=0, due_at=timezone.now())
    for id in ids:
        send.defer(delivery_id=id)
    return len(ids)


@transaction.atomic
def _claim(delivery_id: int) -> AlertDelivery | None:
    waiting = AlertDelivery.objects.filter(pk=delivery_id, state=State.WAITING, due_at__lte=timezone.now())
    if not waiting.update(state=State.SENDING, claimed_at=timezone.now(), tries=F("tries") + 1):
        return None
    return AlertDelivery.objects.select_related("rule").get(pk=delivery_id)


def _post(delivery: AlertDelivery) -> tuple[int, str]:
    """Status (0: nobody answered, or NEVER) and what was said."""
    body = json.dumps(delivery.body, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        headers = _headers(delivery.rule, delivery.pk, body)
        with outbound.session() as session:
            answer = session.post(
                delivery.target, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
            return answer.status_code, _said(answer)
    except outbound.NotPublic:
        return NEVER, "not a public address"
    except InvalidToken:  # the webhook was taken off meanwhile, or the installation has another key
        return NEVER, "no secret to sign with"
    except (requests.RequestException, OSError, ValueError) as error:
        return 0, f"{type(error).__name__}: {error}"


def _said(answer: requests.Response) -> str:
    """The beginning of the answer, as far as it comes at once: the status alone counts."""
    try:
        said: bytes = answer.raw.read1(MOST_READ, decode_content=True)
    except (HTTPError, OSError):
        return ""
    return said.decode(errors="replace")


def _headers(rule: AlertRule, id: int, body: bytes) -> dict[str, str]:
    secret = secrets.box(SEAL).decrypt(rule.webhook_secret).decode()
    name, at = f"hub-alert-{id}", int(timezone.now().timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Stadtkern",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret, name, at, body),
    }


def _settle(delivery: AlertDelivery, status: int, said: str) -> None:
    now = timezone.now()
    delivery.answer = (f"{status} {said}" if status > 0 else said).replace("\x00", "")[:MOST_READ]
    delivery.claimed_at = None
    if 200 <= status < 300:
        delivery.state, delivery.sent_at = State.SENT, now
    elif status in (GONE, NEVER) or delivery.tries >= TRIES:
        delivery.state = State.FAILED
    else:
        delivery.state, delivery.due_at = State.WAITING, now + pause(delivery.tries)
    delivery.save(update_fields=["answer", "claimed_at", "state", "sent_at", "due_at"])


def pause(tries: int) -> timedelta:
    """1, 2, 4 ... minutes, at most four hours."""
    return timedelta(minutes=min(2 ** (tries - 1), 240))
