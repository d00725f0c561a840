"""A look before saving: the first rows as they would be stored. Nothing is written, the code is that of a run."""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stadtkern.hub.domain.connecting.asking import asking
from stadtkern.hub.domain.connecting.port import (
    Batch,
    Finding,
    Look,
    Reject,
    SeriesFacts,
    SourceFault,
    ThingFacts,
    connectors,
)
from stadtkern.hub.domain.connecting.running import fetching_of, unexpected
from stadtkern.hub.models import Connector

MOST_ROWS = 20
MOST_READINGS = 2_000
MOST_SECONDS = 20  # a person waits
log = logging.getLogger("stadtkern.hub.connecting")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """A value as it would be stored."""

    row: int
    thing: str
    series: str
    at: datetime
    value: Any
    unit: str


@dataclass(slots=True)
class Preview:
    """`problem`: why there is nothing to see; `rows` and `rejects` are the first ones of the source."""

    rows: list[PreviewRow] = field(default_factory=list)
    things: list[ThingFacts] = field(default_factory=list)
    series: list[SeriesFacts] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    problem: str = ""


def preview(connector: Connector) -> Preview:
    """The first 20 rows of the source, read as a run would read them."""
    shown, end = Preview(), time.monotonic() + MOST_SECONDS
    try:
        with asking(most_seconds=MOST_SECONDS) as out:
            fetching = fetching_of(connector, out)
            fetching.position = {}
            for batch in connectors[connector.kind].fetch(fetching):
                _show(batch, shown)
                if len(shown.rows) >= MOST_ROWS or time.monotonic() > end:
                    break
    except SourceFault as fault:
        shown.problem = str(fault)
    except Exception as error:
        log.exception("preview of %s", connector.key)
        shown.problem = unexpected(error)
    return shown


def first_look(connector: Connector) -> Look:
    """What the source is like and settings that fit it; raises SourceFault."""
    kind = connectors[connector.kind]
    if kind.look is None:
        return Look()
    with asking(most_seconds=MOST_SECONDS) as out:
        return kind.look(fetching_of(connector, out, is_whole=False))


def _show(batch: Batch, shown: Preview) -> None:
    shown.things += batch.things
    shown.series += batch.series
    shown.rejects += batch.rejects[: MOST_ROWS - len(shown.rejects)]
    things = {thing.key: thing.name for thing in shown.things}
    series = {one.key: one for one in shown.series}
    seen: set[int] = {row.row for row in shown.rows}
    for reading in batch.each()[:MOST_READINGS]:
        facts = series[reading.series]
        if reading.row not in seen and len(seen) >= MOST_ROWS:
            break
        seen.add(reading.row)
        shown.rows.append(
            PreviewRow(
                row=reading.row,
                thing=things.get(facts.thing, facts.thing),
                series=facts.name,
                at=reading.at,
                value=reading.value,
                unit=facts.unit.get("symbol", ""),
            )
        )
