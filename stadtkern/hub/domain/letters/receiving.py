"""Keep letters: committed before anybody is told that they have arrived, read by a job of the same transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from stadtkern.hub.domain.letters.delivering import read_letters
from stadtkern.hub.models import Letter

INSERT = """
insert into hub_letter (source, device_key, frame, payload, key_prefix, state, error, tries, received_at, done_at)
select source, device_key, frame, payload, %s, case when error = '' then 'waiting' else 'failed' end, error, 0,
       coalesce(received_at, now()), case when error = '' then null else now() end
from unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[], %s::timestamptz[])
     with ordinality a (source, device_key, frame, payload, error, received_at, place)
order by place
on conflict (source, device_key, frame) do nothing
returning id, state
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that is not kept yet. `error`: why it cannot be read, known already; it waits for a person then."""

    source: str
    device_key: str
    frame: str
    payload: Any
    error: str = ""
    received_at: datetime | None = None


@transaction.atomic
def keep(arrivals: Sequence[Arrival], *, key_prefix: str = "") -> int:
    """Returns how many are new; repeats are nothing new. When it returns inside no transaction, they are committed."""
    if not arrivals:
        return 0
    columns: list[Any] = [
        [arrival.source for arrival in arrivals],
        [arrival.device_key for arrival in arrivals],
        [arrival.frame for arrival in arrivals],
        [Jsonb(without_nul(arrival.payload)) for arrival in arrivals],
        [arrival.error for arrival in arrivals],
        [arrival.received_at for arrival in arrivals],
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key_prefix, *columns])
        new = cursor.fetchall()
    waiting = [id for id, state in new if state == Letter.State.WAITING]
    if waiting:
        read_letters.defer(ids=waiting)
    return len(new)


def latest_of(sources: Collection[str]) -> set[tuple[str, str, str]]:
    """Source, device and digest of the letters of these sources that were received last, at one moment.

    For messages that a broker says it repeats: it repeats what was not acknowledged, and before the next ones are taken
    the last ones are. So a repeat is among these, and an equal message of another moment is a value of its own.
    """
    letters = Letter.objects.filter(source__in=sources)
    last = letters.order_by("-pk").values_list("received_at", flat=True).first()
    rows = letters.filter(received_at=last).values_list("source", "device_key", "frame") if last else ()
    return {(source, device_key, frame.partition(":")[0]) for source, device_key, frame in rows}


def without_nul(value: Any) -> Any:
    """PostgreSQL keeps no character 0 in JSON."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [without_nul(part) for part in value]
    if isinstance(value, dict):
        return {without_nul(name): without_nul(part) for name, part in value.items()}
    return value
