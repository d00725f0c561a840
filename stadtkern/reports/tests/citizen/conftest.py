"""Every test of the citizens' pages begins with empty memories."""

from collections.abc import Iterator
from typing import Any

import pytest

from stadtkern.core import parts
from stadtkern.reports.domain import catalogue, clusters, figures
from stadtkern.reports.web import figures as web_figures
from stadtkern.reports.web import fragments, frame
from stadtkern.reports.web.parts import register_citizen_parts


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Tests roll their database back; what processes keep of it must go too."""
    if "reports.status" not in parts.topics:  # apps.py calls it when the application starts
        register_citizen_parts()
    web_figures._asked.clear()
    for memory in (catalogue, clusters, figures, fragments, frame):
        memory.forget()
    return


@pytest.fixture
def secret_visitor(visitor: Any) -> Any:
    """Opens the secret link of a report and comes back as somebody who takes part."""
    from stadtkern.core.testing.visitor import Visitor
    from stadtkern.threads.domain.links import secret_path

    def opened(report: Any) -> Any:
        guest = Visitor()
        guest.get(secret_path(report.thread))
        return guest

    return opened
