"""The settings of a connector: checked by the fields of its kind; secrets are taken out and closed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.core.secrets import box
from stadtkern.hub.domain.connecting.numbers import NoNumber, with_comma
from stadtkern.hub.domain.connecting.port import ConfigField, ConnectorKind

PURPOSE = "hub.connector"
SCHEMES = ("http", "https")
LONGEST = 2_000


def checked(kind: ConnectorKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they are kept, defaults filled in; raises BadInput that names every wrong field."""
    faults: dict[str, Any] = {}
    config = {}
    for one in kind.fields:
        try:
            config[one.key] = _clean(one, given.get(one.key))
        except ValueError as error:
            faults[one.key] = str(error)
    known = {one.key for one in kind.fields}
    if strange := sorted(set(given) - known):
        faults[strange[0]] = _("Diese Einstellung kennt „%(kind)s“ nicht.") % {"kind": kind.key}
    faults = faults or dict(kind.check(config))
    if faults:
        raise BadInput(_("Die Einstellungen sind nicht brauchbar."), fields=faults)
    return config


def checked_parts(kind: ConnectorKind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Just the given settings, each for itself: a draft is not whole yet. Raises BadInput."""
    fields = {one.key: replace(one, required=False) for one in kind.fields if one.key in given}
    return checked(replace(kind, fields=tuple(fields.values()), check=lambda config: {}), given)


def parted(kind: ConnectorKind, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(what may be shown, what is secret)."""
    secret = {one.key for one in kind.fields if one.kind == "secret"}
    return (
        {key: value for key, value in config.items() if key not in secret},
        {key: str(value) for key, value in config.items() if key in secret and value},
    )


def closed(secrets: Mapping[str, str]) -> str:
    """Secrets as they lie in the table; empty when there are none."""
    return box(PURPOSE).encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def opened(sealed: str) -> dict[str, str]:
    """The secrets again; BadInput when the installation's secret key is another one now."""
    if not sealed:
        return {}
    try:
        return dict(json.loads(box(PURPOSE).decrypt(sealed.encode())))
    except InvalidToken as error:
        raise BadInput(
            _("Die Zugangsdaten lassen sich nicht mehr öffnen: Der Schlüssel der Installation hat sich geändert.")
        ) from error


def _clean(one: ConfigField, value: Any) -> Any:
    """Raises ValueError with words for the person."""
    if value in (None, "", []):
        if one.required:
            raise ValueError(_("Das wird gebraucht."))
        return one.default
    return CLEANERS.get(one.kind, _text)(one, value)


def _text(one: ConfigField, value: Any) -> str:
    text = str(value).strip()
    if len(text) > LONGEST:
        raise ValueError(_("Das ist zu lang."))
    return text


def _url(one: ConfigField, value: Any) -> str:
    text = _text(one, value)
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(_("Eine Adresse beginnt mit http:// oder https://."))
    if parts.username or parts.password:
        raise ValueError(_("Zugangsdaten gehören nicht in die Adresse, sondern in das Feld dafür."))
    return text


def _choice(one: ConfigField, value: Any) -> str:
    if str(value) not in {key for key, _label in one.choices}:
        raise ValueError(_("Das steht nicht zur Wahl."))
    return str(value)


def _number(one: ConfigField, value: Any) -> float:
    try:
        return with_comma(value)
    except NoNumber:
        raise ValueError(_("Das ist keine Zahl.")) from None


def _flag(one: ConfigField, value: Any) -> bool:
    return value in (True, "true", "on", "yes", "1")


def _list(one: ConfigField, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > LONGEST:
        raise ValueError(_("Das ist keine Liste."))
    return value


CLEANERS = {"url": _url, "choice": _choice, "number": _number, "flag": _flag, "list": _list}
