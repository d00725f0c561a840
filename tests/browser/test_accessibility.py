"""axe-core finds nothing on the main pages: on a phone, narrow, twice as large, dark, in strong contrast, in Arabic.

200 % zoom of a 640 px wide window is a window of 320 CSS px (WCAG 1.4.10 and 1.4.4 meet there): a page that has
no fault and no horizontal scroll bar at 320 px has none when zoomed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.utils import timezone

from stadtkern.config.testing.browser import AXE
from tests.browser.steps import choose_kind, choose_place, next_step

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXCEPTIONS: dict[str, str] = {}  # rule of axe -> why it does not hold here
WIDE = 1280
HEIGHT = 844


@dataclass(frozen=True)
class Place:
    """A page: its address ({report}, {token} are filled in), and who looks at it."""

    name: str
    address: str
    person: str = ""
    status: int = 200


CITIZENS = [
    Place("home", "/"),
    Place("file", "/melden/"),
    Place("idea", "/melden/?art=idea"),
    Place("list", "/meldungen/"),
    Place("reports-map", "/meldungen/karte/"),
    Place("report", "/meldungen/{report}/"),
    Place("thanks", "/melden/danke/{token}/"),
    Place("figures", "/meldungen/zahlen/"),
    Place("categories", "/meldungen/kategorien/"),
    Place("reasons", "/meldungen/gruende/"),
    Place("barriers", "/meldungen/barrieren/"),
    Place("search", "/suche/?q=Poller"),
    Place("map", "/karte/"),
    Place("near", "/in-meiner-naehe/?adresse=Bergbaumuseum"),
    Place("display", "/darstellung/"),
    Place("sign-in", "/konto/anmelden/login/"),
    Place("accessibility", "/barrierefreiheit/"),
    Place("privacy", "/datenschutz/"),
    Place("imprint", "/impressum/"),
    Place("offline", "/ohne-netz/"),
    Place("inbox", "/mitteilungen/", "aylin"),
    Place("account", "/konto/", "aylin"),
    Place("near-empty", "/in-meiner-naehe/"),
    Place("wishes", "/mitteilungen/einstellungen/", "aylin"),
    Place("follow", "/mitteilungen/folgen/?topic=reports.area&lat=51.48&lon=7.21&label=Rathaus"),
    Place("contact", "{contact}"),
    Place("confirm", "{confirm}"),
    Place("unsubscribe", "{unsubscribe}"),
    Place("my-data", "/konto/daten/", "aylin"),
    Place("sessions", "/konto/sitzungen/", "aylin"),
    Place("factors", "/konto/anmelden/2fa/", "aylin"),
    Place("authenticator", "/konto/anmelden/2fa/totp/activate/", "aylin"),
    Place("sign-up", "/konto/anmelden/signup/"),
    Place("open-data", "/daten/"),
    Place("dataset", "/daten/reports/"),
    Place("places", "/orte/"),
    Place("districts", "/orte/bezirke/"),
    Place("district", "/orte/bezirke/{district}/"),
    Place("stations", "/daten/messwerte/"),
    Place("stations-map", "/daten/messwerte/karte/"),
    Place("station", "/daten/messwerte/{tree}/"),
    Place("compare", "/daten/messwerte/vergleich/?groesse=tree-moisture&reihe={series}"),
    Place("data-quality", "/daten/qualitaet/"),
    Place("explorer", "/daten/schnittstelle/?beispiel=newest"),
    Place("on-site", "/daten/vor-ort/"),
    Place("advice", "/daten/vor-ort/{tree}/"),
    Place("tree-care", "/daten/giesspatenschaft/"),
    Place("missing", "/gibt-es-nicht/", status=404),
]
STAFF = [
    Place("desk-inbox", "/desk/meldungen/", "bernd"),
    Place("desk-report", "/desk/meldungen/{report}/", "bernd"),
    Place("desk-blocks", "/desk/meldungen/bausteine/", "bernd"),
    Place("desk-new-block", "/desk/meldungen/bausteine/neu/", "bernd"),
    Place("desk-phone", "/melden/?quelle=telefon", "bernd"),
    Place("desk-map", "/desk/meldungen/karte/", "bernd"),
    Place("desk-categories", "/desk/meldungen/kategorien/", "dora"),
    Place("desk-closing", "/desk/meldungen/kategorien/bollard/schliessen/", "dora"),
    Place("desk-clocks", "/desk/meldungen/uebergaben/", "dora"),
    Place("desk-simulator", "/desk/meldungen/zustaendigkeit/", "dora"),
    Place("desk-field", "/desk/meldungen/unterwegs/", "bernd"),
    Place("desk-rights", "/desk/rechte/", "ada"),
    Place("desk-audit", "/desk/protokoll/", "ada"),
    Place("desk-people", "/desk/personen/", "ada"),
    Place("desk-person", "/desk/personen/{person}/", "ada"),
    Place("desk-invite", "/desk/personen/neu/", "ada"),
    Place("desk-houses", "/desk/organisationen/", "ada"),
    Place("desk-deliveries", "/desk/zustellungen/", "ada"),
    Place("desk-pictures", "/desk/media/", "dora"),
    Place("desk-operation", "/desk/betrieb/", "ada"),
    Place("desk-sources", "/desk/daten/quellen/", "ada"),
    Place("desk-new-source", "/desk/daten/quellen/neu/", "ada"),
    Place("desk-things", "/desk/daten/stationen/", "ada"),
    Place("desk-thing", "/desk/daten/stationen/{tree}/", "ada"),
    Place("desk-devices", "/desk/daten/geraete/", "ada"),
    Place("desk-device", "/desk/daten/geraete/{device}/", "ada"),
    Place("desk-device-fields", "/desk/daten/geraete/{device}/felder/", "ada"),
    Place("desk-new-decoder", "/desk/daten/dekodierer/neu/script/", "ada"),
    Place("desk-rule", "/desk/daten/regeln/{series}/", "ada"),
    Place("desk-new-alert", "/desk/daten/warnungen/regeln/neu/", "ada"),
    Place("desk-new-contract", "/desk/daten/vertraege/neu/", "ada"),
]
SMALLER = [
    place for place in CITIZENS if place.name in {"home", "file", "list", "report", "sign-in", "stations", "station"}
]
PLAIN = {"theme": "auto", "contrast": "normal", "text": "normal"}
LOOKS = [
    {"theme": "dark"},
    {"theme": "dark", "contrast": "more"},
    {"theme": "light", "contrast": "more"},
    {"text": "larger", "contrast": "normal"},
]
SEEN = ("color-contrast", "link-in-text-block", "target-size")
LAID_OUT = ("color-contrast", "target-size", "scrollable-region-focusable", "aria-hidden-focus", "region", "label")
NARROW = CITIZENS + [place for place in STAFF if place.name in {"desk-inbox", "desk-report", "desk-field"}]


@pytest.fixture(scope="module")
def filed(house: Any) -> dict[str, str]:
    """One report under way, with a hand-over and an answer, and one that just came in."""
    from stadtkern.reports.domain import talking, workflow
    from stadtkern.reports.tests.builders import report
    from stadtkern.reports.words import Status
    from stadtkern.threads.domain.links import secret_path
    from stadtkern.threads.words import ShownTo

    first = report(text="Der Poller vor dem Rathaus ist umgefahren, die Reste liegen auf dem Gehweg.")
    report(category="pothole", answers={"where": "lane", "depth": "deep"}, text="Ein Loch in der Fahrbahn.")
    workflow.assign_report(first.pk, to=house.bernd, by=house.bernd)
    workflow.move_report(first.pk, to=Status.IN_WORK, by=house.bernd, told="Wir sind am Donnerstag dort.")
    talking.answer_report(first.pk, text="Der neue Poller ist bestellt.", by=house.bernd, shown_to=ShownTo.PUBLIC)
    return (
        _links(house)
        | _measuring()
        | {"report": str(first.pk), "token": secret_path(first.thread).strip("/").rpartition("/")[2]}
    )


def _measuring() -> dict[str, str]:
    """A tree with a sensor that has sent a value every quarter of an hour, with a gap."""
    from stadtkern.hub.domain.connection import here, writing
    from stadtkern.hub.domain.demo import property_of
    from stadtkern.hub.domain.readers import EVERYTHING
    from stadtkern.hub.domain.recording import record, sample_of
    from stadtkern.hub.domain.streams import read_streams
    from stadtkern.hub.domain.vocabulary import vocabulary
    from stadtkern.hub.models import Device
    from stadtkern.hub.tests.cast import datastream, thing

    tree = thing(name="Linde 1", properties={"kind": "tree"})
    with transaction.atomic():
        known = property_of(vocabulary().quantities["tree-moisture"])
    series = datastream(tree, name="Feuchte", observed_property=known, interval_seconds=900)
    moments = [timezone.now() - timedelta(minutes=15 * n) for n in range(90) if not 20 < n < 40]
    with writing() as connection:
        stream = read_streams(here(), EVERYTHING, {series.pk})[series.pk]
        record(connection, [sample_of(stream, result=60.0 + n % 9, start=at) for n, at in enumerate(moments)])
    device = Device.objects.create(key="A84041000181D001", name="Bodenfühler", thing=tree)
    return {"tree": str(tree.pk), "series": str(series.pk), "device": str(device.pk)}


def _links(house: Any) -> dict[str, str]:
    """Addresses that only this module's rows have."""
    from stadtkern.places.models import District
    from stadtkern.threads.domain import confirming, links
    from stadtkern.threads.models import Contact

    contact = Contact.objects.create(email="vera@stadtkern.example", language="de")
    return {
        "contact": links.contact_path(contact),
        "confirm": confirming.confirm_path(contact),
        "unsubscribe": links.unsubscribe_path(contact, "reports.status"),
        "district": str(District.objects.order_by("key").values_list("key", flat=True)[0]),
        "person": str(house.bernd.pk),
    }


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def look(
    open_context: Callable[..., Any], house: Any, filed: dict[str, str], signed_in: Callable[..., Any], ears: Any
) -> Callable[..., Any]:
    """Open a page as somebody and tell what axe finds."""

    def looking(
        place: Place, *, cookies: dict[str, str] | None = None, width: int = 390, scripts: bool = True, **given: Any
    ) -> Any:
        context = open_context(viewport={"width": width, "height": HEIGHT}, service_workers="block", **given)
        jar = [{"name": name, "value": value, "url": house.url} for name, value in (cookies or {}).items()]
        if jar:
            context.add_cookies(jar)
        page = context.new_page()
        if place.person:
            signed_in(page, getattr(house, place.person))
        if not scripts:
            nothing = {"body": "", "content_type": "text/javascript"}
            page.route("**/*", lambda route: route.fulfill(**nothing) if _is_script(route) else route.continue_())
        if place.status != 200:
            ears.expect("Failed to load resource")
        address = place.address.format(**filed)
        answer = page.goto(address, wait_until="load")
        assert answer.status == place.status, f"{address}: {answer.status}"
        if not place.address.startswith("{"):  # a secret link is kept in the session, and the address becomes plain
            assert urlsplit(page.url).path == urlsplit(address).path, "another page than was asked for"
        return page

    return looking


