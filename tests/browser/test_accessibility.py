"""axe-core finds nothing on the main pages: on a phone, narrow, twice as large, dark, in strong contrast, in Arabic.

200 % zoom of a 640 px wide window is a window of 320 CSS px with two device pixels each (WCAG 1.4.10 and 1.4.4
meet there), so "zoomed" is a viewport of 320 px at a scale of 2; "narrow" asks the same width to have no
horizontal scroll bar.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

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
]
STAFF = [
    Place("desk-inbox", "/desk/meldungen/", "bernd"),
    Place("desk-report", "/desk/meldungen/{report}/", "bernd"),
    Place("desk-clocks", "/desk/meldungen/uebergaben/", "dora"),
    Place("desk-simulator", "/desk/meldungen/zustaendigkeit/", "dora"),
    Place("desk-field", "/desk/meldungen/unterwegs/", "bernd"),
    Place("desk-rights", "/desk/rechte/", "ada"),
    Place("desk-audit", "/desk/protokoll/", "ada"),
    Place("desk-people", "/desk/personen/", "ada"),
]
SMALLER = [place for place in CITIZENS if place.name in {"home", "file", "list", "report", "sign-in"}]
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
    return {"report": str(first.pk), "token": secret_path(first.thread).strip("/").rpartition("/")[2]}


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def look(
    open_context: Callable[..., Any], house: Any, filed: dict[str, str], signed_in: Callable[..., Any], axe: str
) -> Callable[..., Any]:
    """Open a page as somebody and tell what axe finds."""

    def looking(place: Place, *, cookies: dict[str, str] | None = None, width: int = 390, **given: Any) -> Any:
        context = open_context(viewport={"width": width, "height": HEIGHT}, service_workers="block", **given)
        jar = [{"name": name, "value": value, "url": house.url} for name, value in (cookies or {}).items()]
        if jar:
            context.add_cookies(jar)
        page = context.new_page()
        if place.person:
            signed_in(page, getattr(house, place.person))
        answer = page.goto(place.address.format(**filed), wait_until="load")
        assert answer.status == 200, f"{place.address}: {answer.status}"
        return page

    return looking


def findings(page: Any, axe: str) -> list[str]:
    """What axe holds against the page, in short."""
    page.evaluate(axe)
    rules = {rule: {"enabled": False} for rule in EXCEPTIONS}
    told = page.evaluate(
        "(options) => axe.run(document, options)",
        {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules, "resultTypes": ["violations"]},
    )
    return [_in_short(found) for found in told["violations"]]


def _in_short(found: dict[str, Any]) -> str:
    places = [f"{' '.join(map(str, node['target']))}: {_why(node)}" for node in found["nodes"][:4]]
    return f"{found['id']} ({len(found['nodes'])}): " + " | ".join(places)


def _why(node: dict[str, Any]) -> str:
    checks = node["any"] or node["all"] or node["none"]
    return str(checks[0]["message"]) if checks else ""


def _name(place: Place) -> str:
    return place.name


@pytest.mark.parametrize("place", CITIZENS + STAFF, ids=_name)
def test_nothing_found_on_a_phone(look: Callable[..., Any], axe: str, place: Place) -> None:
    assert not findings(look(place), axe)


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


@pytest.mark.parametrize("place", NARROW, ids=_name)
def test_a_narrow_phone_scrolls_only_down(look: Callable[..., Any], place: Place) -> None:
    page = look(place, width=320)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{wide} px wide because of {_too_wide(page)}"


def _too_wide(page: Any) -> list[str]:
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > 321)
            .slice(0, 6).map((each) => `${each.tagName.toLowerCase()}.${each.className}`)"""
        )
    )


@pytest.mark.parametrize("place", SMALLER, ids=_name)
def test_nothing_found_zoomed_to_200_percent(look: Callable[..., Any], axe: str, place: Place) -> None:
    page = look(place, width=320, device_scale_factor=2)
    assert not findings(page, axe)


@pytest.mark.parametrize("place", SMALLER, ids=_name)
@pytest.mark.parametrize(
    "cookies",
    [{"theme": "dark"}, {"contrast": "more"}, {"theme": "dark", "contrast": "more"}, {"text": "larger"}],
    ids=["dark", "strong", "dark-strong", "larger"],
)
def test_nothing_found_as_somebody_likes_to_read(
    look: Callable[..., Any], axe: str, place: Place, cookies: dict[str, str]
) -> None:
    assert not findings(look(place, cookies=cookies), axe)


@pytest.mark.parametrize("place", SMALLER, ids=_name)
def test_arabic_is_read_from_the_right(look: Callable[..., Any], axe: str, place: Place) -> None:
    page = look(place, cookies={"language": "ar"}, width=320)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert not findings(page, axe)


def test_the_exceptions_have_reasons() -> None:
    assert all(len(why) > 20 for why in EXCEPTIONS.values())
