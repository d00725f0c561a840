"""Keep letters: committed before anybody is told that they have arrived, read by a job of the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from stadtkern.hub.domain.letters.delivering import read_letters
from stadtkern.hub.models import Letter

LATEST_REPEAT = timedelta(days=7)  # as long as the broker keeps our session
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


def is_kept(arrival: Arrival) -> bool:
    """Has the same content from the same sender come lately? Asked for messages that a broker says it repeats."""
    digest = arrival.frame.partition(":")[0]
    same = Letter.objects.filter(source=arrival.source, device_key=arrival.device_key, frame__startswith=digest + ":")
    return same.filter(received_at__gt=timezone.now() - LATEST_REPEAT).exists()


def without_nul(value: Any) -> Any:
    """PostgreSQL keeps no character 0 in JSON."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [without_nul(part) for part in value]
    if isinstance(value, dict):
        return {without_nul(name): without_nul(part) for name, part in value.items()}
    return value
