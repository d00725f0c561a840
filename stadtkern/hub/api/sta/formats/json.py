"""Collections and entities as SensorThings' own JSON (OGC 18-088, clause 9.2), streamed block by block."""

from collections.abc import Iterator

import orjson

from stadtkern.hub.api.sta.paging import Page
from stadtkern.hub.api.sta.planning.counting import Count
from stadtkern.hub.api.sta.rendering import Entity, Renderer, counted

TYPE = "application/json"
MOST_ROWS = 200_000  # of all levels of a page


def collection(page: Page, renderer: Renderer, count: Count | None) -> Iterator[bytes]:
    """{"@iot.count": …, "value": […], "@iot.nextLink": …}

    A page with much inside, or that takes long, ends early and has a nextLink.
    """
    yield opening({} if count is None else counted(count)) + b'"value":['
    first = True
    for rows in page.blocks(lambda: renderer.told.rows > MOST_ROWS or renderer.world.is_late):
        text = orjson.dumps(renderer.entities(page.plan, rows))[1:-1]
        yield text if first else b"," + text
        first = False
    yield b"]" + closing(page, renderer)


def opening(members: Entity) -> bytes:
    """An object with these members that is not closed yet."""
    text = orjson.dumps(members)[:-1]
    return text + b"," if members else text


def closing(page: Page, renderer: Renderer) -> bytes:
    address = page.next_address()
    if address is None:
        return b"}"
    return b',"@iot.nextLink":' + orjson.dumps(f"{renderer.root}/{address}") + b"}"
