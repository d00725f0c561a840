"""Serve renditions: never an upload, never as anything but an image, cached long only when public."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from stadtkern.core.problems import NotFound
from stadtkern.media.domain import files, renditions
from stadtkern.media.domain.addresses import image_url, is_signed
from stadtkern.media.models import Image
from stadtkern.media.words import Size, State

# A browser may keep a rendition (its name is its content); a proxy must ask soon, for the day it is withdrawn.
PUBLIC_CACHE = "public, max-age=2592000, s-maxage=300, immutable"
# An address without the name of the content always shows the newest, so it is asked again soon.
NEWEST_CACHE = "public, max-age=300"
PRIVATE_CACHE = "private, no-store"


@require_safe
def image(request: HttpRequest, image_id: UUID, size: str, base: str = "") -> HttpResponse:
    """One rendition, as AVIF to browsers that ask for it, else as WebP."""
    found = Image.objects.filter(pk=image_id).first()
    if found is None or size not in list(Size):
        raise NotFound(_GONE)
    if found.state == State.PUBLIC:
        return _public(request, found, base, size)
    if found.base == base and found.state != State.REFUSED and is_signed(found, request.GET.get("key", "")):
        response = _file(request, found, size, is_public=False)
        response["Cache-Control"] = PRIVATE_CACHE
        return response
    raise NotFound(_GONE)


def _public(request: HttpRequest, found: Image, base: str, size: str) -> HttpResponse:
    """An address from before a correction leads to the corrected picture."""
    if base not in ("", found.base):
        return HttpResponseRedirect(image_url(found, size))
    tag = f'"{found.base}-{size}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _file(request, found, size, is_public=True)
    response["Cache-Control"] = PUBLIC_CACHE if base else NEWEST_CACHE
    response["ETag"] = tag
    return response


def _file(request: HttpRequest, found: Image, size: str, *, is_public: bool) -> HttpResponse:
    kind, data = _best(request, found, size, is_public=is_public)
    if data is None:
        raise NotFound(_GONE)
    response = HttpResponse(data, content_type=renditions.TYPES[kind])
    patch_vary_headers(response, ["Accept"])
    return guarded(response, f"{found.base}-{size}.{kind}")


def guarded(response: HttpResponse, name: str) -> HttpResponse:
    """Headers that keep a browser from taking an image for anything else."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _best(request: HttpRequest, found: Image, size: str, *, is_public: bool) -> tuple[str, bytes | None]:
    storage = files.public() if is_public else files.private()
    if "image/avif" in request.headers.get("Accept", ""):
        data = files.get(storage, renditions.name(found.pk, found.base, size, "avif"))
        if data is not None:
            return "avif", data
    return "webp", files.get(storage, renditions.name(found.pk, found.base, size, "webp"))


_GONE = _("Dieses Bild gibt es nicht (mehr).")
