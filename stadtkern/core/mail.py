"""Mail: a template, a plain context, a job that is retried until the server took it."""

from contextlib import suppress
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation

from stadtkern.core.jobs import job


def send(
    template: str,
    *,
    to: str,
    context: dict[str, Any],
    language: str = "de",
    headers: dict[str, str] | None = None,
) -> None:
    """Queue one mail in the open transaction. `template` is like "threads/mail/notification"."""
    post.defer(template=template, to=to, context=context, language=language, headers=headers or {})


@job("core.mail", retry=10)
def post(template: str, to: str, context: dict[str, Any], language: str, headers: dict[str, str]) -> None:
    """Hand one mail to the server; an error leaves the job to be tried again."""
    compose(template, to=to, context=context, language=language, headers=headers).send()


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
