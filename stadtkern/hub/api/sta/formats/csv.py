"""A collection as CSV (RFC 4180, UTF-8): one row per entity, JSON values as JSON text. An extension, as in FROST."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from orjson import Fragment

from stadtkern.core.csv_cells import harmless
from stadtkern.hub.api.sta.formats.cells import bare, cells, check_flat, names
from stadtkern.hub.api.sta.paging import Page
from stadtkern.hub.api.sta.rendering import Renderer

TYPE = "text/csv; charset=utf-8"


def table(page: Page, renderer: Renderer) -> Iterator[bytes]:
    check_flat(page.plan, "csv")
    yield text([names(page.plan)])
    for rows in page.blocks():
        yield text([[_cell(one) for one in values] for values in cells(page.plan, rows, renderer)])


def text(rows: list[list[Any]]) -> bytes:
    """Rows as lines."""
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    return held.getvalue().encode()


def _cell(kept: Any) -> Any:
    if kept is None or type(kept) in (int, float):
        return kept
    if isinstance(kept, Fragment):
        kept = bare(kept)
    return harmless(kept) if isinstance(kept, str) else kept
