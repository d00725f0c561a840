"""What makes the site an app: manifest, service worker, the page without a network."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.web.icons import app_icon

SHELL = ("core/core.css", "core/core.js")
COLOURS = {"theme": "#00305f", "ground": "#ffffff"}


def manifest(request: HttpRequest) -> HttpResponse:
    app = city().facts.get("app", {})
    theme = city().facts.get("theme", {})
    body = {
        "id": "/",
        "name": app.get("name", city().name),
        "short_name": app.get("short_name", city().name),
        "description": pick(app.get("description", {})),
        "lang": get_language(),
        "start_url": "/?quelle=app",
        "scope": "/",
        "display": "standalone",
        "background_color": COLOURS["ground"],
        "theme_color": theme.get("accent_strong", COLOURS["theme"]),
        "icons": [
            {"src": app_icon(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)
        ]
        + [_maskable()],
        "shortcuts": [
            {"name": _("Etwas melden"), "url": reverse("reports:file")},
            {"name": _("Mitteilungen"), "url": reverse("threads:inbox")},
        ],
    }
    return JsonResponse(body, content_type="application/manifest+json")


def _maskable() -> dict[str, str]:
    return {
        "src": app_icon("icon-maskable-512.png"),
        "sizes": "512x512",
        "type": "image/png",
        "purpose": "maskable",
    }


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, told which files belong to the shell of this very build."""
    script = _worker_script()
    shell = [static(name) for name in SHELL] + [f"/ohne-netz/?sprache={get_language()}"]
    theme = f"themes/{city().folder.name}.css"
    if finders.find(theme):
        shell.append(static(theme))
    head = f"self.STADTKERN = {json.dumps({'shell': shell, 'offline': shell[len(SHELL)]})};\n"
    response = HttpResponse(head + script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@lru_cache
def _built(path: str, changed_at: float) -> str:
    return Path(path).read_text(encoding="utf-8")


def _worker_script() -> str:
    name = "core/service-worker.js"
    found = finders.find(name) or (
        staticfiles_storage.path(name) if settings.STATIC_ROOT and staticfiles_storage.exists(name) else None
    )
    if not found:
        raise Http404(name)
    return _built(str(found), Path(found).stat().st_mtime)


def offline(request: HttpRequest) -> HttpResponse:
    """Shown when a page was never read and there is no network; also explains what works without."""
    return render(request, "portal/offline.html")
