"""Try a decoder on one message before anybody relies on it: what comes out, or which step fails, and where."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.decoders.decoding import decode
from stadtkern.hub.domain.decoders.payload import Payload, Reading, Undecodable
from stadtkern.hub.domain.decoders.sandbox import SandboxBroken
from stadtkern.hub.models import Decoder

MOST_BYTES = 1_000
MOST_LEAVES = 200
HEX, BASE64 = "hex", "base64"
BESIDE_HEX = re.compile(r"0[xX]|[\s:,;-]")
NO_HEX = re.compile(r"[^0-9A-Fa-f]")
LINE = re.compile(r"<input>:(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one message. `readings`: path -> value, the message's own first, then those with their own time.

    `error`: why nothing came; then `at` is the byte it is about, or `line` the line of the script with its `text`.
    """

    data: bytes = b""
    port: int = 0
    readings: Sequence[Mapping[str, Any]] = ()
    error: str = ""
    at: int | None = None
    line: int | None = None
    text: str = ""

    @property
    def values(self) -> Mapping[str, Any]:
        """Every path that occurs, with its first value."""
        found: dict[str, Any] = {}
        for reading in self.readings:
            found |= {path: value for path, value in reading.items() if path not in found}
        return found

    @property
    def octets(self) -> list[tuple[int, str]]:
        """Place and hexadecimal digits of each byte."""
        return [(place, f"{octet:02x}") for place, octet in enumerate(self.data)]


def try_out(decoder: Decoder, data: bytes, *, port: int = 0) -> Trial:
    """Decode as a message of now would be; never raises for what a decoder does wrong."""
    try:
        readings = decode(decoder, Payload(data, port, clock.now()))
    except Undecodable as error:
        line = _line(decoder, str(error))
        told = LINE.sub("", str(error)).replace("()", "").strip() if line else str(error)
        text = _text_of(decoder, line)
        return Trial(data=data, port=port, error=told, at=error.at, line=line, text=text)
    except SandboxBroken:
        return Trial(data=data, port=port, error=_("Skripte laufen gerade nicht. Bitte sagen Sie es dem Betrieb."))
    return Trial(data=data, port=port, readings=shown(readings))


def shown(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """The values of each reading by path; readings without any are left out."""
    return [found for reading in readings if (found := leaves(reading.values))]


def leaves(values: Any) -> dict[str, Any]:
    """Path -> value ("air.temperature", "channels.0"), as a device's fields name them; the first 200."""
    found: dict[str, Any] = {}
    for path, value in _walk(values, ""):
        if len(found) >= MOST_LEAVES:
            break
        found[path] = value
    return found


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _walk(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _walk(part, f"{path}.{place}" if path else str(place))
    elif path:
        yield path, value


def typed_bytes(text: str, coding: str = "") -> bytes:
    """Bytes as people copy them: hexadecimal (spaces, colons, 0x allowed) or base64; "" finds out which.

    Raises BadInput that names the character at fault.
    """
    bare = BESIDE_HEX.sub("", text)
    is_hex = coding == HEX or (not coding and not NO_HEX.search(bare) and len(bare) % 2 == 0)
    data = _from_hex(text, bare) if is_hex else _from_base64(text)
    if len(data) > MOST_BYTES:
        raise _wrong(_("Das sind %(count)s Bytes; höchstens %(most)s.") % {"count": len(data), "most": MOST_BYTES})
    return data


def _from_hex(text: str, bare: str) -> bytes:
    if stranger := NO_HEX.search(bare):
        place = text.index(stranger.group()) + 1
        told = {"place": place, "sign": stranger.group()}
        raise _wrong(_("Zeichen %(place)s: „%(sign)s“ ist keine Hex-Ziffer (0–9, a–f).") % told)
    if len(bare) % 2:
        raise _wrong(_("Ein Byte sind zwei Hex-Ziffern; hier sind es %(count)s Ziffern.") % {"count": len(bare)})
    return bytes.fromhex(bare)


def _from_base64(text: str) -> bytes:
    bare = "".join(text.split())
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(_("Das ist weder Hex noch Base64. Fehlt am Anfang oder Ende ein Zeichen?")) from error


def _wrong(reason: str) -> BadInput:
    return BadInput(fields={"payload": reason})


def _line(decoder: Decoder, said: str) -> int | None:
    """The line of the script at fault; one behind its end is a line of the call that we add."""
    found = LINE.search(said) if decoder.language == Decoder.Language.SCRIPT else None
    line = int(found.group(1)) if found else 0
    return line if 1 <= line <= len(decoder.script.splitlines()) else None


def _text_of(decoder: Decoder, line: int | None) -> str:
    return decoder.script.splitlines()[line - 1].strip()[:200] if line else ""
