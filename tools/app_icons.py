"""Draws the app's icons (PNG, SVG) from each city's sign, with Chromium. Run it when a logo.svg changed.

    .venv/bin/python tools/app_icons.py
Writes cities/<key>/app/ and, from the house's own sign, stadtkern/core/assets/still/app/.
"""

import re
import tomllib
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OWN_SIGN = ROOT / "stadtkern/core/templates/core/drawings/sign.svg"
OWN_ICONS = ROOT / "stadtkern/core/assets/still/app"
CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}
# name, pixels, share of the sign in the square, rounded corners
SIZES = [
    ("icon-180", 180, 0.78, False),
    ("icon-192", 192, 0.84, True),
    ("icon-512", 512, 0.84, True),
    ("icon-maskable-512", 512, 0.62, False),
    ("badge-96", 96, 0.9, False),
]


def square(sign: str, *, colour: str, share: float, rounded: bool) -> str:
    """The sign on a square of the city's colour."""
    inside = re.sub(r"<svg[^>]*>|</svg>", "", sign)
    edge = 20 - 20 * share
    corner = ' rx="9"' if rounded else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" color="#ffffff">'
        f'<rect width="40" height="40" fill="{colour}"{corner}/>'
        f'<g transform="translate({edge:g} {edge:g}) scale({share:g})">{inside}</g></svg>'
    )


def draw(browser: Browser, svg: str, target: Path, pixels: int) -> None:
    page = browser.new_page(viewport={"width": pixels, "height": pixels})
    sized = svg.replace("<svg ", f'<svg width="{pixels}" height="{pixels}" ', 1)
    page.set_content(f"<body style='margin:0'>{sized}")
    page.screenshot(path=str(target), omit_background=True)
    page.close()


def icons_of(browser: Browser, sign: Path, folder: Path, colour: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = sign.read_text(encoding="utf-8")
    text = text[text.index("<svg") :]
    (folder / "icon.svg").write_text(square(text, colour=colour, share=0.84, rounded=True) + "\n")
    for name, pixels, share, rounded in SIZES:
        ground = "none" if name.startswith("badge") else colour
        draw(browser, square(text, colour=ground, share=share, rounded=rounded), folder / f"{name}.png", pixels)
    print(f"{folder.relative_to(ROOT)}: {len(SIZES)} icons")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        icons_of(browser, OWN_SIGN, OWN_ICONS, "#0b3f82")
        for sign in sorted(ROOT.glob("cities/*/logo.svg")):
            facts = tomllib.loads((sign.parent / "city.toml").read_text(encoding="utf-8"))
            icons_of(browser, sign, sign.parent / "app", facts.get("theme", {}).get("accent", "#0b3f82"))
        browser.close()


if __name__ == "__main__":
    main()
