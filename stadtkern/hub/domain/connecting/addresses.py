"""Addresses to ask: the period to put into them, and the header that opens them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.port import ConfigField, Fetching

USUAL_PERIOD = timedelta(days=1)

URL = ConfigField(key="url", label=gettext_lazy("Adresse"), kind="url", required=True)
URL_OF_A_PERIOD = replace(
    URL,
    help=gettext_lazy(
        "{since} und {until} werden durch den Zeitraum ersetzt, {since_date} und {until_date} durch Tage."
    ),
)
HEADER_FIELDS = (
    ConfigField(
        key="header_name",
        label=gettext_lazy("Kopfzeile für den Zugang"),
        help=gettext_lazy("Zum Beispiel Authorization oder X-Api-Key; leer, wenn jeder lesen darf."),
    ),
    ConfigField(
        key="header_value",
        label=gettext_lazy("Inhalt der Kopfzeile"),
        kind="secret",
        help=gettext_lazy("Wird verschlüsselt gespeichert und nie wieder gezeigt."),
    ),
)


def headers_of(config: Mapping[str, Any], url: str) -> dict[str, str]:
    """The header that opens the source, for its own host only: a link to another one may come from anybody."""
    name, value = config.get("header_name", ""), config.get("header_value", "")
    is_own = _origin(url) == _origin(config.get("url", ""))
    return {name: value} if name and value and is_own else {}


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # a link that is none
        return "", ""
    return parts.scheme, parts.netloc


def with_period(url: str, fetching: Fetching) -> str:
    """The address with the wanted period in it: the gap's, or the last day."""
    if "{" not in url:
        return url
    until = fetching.until or fetching.now
    since = fetching.since or until - USUAL_PERIOD
    places = {"{since}": _text(since), "{until}": _text(until)}
    places |= {"{since_date}": _day(since, fetching), "{until_date}": _day(until, fetching)}
    for place, text in places.items():
        url = url.replace(place, text)
    return url


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(moment: datetime, fetching: Fetching) -> str:
    return moment.astimezone(fetching.zone).date().isoformat()
