"""Public pages at the speed of an empty one: the house's frame is drawn once, each page only its own part.

Whoever reads without signing in gets the same frame around every page; it is drawn anew every few seconds, and
for people who are signed in, have messages waiting or hold a secret link, for each request.
"""

import copy
import hashlib
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.html import escape
from django.utils.translation import get_language

Slots = Mapping[str, str | bytes]
HERE = "/--hier--/"
SLOT = re.compile(r"==slot:(\w+)==")
SLOTS = ("title", "description", "links", "scripts", "head", "body")
# Cookies that say nothing about who somebody is; any other cookie asks for a frame of one's own.
HARMLESS = frozenset({"language", "theme", "text", "contrast", "motion", "csrftoken", "device"})
FRESH_SECONDS = 10.0
MOST_FRAMES = 60


@dataclass(frozen=True)
class Frame:
    """The page around the page, as bytes: every second piece is the place of a slot."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    mark: str

    def fill(self, given: Slots, path: str) -> bytes:
        paths = {"path": escape(path), "quoted_path": quote(path, safe="/")}
        pieces = list(self.pieces)
        for place, name in enumerate(self.names):
            piece = paths.get(name) or given.get(name, b"")
            pieces[2 * place + 1] = piece if isinstance(piece, bytes) else piece.encode()
        return b"".join(pieces)


def to_keep(given: Mapping[str, str]) -> Slots:
    """The parts of a page as bytes: half the memory while they are kept, and no work when they are sent."""
    return {name: text.encode() for name, text in given.items()}


_frames: dict[tuple[str, ...], tuple[float, Frame]] = {}
_lock = threading.Lock()


def is_plain_reader(request: HttpRequest) -> bool:
    """Nobody in particular: no session, no secret link, no message waiting."""
    return HARMLESS.issuperset(request.COOKIES)


def page(request: HttpRequest, given: Slots, *, stamp: str = "", section: str, status: int = 200) -> HttpResponse:
    """The whole page, or 304 when the reader's copy still holds.

    `stamp` changes whenever the slots change; "" for a page that is different each time.
    """
    plain = is_plain_reader(request)
    frame = _kept_frame(request, section) if plain and _switches_need_no_token() else _draw(request, section)
    path = request.get_full_path()
    tag = ""
    if plain and stamp and status == 200:
        tag = f'W/"{hashlib.md5(f"{stamp}|{frame.mark}|{path}".encode(), usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return _with_headers(HttpResponseNotModified(), tag, plain)
    return _with_headers(HttpResponse(frame.fill(given, path), status=status), tag, plain)


def _with_headers(response: HttpResponse, tag: str, plain: bool) -> HttpResponse:
    if tag:
        response["ETag"] = tag
    response["Cache-Control"] = "no-cache" if plain else "private, no-store"
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


def forget() -> None:
    with _lock:
        _frames.clear()


def _kept_frame(request: HttpRequest, section: str) -> Frame:
    chosen = (request.COOKIES.get(name, "")[:12] for name in ("theme", "text", "contrast", "motion"))
    key = (get_language() or "", section, *chosen)
    kept = _frames.get(key)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    frame = _draw(request, section)
    with _lock:
        if len(_frames) >= MOST_FRAMES:
            _frames.clear()
        _frames[key] = (time.monotonic() + FRESH_SECONDS, frame)
    return frame


def _draw(request: HttpRequest, section: str) -> Frame:
    """Render core/page.html around slots, as if the reader were at `section`, with the address left open."""
    reader = copy.copy(request)
    reader.path = section
    reader.get_full_path = lambda force_append_slash=False: HERE  # type: ignore[method-assign]
    context = {name: f"==slot:{name}==" for name in SLOTS}
    if is_plain_reader(request) and _switches_need_no_token():
        context["csrf_token"] = "NOTPROVIDED"  # noqa: S105  no token, no cookie
    text = render_to_string("reports/frame.html", context, request=reader)
    text = text.replace(f"={HERE}", "===slot:quoted_path==").replace(HERE, "==slot:path==")
    mark = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]
    pieces = SLOT.split(text)
    return Frame(tuple(piece.encode() for piece in pieces), tuple(pieces[1::2]), mark)


@lru_cache
def _switches_need_no_token() -> bool:
    """The frame's forms for language and colours: when their views need no token, readers need no cookie."""
    views = [resolve(reverse(name)).func for name in ("portal:language", "portal:set-display")]
    return all(getattr(view, "csrf_exempt", False) for view in views)


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"
