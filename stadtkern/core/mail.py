"""Mail: a template, a plain context, a job that is retried until the server took it or the letter is too late.

The queue holds no address and no word of a letter: both are sealed with a key derived from the secret key. What
could not be sent is kept a few days for operators (`own_rules`) and goes at once with the person it was for.
"""

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation

from stadtkern.core import secrets
from stadtkern.core.jobs import job

log = logging.getLogger(__name__)
TASK, SEAL, WHOM = "core.mail", "core.mail", "core.mail.whom"
OVER = """
delete from procrastinate_jobs where task_name = %s and status in ('failed', 'cancelled', 'aborted')
and not exists (select 1 from procrastinate_events where job_id = procrastinate_jobs.id and at >= %s)
"""
OF_SOMEBODY = "delete from procrastinate_jobs where task_name = %s and status <> 'doing' and args->>'whom' = %s"


def send(
    template: str,
    *,
    to: str,
    context: dict[str, Any],
    language: str = "de",
    headers: dict[str, str] | None = None,
    within: timedelta | None = None,
) -> None:
    """Queue one mail in the open transaction. `template` is like "threads/mail/notification".

    `within`: after that long the letter is of no use any more (a code) and is dropped instead of sent.
    """
    letter = {"to": to, "context": context, "headers": headers or {}}
    sealed = secrets.box(SEAL).encrypt(json.dumps(letter, cls=DjangoJSONEncoder).encode()).decode()
    until = (timezone.now() + within).isoformat() if within else ""
    post.defer(template=template, sealed=sealed, whom=_whom(to), language=language, until=until)


@job(TASK, retry=10)
def post(template: str, sealed: str, whom: str, language: str, until: str) -> None:
    """Hand one mail to the server; an error leaves the job to be tried again."""
    if until and timezone.now() > datetime.fromisoformat(until):
        log.warning("a letter was dropped, it came too late: %s", template)
        return
    letter = json.loads(secrets.box(SEAL).decrypt(sealed))
    compose(template, language=language, **letter).send()


def compose(
    template: str, *, to: str, context: dict[str, Any], language: str, headers: dict[str, str]
) -> EmailMultiAlternatives:
    """The first line of `<template>.txt` is the subject; `<template>.html` is optional."""
    with translation.override(language):
        subject, _, body = render_to_string(f"{template}.txt", context).strip().partition("\n")
        letter = EmailMultiAlternatives(subject.strip(), body.strip() + "\n", to=[to], headers=headers)
        with suppress(TemplateDoesNotExist):
            letter.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return letter


def forget(before: datetime) -> int:
    """Letters that were given up before; returns how many."""
    return _delete(OVER, before)


def forget_address(address: str) -> int:
    """Letters to this address that wait, failed or were sent; returns how many."""
    return _delete(OF_SOMEBODY, _whom(address))


def _delete(statement: str, *given: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [TASK, *given])
        return int(cursor.rowcount)


def _whom(address: str) -> str:
    return secrets.digest(WHOM, address.lower())
