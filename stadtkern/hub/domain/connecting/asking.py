"""The way out to a source: bounded in time, size and redirects, to public addresses only, and asking for news only."""

import hashlib
import io
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from django.utils.translation import gettext as _

from stadtkern.core import outbound
from stadtkern.hub.domain.connecting.port import SourceFault

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS = 10, 30, 300
MOST_BYTES = 200_000_000
MOST_REDIRECTS = 5
IN_MEMORY = 2_000_000
CHUNK = 65_536
MOVED = {301, 302, 303, 307, 308}
AGENT = "Stadtkern"
LONGEST_WAIT = 6 * 3600


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
    """See port.Asking. `memory`: what was remembered of each address (etag, last-modified, digest of the body)."""

    session: requests.Session
    memory: dict[str, dict[str, str]] = field(default_factory=dict)
    most_bytes: int = MOST_BYTES
    most_seconds: float = ALL_SECONDS

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, conditional: bool = False) -> Body:
        known = self.memory.get(url, {}) if conditional else {}
        response = self._follow(url, {**(headers or {}), **_conditions(known)})
        with response:
            if response.status_code == requests.codes.not_modified:
                return Body(False, io.BytesIO(), response.url or url)
            _refuse(response)
            file, digest = self._kept(response)
        body = Body(True, file, response.url or url, response.headers.get("Content-Type", ""))
        if conditional:
            body.changed = digest != known.get("digest")
            self.memory[url] = _remembered(response, digest)
        return body

    def _follow(self, url: str, headers: dict[str, str]) -> requests.Response:
        """Redirects by hand: every hop is looked at, and another host gets none of the headers that open doors."""
        host = urlsplit(url).netloc
        for _hop in range(MOST_REDIRECTS + 1):
            mine = headers if urlsplit(url).netloc == host else {}
            response = self._ask(url, {"User-Agent": AGENT, **mine})
            goal = response.headers.get("Location", "")
            if response.status_code not in MOVED or not goal:
                return response
            response.close()
            url = urljoin(url, goal)
            if urlsplit(url).scheme not in ("http", "https"):
                break
        raise SourceFault(_("Die Adresse leitet zu oft oder an ein unbekanntes Ziel weiter."))

    def _ask(self, url: str, headers: dict[str, str]) -> requests.Response:
        with _readable_faults(url):
            return self.session.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=(CONNECT_SECONDS, READ_SECONDS)
            )

    def _kept(self, response: requests.Response) -> tuple[BinaryIO, str]:
        """The body in a temporary file, and its digest; stops where it gets too large or too slow."""
        file: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the caller reads it
        digest, size, end = hashlib.sha256(), 0, time.monotonic() + self.most_seconds
        with _readable_faults(response.url):
            for chunk in response.iter_content(CHUNK):
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
    memory: Mapping[str, dict[str, str]] | None = None, *, most_seconds: float = ALL_SECONDS
) -> Iterator[HttpAsking]:
    with outbound.session() as session:
        session.max_redirects = MOST_REDIRECTS  # followed by hand; with none at all requests gives no answer to look at
        yield HttpAsking(session, dict(memory or {}), most_seconds=most_seconds)


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
    told = response.headers.get("Retry-After", "")
    return min(int(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else 0


@contextmanager
def _readable_faults(url: str) -> Iterator[None]:
    """What can go wrong on the way, as a sentence."""
    host = urlsplit(url).hostname or url
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise SourceFault(_("Das Zertifikat von %(host)s ist nicht gültig.") % {"host": host}) from error
    except requests.exceptions.Timeout as error:
        raise SourceFault(_("%(host)s antwortet nicht rechtzeitig.") % {"host": host}) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as e:
        raise SourceFault(_("Diese Adresse ist nicht lesbar: %(url)s") % {"url": url[:200]}) from e
    except outbound.NotPublic as error:
        raise SourceFault(_not_public(host)) from error
    except requests.exceptions.RequestException as error:
        raise SourceFault(_connection_words(error, host)) from error


def _connection_words(error: BaseException, host: str) -> str:
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, outbound.NotPublic):
            return _not_public(host)
        inner = inner.__cause__ or inner.__context__
    if "ContentDecoding" in type(error).__name__:
        return _("Die Antwort von %(host)s ist beschädigt (falsch gepackt).") % {"host": host}
    return _("%(host)s ist nicht zu erreichen.") % {"host": host}


def _not_public(host: str) -> str:
    return _(
        "%(host)s liegt in einem Netz, das nicht öffentlich ist. Die Betreiber können es öffnen "
        "(STADTKERN_OUTBOUND_NETWORKS)."
    ) % {"host": host}
