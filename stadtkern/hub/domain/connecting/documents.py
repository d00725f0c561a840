"""Documents from outside: fetched whole; JSON parsed once, with faults that say what came instead."""

from typing import Any

import orjson
from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.addresses import headers_of
from stadtkern.hub.domain.connecting.port import Answer, Fetching, SourceFault

MOST_BYTES = 50_000_000  # of one document, whole in memory


def document(fetching: Fetching, url: str, *, conditional: bool = False) -> Any:
    """The JSON at an address; None when the source says that nothing is new. Raises SourceFault."""
    headers = {"Accept": "application/json"} | headers_of(fetching.config, url)
    answer = fetching.asking.get(url, headers=headers, conditional=conditional)
    return _parsed(whole(answer)) if answer.changed else None


def whole(answer: Answer) -> bytes:
    """A body that has to be in memory as a whole; raises SourceFault when it is too large for that."""
    answer.file.seek(0)
    body = answer.file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise SourceFault(_("Die Antwort ist größer als %(most)d MB.") % {"most": MOST_BYTES // 1_000_000})
    return body


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        start = body[:60].decode("utf-8", "replace")
        raise SourceFault(
            _("Die Antwort ist kein JSON (Stelle %(place)d). Sie beginnt so: %(start)s")
            % {"place": error.pos, "start": start}
        ) from error


def listed(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list inside a document; raises SourceFault when there is no such list."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise SourceFault(_("In der Antwort fehlt die Liste „%(name)s“.") % {"name": name})
    return [one for one in found if isinstance(one, dict)]
