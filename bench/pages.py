"""What is measured: the pages, how they are asked for, and the ratio each has to reach."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import psycopg

from bench.load import in_turn, request
from bench.server import Server

HEADERS = {"Accept-Language": "de"}


@dataclass(frozen=True)
class Page:
    """A row of the table. `requests` gives the requests one after the other; none repeats all too soon."""

    name: str
    least: float | None
    requests: Callable[[], Iterator[bytes]]
    floor: bool = False
    status: int = 200  # any other answer is a wrong one: a redirect is quick and says nothing


@dataclass(frozen=True)
class Facts:
    """What the addresses are made of, read once from the loaded tables."""

    ids: list[int]
    newest: list[int]
    categories: list[str]
    points: list[tuple[float, float]]
    words: list[str]
    from_day: str
    to_day: str
    desk_cookie: str
    form: dict[str, str]


def all_pages(facts: Facts) -> list[Page]:
    """The floor first, then the pages of the issue's table, then others worth knowing."""

    def page(name: str, paths: list[str], least: float | None = None, **headers: str) -> Page:
        asked = [request("GET", path, headers=HEADERS | headers) for path in paths]
        return Page(name, least, lambda: in_turn(asked))

    def searches(words: list[str]) -> Iterator[bytes]:
        for number in count():
            path = f"/suche/?{urlencode({'q': words[number % len(words)]})}"
            yield request("GET", path, headers=HEADERS | {"X-Forwarded-For": _sender(number)})

    category = [f"?kategorie={quote(key)}" for key in facts.categories]
    api_category = [f"&category={quote(key)}" for key in facts.categories]
    days = f"start_date={facts.from_day}T00:00:00Z&end_date={facts.to_day}T00:00:00Z"
    cookie = {"Cookie": facts.desk_cookie}
    return [
        Page("empty page (F)", None, page("", ["/bench/empty"]).requests, floor=True),
        page("report page (newest 100)", [f"/meldungen/{id}/" for id in facts.newest], 0.5),
        page("report page (any of 1 000)", [f"/meldungen/{id}/" for id in facts.ids]),
        page("public list", ["/meldungen/", *(f"/meldungen/{one}" for one in category)], 0.4),
        Page("filing (form, committed)", 0.3, lambda: _filings(facts), status=302),
        page("Open311 list of 50", _open311(facts, days), 0.3),
        page("clusters of a map view", _views(facts), 0.3),
        page("desk list", ["/desk/meldungen/"], 0.3, **cookie),
        page("home", ["/"]),
        Page("search", None, lambda: searches(facts.words)),
        page("list, searched", [f"/meldungen/?{urlencode({'suche': word})}" for word in facts.words]),
        page("statistics", ["/meldungen/zahlen/"]),
        page("API list of 50", [f"/api/v1/reports?limit=50{one}" for one in ["", *api_category]]),
    ]


def _open311(facts: Facts, days: str) -> list[str]:
    codes = ["", *(f"&service_code={quote(key)}" for key in facts.categories)]
    return [f"/open311/v2/requests.json?page_size=50&{days}{code}" for code in codes]


def _views(facts: Facts) -> list[str]:
    """Map views of a phone at several zooms, each around a place where something was reported."""
    views = []
    for number, (lat, lon) in enumerate(facts.points):
        zoom = 11 + number % 6
        width = 360 / 2**zoom
        box = f"{lon - width:.5f},{lat - width / 2:.5f},{lon + width:.5f},{lat + width / 2:.5f}"
        views.append(f"/meldungen/karte.json?bbox={box}&zoom={zoom}")
    return views


def _filings(facts: Facts) -> Iterator[bytes]:
    """Reports nobody has sent before, each from an address of its own (the limit per sender is not the subject)."""
    for number in count():
        lat, lon = facts.points[number % len(facts.points)]
        given = facts.form | {
            "lat": f"{lat:.5f}",
            "lon": f"{lon:.5f}",
            "category": facts.categories[number % len(facts.categories)],
            "text": f"Die Laterne vor Hausnummer {number % 180 + 1} ist dunkel ({number}).",
            "idempotency_key": f"bench-{number:012d}-{id(facts)}",
        }
        headers = HEADERS | {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": _sender(number),
        }
        yield request("POST", "/melden/senden", headers=headers, body=urlencode(given).encode())