def _is_script(route: Any) -> bool:
    return bool(route.request.resource_type == "script")


def findings(page: Any, axe: str, *, only: tuple[str, ...] = ()) -> list[str]:
    """What axe holds against the page, in short; by all rules, or by those named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    if only:
        options: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(only)}}
    else:
        rules = {rule: {"enabled": False} for rule in EXCEPTIONS}
        options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules}
    told = page.evaluate("(options) => axe.run(document, options)", options | {"resultTypes": ["violations"]})
    found = [
        violation | {"nodes": [n for n in violation["nodes"] if not _has_equal(violation, n)]}
        for violation in told["violations"]
    ]
    return [_in_short(violation) for violation in found if violation["nodes"]]


def _has_equal(violation: dict[str, Any], node: dict[str, Any]) -> bool:
    """Pins of a map may lie upon each other: the list beside it has the same links (WCAG 2.5.8, equivalent)."""
    return violation["id"] == "target-size" and "maplibregl-marker" in node["html"]


def _in_short(found: dict[str, Any]) -> str:
    places = [f"{' '.join(map(str, node['target']))}: {_why(node)}" for node in found["nodes"][:4]]
    return f"{found['id']} ({len(found['nodes'])}): " + " | ".join(places)


def _why(node: dict[str, Any]) -> str:
    checks = node["any"] or node["all"] or node["none"]
    return str(checks[0]["message"]) if checks else ""


def _name(place: Place) -> str:
    return place.name


@pytest.mark.parametrize("place", CITIZENS + STAFF, ids=_name)
def test_nothing_found_however_somebody_reads(look: Callable[..., Any], axe: str, place: Place) -> None:
    """One visit: as it comes, in every colour and size somebody may choose, narrow as at 200 %."""
    page = look(place)
    found = {"as it comes": findings(page, axe)}
    for choice in LOOKS:
        _choose(page, choice)
        found[" ".join(choice.values())] = findings(page, axe, only=SEEN)
    if place in NARROW:
        _choose(page, PLAIN)
        page.set_viewport_size({"width": 320, "height": HEIGHT})
        found["narrow"] = findings(page, axe, only=LAID_OUT) + _too_wide(page)
    assert {look: faults for look, faults in found.items() if faults} == {}


def _choose(page: Any, choice: dict[str, str]) -> None:
    """Have the page look otherwise, and wait until no colour is on its way any more."""
    page.evaluate(
        """async (choice) => {
            Object.assign(document.documentElement.dataset, choice);
            // A colour that is inherited starts when its parent's has arrived: level after level.
            for (let calm = 0, frames = 0; calm < 3 && frames < 300; frames += 1) {
              await new Promise(requestAnimationFrame);
              const moving = document.getAnimations();
              moving.forEach((each) => each.finish());
              calm = moving.length ? 0 : calm + 1;
            }
        }""",
        choice,
    )


@pytest.mark.parametrize("place", CITIZENS, ids=_name)
def test_nothing_found_without_scripts(look: Callable[..., Any], axe: str, place: Place) -> None:
    page = look(place, width=320, scripts=False)
    assert findings(page, axe) + _too_wide(page) == []


def test_what_somebody_has_chosen_is_what_the_looks_try(look: Callable[..., Any]) -> None:
    """The looks are tried by the attributes that the server sets; these are they."""
    page = look(CITIZENS[0], cookies={"theme": "dark", "contrast": "more", "text": "larger"})
    told = page.evaluate("({...document.documentElement.dataset})")
    assert {name: told.get(name) for name in PLAIN} == {"theme": "dark", "contrast": "more", "text": "larger"}


def test_nothing_found_in_each_step_of_filing(look: Callable[..., Any], axe: str) -> None:
    page = look(CITIZENS[1], geolocation={"latitude": 51.48186, "longitude": 7.21667}, permissions=["geolocation"])
    choose_place(page)
    next_step(page)
    choose_kind(page)
    assert not findings(page, axe), "step 2"
    next_step(page)
    page.get_by_label("Was ist los?").wait_for()
    assert not findings(page, axe), "step 3"


def test_nothing_found_where_many_are_worked_on_at_once(look: Callable[..., Any], axe: str) -> None:
    page = look(STAFF[0], width=WIDE)
    page.locator("main input[type=checkbox][form=bulk], #desk-rows input[type=checkbox]").first.check()
    page.get_by_role("button", name="Ausgewählte gemeinsam bearbeiten").click()
    page.wait_for_url("**/auswahl/")
    assert not findings(page, axe)


def _too_wide(page: Any) -> list[str]:
    """What makes the page scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide <= 320:
        return []
    culprits = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > 321)
        .slice(0, 6).map((each) => `${each.tagName.toLowerCase()}.${each.className}`)"""
    )
    return [f"{wide} px wide because of {', '.join(culprits)}"]


@pytest.mark.parametrize("place", SMALLER, ids=_name)
def test_arabic_is_read_from_the_right(look: Callable[..., Any], axe: str, place: Place) -> None:
    page = look(place, cookies={"language": "ar"}, width=320)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not findings(page, axe)


def test_the_exceptions_have_reasons() -> None:
    assert all(len(why) > 20 for why in EXCEPTIONS.values())
