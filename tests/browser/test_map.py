"""The live map is drawn from our own host alone; without scripts its page says where the same stands as a list."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import PHONE

WEBGL = "Boolean(document.createElement('canvas').getContext('webgl2'))"


@pytest.mark.parametrize("address", ["/meldungen/karte/", "/karte/"])
def test_the_map_is_drawn(phone: Any, house: Any, address: str) -> None:
    from stadtkern.reports.tests.builders import report

    report(text="Der Poller vor dem Rathaus ist umgefahren.")
    phone.goto(address)
    if not phone.evaluate(WEBGL):
        pytest.skip("this Chromium draws no WebGL")
    phone.locator(".map[data-state=ready]").first.wait_for()
    assert phone.locator(".map canvas").count() == 1


@pytest.mark.parametrize("address", ["/meldungen/karte/", "/karte/"])
def test_without_scripts_there_is_a_list(open_context: Callable[..., Any], address: str) -> None:
    page = open_context(**PHONE, java_script_enabled=False).new_page()
    page.goto(address)
    assert page.get_by_text("Die Karte braucht JavaScript.").is_visible()
    assert page.locator("main a[href]").count() > 0
