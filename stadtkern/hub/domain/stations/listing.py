"""Lists of stations: the page of a filter, and what is near a point."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadQuery
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.domain.stations.measured import property_ids
from stadtkern.hub.domain.stations.place import Place, lateral, locations_in
from stadtkern.hub.domain.stations.query import StationQuery
from stadtkern.hub.domain.stations.series import LEAST_PATIENCE, PATIENCE, WITHOUT_INTERVAL, Series, series_of_things
from stadtkern.hub.domain.vocabulary import Kind, kind_of, told_of, vocabulary

PAGE = 24
COUNTED_UP_TO = 1_000
LONGEST_CURSOR = 1_000

FITTING = """
from hub_thing t {place}
where {sees_thing}
  and exists (
    select 1 from hub_datastream d join hub_latest n on n.datastream_id = d.id
    where d.thing_id = t.id and {sees_datastream}
      and (%(properties)s::bigint[] is null or d.observed_property_id = any(%(properties)s::bigint[]))
      and (not %(working)s::boolean or n.phenomenon_start > now() - {patience})
  )
  and (%(text)s::text = '' or concat_ws(' ', t.name, t.description, place.name) ilike %(text)s::text)
  and (%(locations)s::bigint[] is null or place.id = any(%(locations)s::bigint[]))
  and (%(kind)s::text = '' or coalesce(nullif(t.properties ->> 'kind', ''), case when exists (
    select 1 from hub_datastream d where d.thing_id = t.id and d.observed_property_id = any(%(makes_kind)s::bigint[])
      and {sees_datastream}) then %(kind)s::text end) = %(kind)s::text)
"""
SELECT = "select t.id, t.name, t.properties, t.source_key, t.organisation_id, place.name, place.lat, place.lon"
PATIENCE_SQL = (
    f"case when d.interval_seconds > 0 then greatest(make_interval(secs => {PATIENCE} * d.interval_seconds), "
    f"make_interval(secs => {LEAST_PATIENCE.total_seconds():.0f})) "
    f"else make_interval(secs => {WITHOUT_INTERVAL.total_seconds():.0f}) end"
)


@dataclass(frozen=True, slots=True)
class Station:
    """A thing with its series in the order of pages."""

    id: int
    name: str
    properties: Mapping[str, Any] = field(hash=False)
    source_key: str
    organisation_id: int | None
    place: Place | None
    series: Sequence[Series] = field(hash=False)

    @property
    def told(self) -> Mapping[str, Any]:
        """Its own properties and what the pack says of it."""
        return told_of(self.source_key, self.properties)

    @property
    def kind(self) -> Kind | None:
        return kind_of(self.told, (one.quantity.key for one in self.series if one.quantity))

    @property
    def is_simulated(self) -> bool:
        return bool(self.properties.get("simulation"))

    @property
    def called(self) -> str:
        """The name as it stands in a German sentence: "der Kaiseraueteich"."""
        return str(self.told.get("called") or self.name)

    def of(self, quantity: str) -> Series | None:
        """The first series of a quantity (key)."""
        return next((one for one in self.series if one.quantity and one.quantity.key == quantity), None)


@dataclass(frozen=True, slots=True)
class StationPage:
    """A bounded share of a list; `next` is the cursor of the following page."""

    items: Sequence[Station]
    next: str | None


def list_stations(query: StationQuery, *, reader: Reader, limit: int = PAGE) -> StationPage:
    """By name. Two statements, one more with a district."""
    behind = "and (t.name, t.id) > (%(name)s::text, %(id)s::bigint)" if query.after else ""
    name, id = _decode(query.after) if query.after else ("", 0)
    statement = f"{SELECT} {fitting(reader)} {behind} order by t.name, t.id limit %(limit)s"
    asked = asked_of(query, reader) | {"name": name, "id": id, "limit": limit + 1}
    rows = cursor(here()).execute(statement, asked).fetchall()
    items = with_series(rows[:limit], reader)
    return StationPage(items, _encode(items[-1]) if len(rows) > limit else None)


def count_stations(query: StationQuery, *, reader: Reader) -> int:
    """How many fit, counted up to COUNTED_UP_TO + 1."""
    statement = f"select count(*) from (select 1 {fitting(reader)} limit %(limit)s) fitted"  # noqa: S608 (constants)
    asked = asked_of(query.first_page(), reader) | {"limit": COUNTED_UP_TO + 1}
    row = cursor(here()).execute(statement, asked).fetchone()
    return int(row[0]) if row else 0


def station(thing_id: int, *, reader: Reader) -> Station | None:
    """One station, also without a datastream; None when it is not there or not seen."""
    statement = f"{SELECT} from hub_thing t {lateral(reader)} where t.id = %(id)s and {reader.sees_thing('t')}"
    rows = cursor(here()).execute(statement, {"id": thing_id, **reader.parameters}).fetchall()
    return with_series(rows, reader)[0] if rows else None


def stations_by_id(thing_ids: Sequence[int], *, reader: Reader) -> dict[int, Station]:
    """Those of these that are seen; two statements."""
    statement = f"{SELECT} from hub_thing t {lateral(reader)} where t.id = any(%(ids)s) and {reader.sees_thing('t')}"
    rows = cursor(here()).execute(statement, {"ids": list(thing_ids), **reader.parameters}).fetchall()
    return {one.id: one for one in with_series(rows, reader)}


def with_series(rows: Sequence[tuple[Any, ...]], reader: Reader) -> list[Station]:
    """Stations of rows that SELECT gave."""
    series = series_of_things([row[0] for row in rows], reader=reader)
    return [
        Station(id, name, properties or {}, key, house, _place(place, lat, lon), series.get(id, []))
        for id, name, properties, key, house, place, lat, lon in rows
    ]


def fitting(reader: Reader) -> str:
    """FROM and WHERE of the things that fit; parameters by `asked_of`."""
    return FITTING.format(
        place=lateral(reader),
        sees_thing=reader.sees_thing("t"),
        sees_datastream=reader.sees_datastream("d"),
        patience=PATIENCE_SQL,
    )


def asked_of(query: StationQuery, reader: Reader) -> dict[str, Any]:
    kind = vocabulary().kinds.get(query.kind)
    return {
        "properties": list(property_ids(query.quantity) or ()) if query.quantity else None,
        "working": query.working,
        "text": f"%{_escaped(query.text)}%" if query.text else "",
        "locations": list(locations_in(query.district, reader=reader)) if query.district else None,
        "kind": query.kind,
        "makes_kind": list(property_ids(kind.needs) or ()) if kind else [],
        **reader.parameters,
    }


def _place(name: str | None, lat: float | None, lon: float | None) -> Place | None:
    return None if lat is None or lon is None else Place(name or "", lat, lon)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _encode(last: Station) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.name, last.id]).encode()).decode().rstrip("=")


def _decode(text: str) -> tuple[str, int]:
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        name, id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(name, str) or not isinstance(id, int) or "\x00" in name or not 0 <= id < 2**63:
            raise ValueError("not a name and a number")
    except (ValueError, TypeError, RecursionError) as error:
        raise BadQuery(_("Diese Seite der Liste gibt es nicht. Bitte beginnen Sie von vorn.")) from error
    return name, id
