"""The way out to a source: bounded in time, size and redirects, to public addresses only, and asking for news only."""

import hashlib
import io
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3.exceptions as urllib3
from django.utils.translation import gettext as _

from stadtkern.core import clock, outbound
from stadtkern.hub.domain.connecting.port import SourceFault

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS = 10, 30, 300
MOST_BYTES = 200_000_000
MOST_REDIRECTS = 5
IN_MEMORY = 2_000_000
CHUNK = 65_536
MOVED = {301, 302, 303, 307, 308}
AGENT = "Stadtkern"
LONGEST_WAIT = 6 * 3600
OPEN_NO_DOOR = {"Accept", "If-None-Match", "If-Modified-Since"}  # headers that any host may see
LATE = (requests.exceptions.Timeout, urllib3.TimeoutError)
BROKEN = (requests.exceptions.RequestException, urllib3.HTTPError)


@dataclass(slots=True)
class Body:
    """An answer's body in a file of our own; see port.Answer."""

    changed: bool
    file: BinaryIO
    url: str
    content_type: str = ""

    def read(self) -> bytes:
        self.file.seek(0)
        return self.file.read()


@dataclass(slots=True)
class HttpAsking:
    """See port.Asking. `known`: what an earlier run remembered of each address (etag, last-modified, digest of a body).

    `memory`: what this run remembers of those it asked; what is never asked again is forgotten.
    """

    session: requests.Session
    known: Mapping[str, dict[str, str]] = field(default_factory=dict)
    memory: dict[str, dict[str, str]] = field(default_factory=dict)
    most_bytes: int = MOST_BYTES
    most_seconds: float = ALL_SECONDS

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, conditional: bool = False) -> Body:
        known = self.known.get(url, {}) if conditional else {}
        end = time.monotonic() + self.most_seconds
        with self._follow(url, {**(headers or {}), **_conditions(known)}) as response:
            if response.status_code == requests.codes.not_modified:
                self.memory[url] = known
                return Body(False, io.BytesIO(), response.url or url)
            _refuse(response)
            file, digest = self._kept(response, end)
        body = Body(True, file, response.url or url, response.headers.get("Content-Type", ""))
        if conditional:
            body.changed = digest != known.get("digest")
            self.memory[url] = _remembered(response, digest)
        return body

    def _follow(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Redirects by hand: every hop is looked at, and another host gets none of the headers that open doors."""
        first = url
        for _hop in range(MOST_REDIRECTS + 1):
            shown = headers.keys() if _is_as_safe(first, url) else headers.keys() & OPEN_NO_DOOR
            response = self._ask(url, {"User-Agent": AGENT} | {name: headers[name] for name in shown})
            goal = response.headers.get("Location", "")
            if response.status_code not in MOVED or not goal:
                return response
            response.close()
            url = _parts(url, goal).geturl()
            if not url.startswith(("http://", "https://")):
                break
        raise SourceFault(_("Die Adresse leitet zu oft oder an ein unbekanntes Ziel weiter."))

    def _ask(self, url: str, headers: dict[str, str]) -> requests.Response:
        with _readable_faults(url):
            return self.session.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=(CONNECT_SECONDS, READ_SECONDS)
            )

    def _kept(self, response: requests.Response, end: float) -> tuple[BinaryIO, str]:
        """The body in a temporary file, and its digest; stops where it gets too large or too slow.

        Read as it comes (`read1`): a chunk that has to be whole would let drops of it come for days.
        """
        file: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the caller reads it
        digest, size = hashlib.sha256(), 0
        with _readable_faults(response.url):
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                size += len(chunk)
                if size > self.most_bytes:
                    raise SourceFault(
                        _("Die Antwort ist größer als %(most)d MB.") % {"most": self.most_bytes // 1_000_000}
                    )
                if time.monotonic() > end:
                    raise SourceFault(
                        _("Die Antwort dauert länger als %(most)d Sekunden.") % {"most": self.most_seconds}
                    )
                digest.update(chunk)
                file.write(chunk)
        file.seek(0)
        return file, digest.hexdigest()


@contextmanager
def asking(
    known: Mapping[str, dict[str, str]] | None = None, *, most_seconds: float = ALL_SECONDS
) -> Iterator[HttpAsking]:
    with outbound.session() as session:
        session.max_redirects = MOST_REDIRECTS  # followed by hand; with none at all requests gives no answer to look at
        yield HttpAsking(session, known or {}, most_seconds=most_seconds)


def _is_as_safe(first: str, url: str) -> bool:
    """The same host, and not from a sealed letter to an open one."""
    old, new = _parts(first), _parts(url)
    return new.netloc == old.netloc and new.scheme in ("https", old.scheme)


def _parts(url: str, goal: str = "") -> SplitResult:
    """Of an address, or of what it leads to."""
    try:
        return urlsplit(urljoin(url, goal))
    except ValueError as error:
        raise SourceFault(_unreadable(url)) from error


def _conditions(known: Mapping[str, str]) -> dict[str, str]:
    """RFC 9110, section 13.1."""
    names = {"If-None-Match": "etag", "If-Modified-Since": "modified"}
    return {header: known[name] for header, name in names.items() if known.get(name)}


def _remembered(response: requests.Response, digest: str) -> dict[str, str]:
    told = {"etag": response.headers.get("ETag", ""), "modified": response.headers.get("Last-Modified", "")}
    return {"digest": digest} | {name: value for name, value in told.items() if value}


def _refuse(response: requests.Response) -> None:
    status = response.status_code
    if status < 300:
        return
    host = urlsplit(response.url).hostname
    words = {
        401: _("%(host)s verlangt andere Zugangsdaten (401)."),
        403: _("%(host)s verweigert den Zugang (403)."),
        404: _("Unter dieser Adresse gibt es bei %(host)s nichts (404)."),
        410: _("Diese Adresse gibt es bei %(host)s nicht mehr (410)."),
        429: _("%(host)s bittet um Abstand: zu viele Anfragen (429)."),
    }
    told = words.get(status, _("%(host)s antwortet mit Fehler %(status)d."))
    raise SourceFault(told % {"host": host, "status": status}, retry_after=_wait(response))


def _wait(response: requests.Response) -> int:
    """Seconds, told as a number or as a date (RFC 9110, section 10.2.3); none where it says neither."""
    told = response.headers.get("Retry-After", "")
    if told.isascii() and told.isdigit():
        return min(int(told[:9]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return 0
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - clock.now()
    return max(0, min(round(wait.total_seconds()), LONGEST_WAIT))


@contextmanager
def _readable_faults(url: str) -> Iterator[None]:
    """What can go wrong on the way, as a sentence."""
    host = _parts(url).hostname or url
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise SourceFault(_("Das Zertifikat von %(host)s ist nicht gültig.") % {"host": host}) from error
    except LATE as error:
        raise SourceFault(_("%(host)s antwortet nicht rechtzeitig.") % {"host": host}) from error
    except outbound.NotPublic as error:
        raise SourceFault(_not_public(host)) from error
    except ValueError as error:  # of requests, urllib and http.client
        raise SourceFault(_unreadable(url)) from error
    except BROKEN as error:
        raise SourceFault(_connection_words(error, host)) from error


def _connection_words(error: BaseException, host: str) -> str:
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, outbound.NotPublic):
            return _not_public(host)
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, urllib3.DecodeError):
        return _("Die Antwort von %(host)s ist beschädigt (falsch gepackt).") % {"host": host}
    return _("%(host)s ist nicht zu erreichen.") % {"host": host}


def _unreadable(url: str) -> str:
    return _("Diese Adresse oder die Kopfzeile für den Zugang ist nicht lesbar: %(url)s") % {"url": url[:200]}


def _not_public(host: str) -> str:
    return _(
        "%(host)s liegt in einem Netz, das nicht öffentlich ist. Die Betreiber können es öffnen "
        "(STADTKERN_OUTBOUND_NETWORKS)."
    ) % {"host": host}
