"""What every page knows: the city, the menus, and how the reader likes to read.

Core knows neither rights nor inboxes; the portal, which may import both, says how to ask for them
(`asks`), and without an answer a page simply shows less.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from stadtkern.core.city import CityPack, city
from stadtkern.core.languages import pick
from stadtkern.core.parts import MenuItem, menu

RIGHT_TO_LEFT = {"ar"}
# Each language by its own name: whoever looks for it must be able to read it.
OWN_NAMES = {
    "de": "Deutsch",
    "en": "English",
    "tr": "Türkçe",
    "uk": "Українська",
    "ar": "العربية",
    "de-simple": "Leichte Sprache",
}
CHOICES: dict[str, tuple[tuple[str, Any, str], ...]] = {
    "theme": (
        ("auto", _("Wie mein Gerät"), "settings"),
        ("light", _("Hell"), "sun"),
        ("dark", _("Dunkel"), "moon"),
    ),
    "text": (
        ("normal", _("Normal"), "text-size"),
        ("large", _("Groß"), "text-size"),
        ("larger", _("Sehr groß"), "text-size"),
    ),
    "contrast": (("normal", _("Normal"), "sun"), ("more", _("Stark"), "contrast")),
    "motion": (("normal", _("Wie mein Gerät"), "play"), ("less", _("Ruhig"), "pause")),
}


# The bar at the bottom of a phone; the menu's own words win over these.
TABS = (
    ("portal:home", _("Start"), "home"),
    ("reports:file", _("Melden"), "report"),
    ("portal:map", _("Karte"), "map"),
    ("threads:inbox", _("Mitteilungen"), "bell"),
    ("people:account", _("Konto"), "person"),
)
# These stand as buttons or signs in the head of the page, not as words in its menu.
SIGNS = {"reports:file", "threads:inbox", "people:account"}


@dataclass
class Asks:
    """Questions the shell has for floors above it."""

    is_staff: Callable[[Any], bool] = field(default=lambda person: False)
    may: Callable[[Any, str], bool] = field(default=lambda person, action: False)
    unread: Callable[[HttpRequest], int] = field(default=lambda request: 0)
    alerts: Callable[[HttpRequest], list[Mapping[str, Any]]] = field(default=lambda request: [])


asks = Asks()


@dataclass(frozen=True)
class MenuLink:
    """An entry of a menu as a template draws it."""

    key: str
    label: Any
    url: str
    icon: str
    url_name: str
    is_current: bool = False
    count: int = 0


class Shell:
    """Answers are worked out only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def language(self) -> str:
        return get_language() or "de"

    @cached_property
    def direction(self) -> str:
        return direction_of(self.language)

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, OWN_NAMES.get(code) or _own_name(code)) for code in city().languages]

    @cached_property
    def display(self) -> dict[str, str]:
        """The reader's choices, from their cookies; an unknown value counts as not chosen."""
        chosen = {}
        for name, options in CHOICES.items():
            value = self._request.COOKIES.get(name, "")
            chosen[name] = value if value in {key for key, _label, _icon in options[1:]} else options[0][0]
        return chosen

    @cached_property
    def is_staff(self) -> bool:
        return asks.is_staff(getattr(self._request, "user", None))

    @cached_property
    def unread(self) -> int:
        return asks.unread(self._request)

    @cached_property
    def alerts(self) -> list[Mapping[str, Any]]:
        return asks.alerts(self._request)

    @cached_property
    def app_name(self) -> str:
        names = city().facts.get("app", {})
        return str(names.get("name") or city().name)

    @cached_property
    def claim(self) -> str:
        return pick(city().facts.get("app", {}).get("claim", {}))

    @cached_property
    def citizen_links(self) -> list[MenuLink]:
        """Everything a citizen can go to."""
        return self._mark_nearest(self._menu("citizen"))

    @cached_property
    def nav_links(self) -> list[MenuLink]:
        return [link for link in self.citizen_links if link.url_name not in SIGNS]

    @cached_property
    def tab_links(self) -> list[MenuLink]:
        named = {link.url_name: link for link in self._menu("citizen")}
        tabs = (
            named.get(name) or self._link(MenuItem(key=name, label=label, url_name=name, icon=icon))
            for name, label, icon in TABS
        )
        return self._mark_nearest([link for link in tabs if link])

    @cached_property
    def staff_links(self) -> list[MenuLink]:
        """The desk's menu without what this person may not do."""
        return self._mark_nearest(self._menu("staff"))

    def _menu(self, audience: str) -> list[MenuLink]:
        items = [item for item in menu if item.audience == audience and self._allows(item)]
        links = (self._link(item) for item in sorted(items, key=lambda item: (item.order, item.key)))
        return [link for link in links if link]

    def _allows(self, item: MenuItem) -> bool:
        return not item.action or asks.may(getattr(self._request, "user", None), item.action)

    def _link(self, item: MenuItem) -> MenuLink | None:
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            return None
        count = self.unread if item.url_name == "threads:inbox" else 0
        return MenuLink(item.key, item.label, url, item.icon, item.url_name, count=count)

    def _mark_nearest(self, links: list[MenuLink]) -> list[MenuLink]:
        """The entry whose address is the longest beginning of this path is where the reader is."""
        path = self._request.path
        fits = [link.url for link in links if path == link.url or (link.url != "/" and path.startswith(link.url))]
        here = max(fits, key=len, default=None)
        return [replace(link, is_current=link.url == here) for link in links]


def direction_of(language: str) -> str:
    return "rtl" if language.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else "ltr"


def _own_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor named in the settings."""
    pack: CityPack = city()
    return {"city": pack, "shell": Shell(request), "display_choices": CHOICES}
