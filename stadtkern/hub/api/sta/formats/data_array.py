"""Observations as arrays by datastream (OGC 18-088, clause 12.1): a third of the bytes of the usual JSON."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import orjson

from stadtkern.core.problems import BadQuery
from stadtkern.hub.api.sta.formats.cells import cells, names
from stadtkern.hub.api.sta.formats.json import closing, opening
from stadtkern.hub.api.sta.paging import Page
from stadtkern.hub.api.sta.planning.columns import ABSENT, STREAM
from stadtkern.hub.api.sta.planning.counting import Count
from stadtkern.hub.api.sta.rendering import Renderer, counted

TYPE = "application/json"


def arrays(page: Page, renderer: Renderer, count: Count | None) -> Iterator[bytes]:
    """One object per datastream; its rows come together, so none is begun twice on a page."""
    if page.plan.children:
        raise BadQuery("$expand does not go with $resultFormat=dataArray.")
    yield opening({} if count is None else counted(count)) + b'"value":['
    written, number = None, 0
    for rows in page.blocks():
        for (stream, absent), group in groupby(rows, itemgetter(STREAM, ABSENT)):
            values = cells(page.plan, list(group), renderer)
            if stream != written:
                yield (b"" if written is None else _end(number) + b",") + _start(page, renderer, stream, absent)
                written, number = stream, 0
            text = orjson.dumps(values)[1:-1]
            yield text if number == 0 else b"," + text
            number += len(values)
    yield (b"" if written is None else _end(number)) + b"]" + closing(page, renderer)


def _start(page: Page, renderer: Renderer, stream: int, absent: str) -> bytes:
    kind = "Datastream" if absent == "MultiDatastream" else "MultiDatastream"
    head = {
        f"{kind}@iot.navigationLink": f"{renderer.root}/{kind}s({stream})",
        "components": names(page.plan),
    }
    return opening(head) + b'"dataArray":['


def _end(number: int) -> bytes:
    return b'],"dataArray@iot.count":%d}' % number
