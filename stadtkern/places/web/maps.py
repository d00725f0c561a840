"""The base map's style, the tiles behind our own address, and a local PMTiles archive by ranges."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core.limits import spend
from stadtkern.core.problems import BadQuery, NotFound
from stadtkern.core.web.client_address import client_address
from stadtkern.places.domain import basemap, tiles

DAY = 86_400
MOST_FETCHED_PER_MINUTE = 600  # a visitor's tiles that are not kept here yet; kept ones are not counted
RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The MapLibre style; ?theme=dark at night."""
    address = request.build_absolute_uri(reverse("places:tiles", args=[0, 0, 0]))
    template = address.removesuffix("0/0/0") + "{z}/{x}/{y}"
    answer = JsonResponse(basemap.style(request.GET.get("theme", "light"), tiles_url=template))
    patch_cache_control(answer, public=True, max_age=600)
    return answer


@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    found = tiles.tile(z, x, y, before_fetching=partial(_spend, request))
    same = found.etag in request.headers.get("If-None-Match", "")
    answer = HttpResponse(status=304) if same else HttpResponse(found.body, content_type=found.kind)
    answer["ETag"] = found.etag
    patch_cache_control(answer, public=True, max_age=DAY)
    return answer


def _spend(request: HttpRequest) -> None:
    spend("places.tiles", client_address(request), most=MOST_FETCHED_PER_MINUTE, per=timedelta(minutes=1))


@require_safe
def archive(request: HttpRequest) -> HttpResponseBase:
    """The whole PMTiles file, for programs that read it by ranges themselves."""
    path = tiles.archive_file()
    if path is None:
        raise NotFound(_("Hier ist kein Kachelarchiv eingerichtet."))
    given = request.headers.get("Range")
    answer = _part(path, given) if given else FileResponse(path.open("rb"), content_type="application/octet-stream")
    answer["Accept-Ranges"] = "bytes"
    return answer


def _part(path: Path, given: str) -> HttpResponse:
    size = path.stat().st_size
    matched = RANGE.fullmatch(given)
    if not matched:
        raise BadQuery(_("Diesen Bereich verstehen wir nicht."))
    first = int(matched[1])
    last = min(int(matched[2] or size - 1), size - 1, first + tiles.MOST_BYTES - 1)
    if first >= size or last < first:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with path.open("rb") as file:
        body = _read(file, first, last)
    return HttpResponse(
        body,
        status=206,
        content_type="application/octet-stream",
        headers={"Content-Range": f"bytes {first}-{last}/{size}"},
    )


def _read(file: BinaryIO, first: int, last: int) -> bytes:
    file.seek(first)
    return file.read(last - first + 1)
