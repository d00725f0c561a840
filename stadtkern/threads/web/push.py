"""Web push: a browser signs on and off (called by assets/behaviours/push.js)."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput
from stadtkern.core.web.client_address import client_address
from stadtkern.threads.domain.subscribing import subscribe, unsubscribe_device
from stadtkern.threads.web.parts import contact_of, contact_or_new

MOST_PER_HOUR = 30
LARGEST = 4_000


@require_POST
def sign_on(request: HttpRequest) -> HttpResponse:
    """The body is the browser's PushSubscription as JSON."""
    spend("threads.push", client_address(request), most=MOST_PER_HOUR, per=timedelta(hours=1))
    given = _body(request)
    keys = given.get("keys")
    keys = keys if isinstance(keys, dict) else {}
    subscribe(
        contact_or_new(request),
        endpoint=str(given.get("endpoint", "")),
        p256dh=str(keys.get("p256dh", "")),
        auth=str(keys.get("auth", "")),
    )
    return HttpResponse(status=204)


@require_POST
def sign_off(request: HttpRequest) -> HttpResponse:
    contact = contact_of(request)
    if contact is not None:
        unsubscribe_device(contact, str(_body(request).get("endpoint", "")))
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        given = json.loads(request.body[:LARGEST])
    except ValueError as error:
        raise BadInput(_("Das ist kein JSON.")) from error
    if not isinstance(given, dict):
        raise BadInput(_("Erwartet wird ein JSON-Objekt."))
    return given
