"""What makes the site an app: manifest, service worker, the page without a network."""

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.web.icons import app_icon

PAGES = ("portal:offline", "reports:file")
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
    """The service worker, told which files and pages of this very build it keeps from its first moment."""
    told = {"shell": _shell(), "pages": [reverse(name) for name in PAGES], "offline": reverse("portal:offline")}
    head = f"self.STADTKERN = {json.dumps(told)};\n"
    script = _built("core/service-worker.js")
    response = HttpResponse(head + script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


def _shell() -> list[str]:
    """What tools/build.mjs listed. Pieces are asked for by their plain names, entries by their hashed ones."""
    names = json.loads(_built("core/shell.json"))
    theme = f"themes/{city().folder.name}.css"
    names += [theme] if city().path("theme.css").is_file() else []
    return [settings.STATIC_URL + name if name.startswith("chunks/") else static(name) for name in names]


@lru_cache
def _text(path: str, changed_at: float) -> str:
    return Path(path).read_text(encoding="utf-8")


def _built(name: str) -> str:
    """A file of the build, from where collectstatic put it or from the build itself."""
    root = Path(settings.STATIC_ROOT) / name
    found = str(root) if root.is_file() and not settings.DEBUG else finders.find(name)
    if not found:
        raise Http404(name)
    return _text(str(found), Path(found).stat().st_mtime)


def offline(request: HttpRequest) -> HttpResponse:
    """Shown when a page was never read and there is no network; also explains what works without."""
    return render(request, "portal/offline.html")