def _sender(number: int) -> str:
    """The address of somebody else each time: the limit per sender is not the subject."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def read_facts(server: Server) -> Facts:
    """Ids and points spread over the real reports (what the bench filed is too short), a proven desk session."""
    with psycopg.connect(server.dsn) as connection:
        rows = connection.execute(
            "SELECT id, lat, lon FROM reports_report WHERE visibility = 'public' AND lat IS NOT NULL "
            "AND external_source <> '' AND id % 97 = 0 ORDER BY id DESC LIMIT 1000"
        ).fetchall()
        newest = connection.execute(
            "SELECT id FROM reports_report WHERE visibility = 'public' AND external_source <> '' "
            "ORDER BY filed_at DESC, id DESC LIMIT 100"
        ).fetchall()
        last = connection.execute(
            "SELECT max(filed_at)::date, max(filed_at)::date - 80 FROM reports_report WHERE external_source <> ''"
        ).fetchone()
        keys = [key for key, questions in _categories(connection) if not any(q.get("required") for q in questions)]
        words = [word for (word,) in connection.execute(WORDS).fetchall()]
    return Facts(
        ids=[row[0] for row in rows],
        newest=[row[0] for row in newest],
        points=[(row[1], row[2]) for row in rows],
        categories=keys[:6],
        words=words or ["laterne"],
        from_day=str(last[1]) if last else "",
        to_day=str(last[0]) if last else "",
        desk_cookie=_desk_cookie(server),
        form=_form(server, keys[0]),
    )


WORDS = r"""
SELECT word FROM ts_stat($$SELECT search FROM reports_report WHERE id % 50 = 0$$)
 WHERE word ~ '^[a-zäöü]{5,}$' ORDER BY ndoc DESC LIMIT 40
"""


def _categories(connection: psycopg.Connection[Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    query = (
        "SELECT c.key, c.questions FROM reports_category c WHERE c.is_active AND c.kind = 'defect' "
        "AND EXISTS (SELECT 1 FROM reports_report r WHERE r.category_id = c.key) ORDER BY c.key"
    )
    return [
        (key, json.loads(questions) if isinstance(questions, str) else questions)
        for key, questions in connection.execute(query).fetchall()
    ]


def _form(server: Server, category: str) -> dict[str, str]:
    """The hidden fields of the filing form as the city sends them."""
    page = httpx.get(f"{server.address}/melden/", params={"schritt": "3", "category": category}, timeout=60)
    fields = re.findall(r"<input\b[^>]*\btype=\"hidden\"[^>]*>", page.text)
    pairs = {_attribute(field, "name"): _attribute(field, "value") for field in fields}
    return {name: value for name, value in pairs.items() if name in ("started", "art", "kept")}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _desk_cookie(server: Server) -> str:
    """Sign a dispatcher in, with a proven second factor, by the installation's own means; then what the desk sets."""
    made = server.output("manage", "shell", "-c", SIGN_IN)
    cookies = {"sessionid": made.strip().splitlines()[-1]}
    desk = httpx.get(f"{server.address}/desk/meldungen/", cookies=cookies, timeout=60)
    return "; ".join(f"{name}={value}" for name, value in (cookies | dict(desk.cookies)).items())


SIGN_IN = """
import time
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY as METHODS_USER_KEY
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from stadtkern.people.models import Membership, Organisation, Person
person = Person.objects.filter(email="bench@stadtkern.example").first()
if person is None:
    person = Person.objects.create_user("bench@stadtkern.example", name="Bench")
    house = Organisation.objects.filter(parent=None).order_by("pk").first()
    Membership.objects.create(person=person, organisation=house, role="dispatcher")
factor, _ = Authenticator.objects.get_or_create(user_id=person.pk, type="totp", defaults={"data": {"secret": "x"}})
session = SessionStore()
session[SESSION_KEY] = str(person.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = person.get_session_auth_hash()
session[METHODS_USER_KEY] = user_id_to_str(person)
session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "id": factor.pk, "type": "totp"}]
session.create()
print(session.session_key)
"""
