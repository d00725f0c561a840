"""Tell the broker what is new (18-088, 8.4.2): observations as they are written, the newest ones retained.

    v1.1/Datastreams(7)/Observations                                   each new observation; the newest is retained
    v1.1/Datastreams(7)/Observations?$select=phenomenonTime,result     the same, small
    v1.1/Datastreams(7)/phenomenonTime, .../resultTime                 from when to when there are values now
    v1.1/Datastreams(7)                                                when the datastream itself has changed

A broker does not say which `$select` somebody has subscribed to, so there is this one. A value that is older than the
newest one told is not told: a subscriber follows what is new; the history is read over HTTP.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from stadtkern.hub.domain.recording import CHANNEL
from stadtkern.hub.door.ingest import CHANGED, Ingest
from stadtkern.hub.door.listening import listen
from stadtkern.hub.door.mqtt import news, rendering
from stadtkern.hub.door.mqtt.alerting import tell_alerts
from stadtkern.hub.door.mqtt.client import PatientClient
from stadtkern.hub.door.mqtt.creating import ROOT
from stadtkern.hub.door.mqtt.patience import again
from stadtkern.hub.door.mqtt.sweeping import Told, digest_of
from stadtkern.hub.door.mqtt.taking import OURS

AT_ONCE = 500  # datastreams asked for, and messages on the way
OVERLAP = timedelta(minutes=15)  # a transaction may end a while after the moment it has noted
SETTLE = 1.0  # seconds in which changes of datastreams are gathered
SELECT = f"?$select={','.join(rendering.SELECTED)}"
STREAMS = "hub_datastream"


class Teller:
    """Tells over one connection, as long as it lives."""

    def __init__(self, ingest: Ingest, client: PatientClient, *, root: str, told: dict[int, Told]) -> None:
        self._ingest, self._client, self._root = ingest, client, root
        self.told = told
        self._pending: set[int] = set()
        self._everything = self._changes = True
        self._wake = asyncio.Event()
        self._until: datetime | None = None
        self._described: dict[int, datetime] = {}
        self._described_until = datetime.now(UTC)
        self._origin = Properties(PacketTypes.PUBLISH)
        self._origin.UserProperty = [OURS]

    async def run(self) -> None:
        """Until the connection ends (MqttError)."""
        self._described_until = await self._ask(news.now)
        heard = {CHANNEL: self._hear, CHANGED: self._hear_change}
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(self._ingest.dsn, heard, missed=self._miss))
            group.create_task(self._tell())
            group.create_task(tell_alerts(self._ingest, self._client))

    def _hear(self, payload: str) -> None:
        self._pending.update(int(number) for number in payload.split(",") if number.isdecimal())
        self._wake.set()

    def _hear_change(self, payload: str) -> None:
        if payload == STREAMS and not self._changes:
            self._changes = True
            asyncio.get_running_loop().call_later(SETTLE, self._wake.set)

    def _miss(self) -> None:
        """Nobody told us for a while: look at everything that was received since."""
        self._everything = self._changes = True
        self._wake.set()

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._changes:
                self._changes = False
                await self._tell_changes()
            if self._everything:
                self._everything = False
                await self._tell_all()
            while self._pending:
                await self._tell_pending()

    async def _tell_all(self) -> None:
        begun, after, since = await self._ask(news.now), 0, self._until
        while ids := await self._ask(partial(news.written, after=after, since=since, most=AT_ONCE)):
            await self._tell_of(ids)
            after = ids[-1]
        self._until = begun - OVERLAP

    async def _tell_pending(self) -> None:
        ids = [self._pending.pop() for _ in range(min(AT_ONCE, len(self._pending)))]
        begun = await self._ask(news.now)
        await self._tell_of(ids)
        if not self._pending and not self._everything:
            self._until = begun - OVERLAP

    async def _tell_of(self, ids: Sequence[int]) -> None:
        since = {id: self.told[id].moment if id in self.told else None for id in ids}
        rows = await self._ask(partial(news.observations, since))
        messages: list[Any] = []
        for id, group in groupby(rows, itemgetter("datastream_id")):
            messages += self._news_of(id, list(group))
        await self._publish(messages)

    def _news_of(self, id: int, rows: Sequence[dict[str, Any]]) -> list[Any]:
        """The messages of one datastream, the newest observation last and retained."""
        told = self.told.get(id)
        messages: list[Any] = []
        is_multi = rows[-1]["is_multi"]
        place = f"{ROOT}/{rendering.set_of(is_multi)}({id})"
        for row in rows:
            said = rendering.observation(row, self._root)
            body, moment = rendering.packed(said), row["phenomenon_start"]
            if told and moment == told.moment and digest_of(body) in told.digests:
                continue
            if told is None or moment != told.moment:
                told = Told(moment, set(), is_multi)
            told.digests.add(digest_of(body))
            retain = row is rows[-1]
            messages.append((f"{place}/Observations", body, retain))
            messages.append((f"{place}/Observations{SELECT}", rendering.packed(rendering.selected(said)), retain))
        if messages and told:
            self.told[id] = told
            for name, value in rendering.times(rows[-1]).items():
                messages.append((f"{place}/{name}", rendering.packed({name: value}), False))
        return messages

    async def _tell_changes(self) -> None:
        begun = await self._ask(news.now)
        since, after, found = self._described_until - OVERLAP, 0, dict[int, datetime]()
        while rows := await self._ask(partial(news.changed, since=since, after=after, most=AT_ONCE)):
            await self._publish(self._description_of(row) for row in rows if self._is_fresh(row))
            found |= {row["id"]: row["changed_at"] for row in rows}
            since, after = rows[-1]["changed_at"], rows[-1]["id"]
        self._described, self._described_until = found, begun
        await self._clear(await self._ask(partial(news.gone, list(self.told))))

    def _is_fresh(self, row: dict[str, Any]) -> bool:
        return self._described.get(row["id"]) != row["changed_at"]

    def _description_of(self, row: dict[str, Any]) -> tuple[str, bytes, bool]:
        place = f"{ROOT}/{rendering.set_of(row['is_multi'])}({row['id']})"
        return place, rendering.packed(rendering.datastream(row, self._root)), False

    async def _clear(self, ids: Iterable[int]) -> None:
        """Take back what the broker retains of datastreams that are not public any more."""
        messages = []
        for id in ids:
            place = f"{ROOT}/{rendering.set_of(self.told.pop(id).is_multi)}({id})/Observations"
            messages += [(place, b"", True), (place + SELECT, b"", True)]
        await self._publish(messages)

    async def _publish(self, messages: Iterable[tuple[str, bytes, bool]]) -> None:
        """At QoS 1, in their order, some hundred on the way at once. Raises MqttError."""
        waiting = list(messages)
        for start in range(0, len(waiting), AT_ONCE):
            await asyncio.gather(
                *[
                    self._client.publish(topic, body, qos=1, retain=retain, properties=self._origin)
                    for topic, body, retain in waiting[start : start + AT_ONCE]
                ]
            )

    async def _ask(self, question: Any) -> Any:
        return await again(lambda: self._ingest.reading.ask(question))
