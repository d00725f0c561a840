"""Which archived months an answer needs: those of one datastream, of a period, or of an observation by its number.

Observations of all datastreams without a period are answered from the months in the tables; so are expansions.
"""

from datetime import datetime
from typing import Any

import psycopg
from django.utils import timezone

from stadtkern.hub.api.sta.entities import OBSERVATIONS
from stadtkern.hub.api.sta.nodes import Request
from stadtkern.hub.api.sta.paging import marked_start
from stadtkern.hub.api.sta.planning.listing import OF_STREAMS, is_newest
from stadtkern.hub.api.sta.planning.plan import usual_top
from stadtkern.hub.api.sta.planning.scope import Scope
from stadtkern.hub.api.sta.planning.spans import BEGINNING, END, TICK, Span, parts_of, span_of, span_of_part
from stadtkern.hub.api.sta.planning.world import World
from stadtkern.hub.api.sta.resources import Resource
from stadtkern.hub.domain.connection import cursor
from stadtkern.hub.domain.readers import ANYBODY
from stadtkern.hub.domain.store import ids
from stadtkern.hub.domain.store.archive_reading import TABLE, archived, with_archive, with_archive_of_ids

Connection = psycopg.Connection[Any]

# Without the last moment: when a page goes on there, some or all of its values were on the page before.
ENOUGH = """select count(*) from (select 1 from hub_observation where datastream_id = %s
    and phenomenon_start >= %s and phenomenon_start < %s - interval '1 microsecond' limit %s) newest"""


def table_for(connection: Connection, request: Request, found: Resource) -> str:
    """The table expression of observations for this request. To be called first in a snapshot. Raises BadQuery."""
    numbers = [step.id for step in found.steps if step.entities is OBSERVATIONS and step.id is not None]
    if numbers and found.entities is OBSERVATIONS and found.is_collection:  # from one observation to its neighbours
        return with_archive(connection, None, BEGINNING, END)
    if numbers:
        return with_archive_of_ids(connection, numbers)
    if found.entities is not OBSERVATIONS or not (months := archived(connection)):
        return TABLE
    stream = found.steps[-1].id if found.way in OF_STREAMS and found.steps else None
    span = _span(connection, request, found)
    if stream is None and span.since is None:
        return TABLE
    since, until = span.since or BEGINNING, span.until or END
    if stream is not None and _newest_suffice(connection, request, stream, max(months), span):
        since = ids.first_moment(max(months) + 1)
    return with_archive(connection, None if stream is None else [stream], since, until)


def _span(connection: Connection, request: Request, found: Resource) -> Span:
    """By the filter, and by where the page goes on."""
    world = World(connection, ANYBODY, timezone.now())
    return span_of(request.options.filter, Scope.over(world, OBSERVATIONS)).and_also(_rest(request, found))


def _rest(request: Request, found: Resource) -> Span:
    """Where all that follows the page before must lie: known when time comes first in the order."""
    options, of_one = request.options, found.way in OF_STREAMS
    newest = is_newest(options.order)
    by_time = (of_one and not options.order) or (newest and (of_one or request.result_format != "dataArray"))
    if not options.after or not by_time:
        return Span()
    start = marked_start(request)
    return Span(None, start + TICK) if newest else Span(start, None)


def _newest_suffice(connection: Connection, request: Request, stream: int, last: int, span: Span) -> bool:
    """Whether a page of the newest values lies behind the last archived month; then the archive need not be opened."""
    options, scope = request.options, Scope.over(World(connection, ANYBODY, timezone.now()), OBSERVATIONS)
    if not is_newest(options.order) or options.skip or options.count or options.distinct:
        return False
    if any(span_of_part(part, scope) is None for part in parts_of(options.filter)):
        return False
    top = usual_top(request.result_format) if options.top is None else options.top
    since: datetime = max(ids.first_moment(last + 1), span.since or BEGINNING)
    asked = [stream, since, span.until or END, top + 1]
    return bool(cursor(connection).execute(ENOUGH, asked).fetchall()[0][0] > top)
