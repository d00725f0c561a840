"""Our own icons, read once from the sprite, drawn into the page so that they need no request."""

import re
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

from stadtkern.core.city import city

SPRITE = Path(__file__).resolve().parents[1] / "assets" / "still" / "icons.svg"
SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.*?)</symbol>')


@lru_cache
def drawings() -> dict[str, str]:
    """Name -> the inside of its svg element."""
    return dict(SYMBOL.findall(SPRITE.read_text(encoding="utf-8")))


def drawing(name: str) -> str:
    """An unknown name draws a dot, so that a pack's typing error never breaks a page."""
    return drawings().get(name) or drawings()["dot"]


def app_icon(name: str) -> str:
    """The address of an icon of the installed app: the city's own, or the house's."""
    has_own = city().path(f"app/{name}").is_file()
    return static(f"themes/{city().folder.name}/{name}" if has_own else f"core/app/{name}")
