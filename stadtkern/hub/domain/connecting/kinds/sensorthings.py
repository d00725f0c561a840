"""Another SensorThings server (OGC 18-088, version 1.1): its things, datastreams, observations since the last run."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urljoin

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL
from stadtkern.hub.domain.connecting.documents import document, listed
from stadtkern.hub.domain.connecting.port import (
    Batch,
    ConfigField,
    ConnectorKind,
    Fetching,
    Reading,
    Reject,
    SeriesFacts,
    SourceFault,
    ThingFacts,
)
from stadtkern.hub.words import ObservationType

MOST_PAGES = 10_000
PAGE, THINGS = 1_000, 100
EXPAND = "Locations,Datastreams($expand=ObservedProperty,Sensor)"
LAST = "last"  # in the position: newest moment by datastream


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """Things first, then each datastream's observations, oldest first; a run that breaks off goes on from there."""
    root = str(fetching.config["url"]).rstrip("/") + "/"
    last = dict(fetching.position.get(LAST, {}))
    for thing in _things(fetching, root):
        yield Batch(things=[_thing_facts(thing)])
        for stream in thing.get("Datastreams") or ():
            yield Batch(series=[_series_facts(thing, stream)])
            yield from _observations(fetching, root, stream, last)


def _things(fetching: Fetching, root: str) -> Iterator[dict[str, Any]]:
    wanted = fetching.config.get("filter", "")
    query = f"$expand={EXPAND}&$top={THINGS}" + (f"&$filter={quote(wanted)}" if wanted else "")
    for page in _pages(fetching, urljoin(root, f"Things?{query}")):
        for thing in page:
            yield _whole(fetching, thing)


def _whole(fetching: Fetching, thing: dict[str, Any]) -> dict[str, Any]:
    """The expanded list of datastreams may itself have further pages."""
    following = thing.get("Datastreams@iot.nextLink")
    if isinstance(following, str) and following:
        more = [one for page in _pages(fetching, following) for one in page]
        thing["Datastreams"] = [*(thing.get("Datastreams") or ()), *more]
    return thing


def _pages(fetching: Fetching, url: str) -> Iterator[list[dict[str, Any]]]:
    seen: set[str] = set()
    while url and url not in seen and len(seen) < MOST_PAGES:
        seen.add(url)
        page = document(fetching, url)
        yield listed(page, "value")
        following = page.get("@iot.nextLink")
        url = urljoin(url, following) if isinstance(following, str) else ""


def _observations(fetching: Fetching, root: str, stream: Mapping[str, Any], last: dict[str, str]) -> Iterator[Batch]:
    key = _key("Datastreams", stream)
    since = _since(fetching, last.get(key))
    if not fetching.fills_gap and _ends_before(stream, since):
        return
    where = f"phenomenonTime ge {_text(since)}"
    if fetching.until:
        where += f" and phenomenonTime lt {_text(fetching.until)}"
    query = f"$filter={quote(where)}&$orderby={quote('phenomenonTime asc')}&$top={PAGE}"
    own = stream.get("Observations@iot.navigationLink") or f"{key}/Observations"
    for page in _pages(fetching, urljoin(root, f"{own}?{query}&$select=phenomenonTime,resultTime,result")):
        batch = Batch(rows=len(page))
        for number, row in enumerate(page, 1):
            _read(batch, key, number, row)
        if batch.readings:
            last[key] = _text(max(reading.at for reading in batch.readings))
            batch.position = {LAST: dict(last)}
        yield batch


def _since(fetching: Fetching, known: str | None) -> datetime:
    """From the last moment on, and a little before: late values and corrections of the newest ones are seen."""
    if fetching.since:
        return fetching.since
    if known:
        back = timedelta(minutes=float(fetching.config.get("look_back_minutes") or 0))
        return datetime.fromisoformat(known) - back
    return fetching.now - timedelta(days=float(fetching.config.get("first_days") or 7))


