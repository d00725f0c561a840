"""Decode a payload with a decoder of the table, or with what the network server has decoded already."""

from typing import Any

from django.utils.translation import gettext as _

from stadtkern.hub.domain.decoders import layout_reading, sandbox
from stadtkern.hub.domain.decoders.layout import BadLayout
from stadtkern.hub.domain.decoders.layout_parsing import parse
from stadtkern.hub.domain.decoders.payload import Payload, Reading, Undecodable
from stadtkern.hub.models import Decoder


def decode(decoder: Decoder, payload: Payload) -> list[Reading]:
    """The message's own values first, then readings with a time of their own.

    Raises Undecodable; SandboxBroken when it is worth another try.
    """
    if decoder.language == Decoder.Language.SCRIPT:
        return [Reading(_data_of(sandbox.pool.run(decoder.script, payload)))]
    try:
        layout = parse(decoder.layout)
    except BadLayout as error:
        raise Undecodable(_("Die Feldliste ist fehlerhaft: %s") % error) from error
    return layout_reading.read(layout, payload)


def check(decoder: Decoder) -> None:
    """Before it is saved. Raises BadLayout; a script is only tried with a payload (`decode`)."""
    if decoder.language == Decoder.Language.LAYOUT:
        parse(decoder.layout)


def _data_of(returned: Any) -> dict[str, Any]:
    """What decodeUplink returns: {data, warnings, errors} (The Things Stack, ChirpStack v4)."""
    if not isinstance(returned, dict):
        raise Undecodable(_("Das Skript gibt kein Objekt zurück."))
    if errors := returned.get("errors"):
        said = "; ".join(map(str, errors)) if isinstance(errors, list) else str(errors)
        raise Undecodable(_("Das Skript meldet einen Fehler: %s") % said[:600])
    data = returned.get("data")
    if not isinstance(data, dict):
        raise Undecodable(_("Das Skript gibt keine Werte zurück (data fehlt)."))
    return data