def _ends_before(stream: Mapping[str, Any], since: datetime) -> bool:
    """The datastream itself says that it has nothing as new."""
    end = str(stream.get("phenomenonTime") or "").partition("/")[2]
    try:
        return bool(end) and datetime.fromisoformat(end) < since
    except (ValueError, TypeError):
        return False


def _read(batch: Batch, key: str, number: int, row: Mapping[str, Any]) -> None:
    try:
        start, _slash, end = str(row["phenomenonTime"]).partition("/")
        batch.readings.append(
            Reading(key, _moment(start), row["result"], number, _moment(end) if end else None, _result_time(row))
        )
    except (KeyError, ValueError, TypeError):
        batch.rejects.append(
            Reject(number, _("Beobachtung ohne lesbare Zeit oder ohne Ergebnis"), f"{key}: {row}"[:200])
        )


def _result_time(row: Mapping[str, Any]) -> datetime | None:
    told = row.get("resultTime")
    return _moment(told) if told else None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _key(kind: str, entity: Mapping[str, Any]) -> str:
    """As in the address there: Datastreams(7), Datastreams('abc'); stays the same from run to run."""
    id = entity.get("@iot.id")
    if id is None:
        raise SourceFault(
            _("Die Gegenseite nennt keine Kennungen (@iot.id): Das ist keine SensorThings-Schnittstelle.")
        )
    return f"{kind}('{id}')" if isinstance(id, str) else f"{kind}({id})"


def _thing_facts(thing: Mapping[str, Any]) -> ThingFacts:
    lon, lat = _point(thing)
    return ThingFacts(
        key=_key("Things", thing),
        name=str(thing.get("name") or ""),
        description=str(thing.get("description") or ""),
        lon=lon,
        lat=lat,
        properties=thing.get("properties") or {},
    )


def _point(thing: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude of the first place that is a point."""
    for place in thing.get("Locations") or ():
        shape = place.get("location")
        shape = shape.get("geometry", shape) if isinstance(shape, dict) else {}
        spot = shape.get("coordinates")
        if shape.get("type") == "Point" and isinstance(spot, list) and len(spot) >= 2:
            return float(spot[0]), float(spot[1])
    return None, None


def _series_facts(thing: Mapping[str, Any], stream: Mapping[str, Any]) -> SeriesFacts:
    observed = stream.get("ObservedProperty") or {}
    unit = stream.get("unitOfMeasurement") or {}
    return SeriesFacts(
        key=_key("Datastreams", stream),
        thing=_key("Things", thing),
        name=str(stream.get("name") or ""),
        description=str(stream.get("description") or ""),
        property_name=str(observed.get("name") or stream.get("name") or ""),
        property_definition=str(observed.get("definition") or ""),
        sensor=str((stream.get("Sensor") or {}).get("name") or ""),
        unit={name: str(unit.get(name) or "") for name in ("name", "symbol", "definition")},
        observation_type=_type(stream.get("observationType")),
        properties=stream.get("properties") or {},
    )


def _type(told: Any) -> str:
    return str(told) if told in set(ObservationType) else ObservationType.OBSERVATION


SENSORTHINGS = ConnectorKind(
    key="sensorthings",
    label=gettext_lazy("SensorThings-Schnittstelle (OGC, 1.1)"),
    explanation=gettext_lazy("Ein anderer Datenhub: Objekte, Messreihen und neue Werte seit dem letzten Lauf."),
    fields=(
        URL,
        *HEADER_FIELDS,
        ConfigField(
            key="filter",
            label=gettext_lazy("Nur diese Objekte"),
            help=gettext_lazy("Ein $filter der Schnittstelle, zum Beispiel startswith(name,'Pegel')."),
        ),
        ConfigField(key="first_days", label=gettext_lazy("Tage zurück beim ersten Lauf"), kind="number", default=7),
        ConfigField(
            key="look_back_minutes",
            label=gettext_lazy("Minuten, die jeder Lauf noch einmal liest"),
            kind="number",
            default=60,
        ),
    ),
    fetch=fetch,
    fills_gaps=True,
)
