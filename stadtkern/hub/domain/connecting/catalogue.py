"""From facts of a source to datastreams: registered once, found again at every run, changed when the source changes.

What a steward has changed in between stays until the source itself says something new: a digest of the facts is
remembered, not compared with the tables. Who may see something is the steward's word alone: the connector says it of
things that are new, and never again.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from stadtkern.hub.domain import watched
from stadtkern.hub.domain.connecting.port import Batch, SeriesFacts, ThingFacts
from stadtkern.hub.domain.connection import here
from stadtkern.hub.domain.found_again import Belonging
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.registering import (
    register_datastream,
    register_location,
    register_property,
    register_sensor,
    register_thing,
)
from stadtkern.hub.domain.streams import Stream, read_streams
from stadtkern.hub.models import Connector, Datastream, Location, ObservedProperty, QualityRule, Sensor, Thing

LONGEST_KEY = 200  # as source_key
PROPERTIES = "property"  # observed properties are shared by all connectors
USUAL_SENSOR = "nicht genannt"


@dataclass(slots=True)
class Catalogue:
    """The things and series of one connector, by the keys of its source."""

    connector: Connector
    streams: dict[str, Stream] = field(default_factory=dict)
    _things: dict[str, Thing] = field(default_factory=dict)
    _sensors: dict[str, Sensor] = field(default_factory=dict)
    _properties: dict[str, ObservedProperty] = field(default_factory=dict)
    _fresh: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def of(cls, connector: Connector) -> "Catalogue":
        """With everything an earlier run has registered."""
        made = cls(connector)
        mine = {"source": connector.source}
        made._things = {thing.source_key: thing for thing in Thing.objects.filter(**mine)}
        keys = dict(Datastream.objects.filter(**mine).values_list("pk", "source_key"))
        made._read(keys)
        return made

    def register(self, batch: Batch) -> bool:
        """What of the batch's facts is new or has changed; True when there was something."""
        before = len(self.connector.known), list(self.connector.known.values())
        for thing in batch.things:
            self._register_thing(thing)
        for series in batch.series:
            self._register_series(series)
        self._read({id: key for key, id in self._fresh})
        self._fresh.clear()
        return before != (len(self.connector.known), list(self.connector.known.values()))

    def stream(self, key: str) -> Stream | None:
        return self.streams.get(fitting(key))

    def _read(self, keys: dict[int, str]) -> None:
        found = read_streams(here(), EVERYTHING, set(keys)) if keys else {}
        self.streams |= {keys[id]: stream for id, stream in found.items()}

    def _register_thing(self, facts: ThingFacts) -> None:
        key = fitting(facts.key)
        if key in self._things and not self._is_news(f"thing {key}", facts):
            return
        self._things[key] = register_thing(
            name=facts.name,
            description=facts.description,
            properties=facts.properties,
            locations=self._place(facts, key),
            begins_as=self.connector.visibility,
            **self._belonging(key),
        )
        self._note(f"thing {key}", facts)

    def _place(self, facts: ThingFacts, key: str) -> list[Location] | None:
        if facts.lon is None or facts.lat is None:
            return None
        point = {"type": "Point", "coordinates": [facts.lon, facts.lat]}
        # A place has no identity of its own in these sources: other coordinates are another place, and the thing moves.
        at = fitting(f"{key} @ {facts.lon:.6f} {facts.lat:.6f}")
        thing = self._things.get(key)
        seen_as = thing.visibility if thing else self.connector.visibility
        return [register_location(name=facts.name, location=point, **self._belonging(at, seen_as=seen_as))]

    def _register_series(self, facts: SeriesFacts) -> None:
        key = fitting(facts.key)
        thing = self._things.get(fitting(facts.thing))
        if thing is None or (key in self.streams and not self._is_news(f"series {key}", facts)):
            return
        stream = register_datastream(
            name=facts.name,
            description=facts.description or f"{facts.name}: {thing.name}",
            thing=thing,
            sensor=self._sensor(facts.sensor or USUAL_SENSOR),
            observed_property=self._property(facts),
            unit=facts.unit or None,
            observation_type=facts.observation_type,
            interval_seconds=facts.interval_seconds,
            properties=facts.properties,
            **self._belonging(key),
        )
        _begin_range(stream, facts)
        self._fresh.append((key, stream.pk))
        self._note(f"series {key}", facts)

    def _sensor(self, name: str) -> Sensor:
        if name not in self._sensors:
            self._sensors[name] = register_sensor(
                name=name,
                metadata=name,
                **self._belonging(fitting(f"sensor {name}"), seen_as=self.connector.visibility),
            )
        return self._sensors[name]

    def _property(self, facts: SeriesFacts) -> ObservedProperty:
        """One for all connectors that mean the same: by definition and name."""
        key = fitting(f"{facts.property_definition} {facts.property_name}")
        if key not in self._properties:
            self._properties[key] = register_property(
                name=facts.property_name,
                definition=facts.property_definition,
                source=PROPERTIES,
                source_key=key,
            )
        return self._properties[key]

    def _belonging(self, key: str, *, seen_as: str = "") -> Belonging:
        """`seen_as`: a word of Visibility; without one it stays what it was, and a new one is seen like its thing."""
        belonging: Belonging = {
            "organisation_id": self.connector.organisation_id,
            "source": self.connector.source,
            "source_key": key,
        }
        return {**belonging, "visibility": seen_as} if seen_as else belonging

    def _is_news(self, name: str, facts: ThingFacts | SeriesFacts) -> bool:
        return bool(self.connector.known.get(name) != self._digest(facts))

    def _note(self, name: str, facts: ThingFacts | SeriesFacts) -> None:
        self.connector.known[name] = self._digest(facts)

    def _digest(self, facts: ThingFacts | SeriesFacts) -> str:
        told = [asdict(facts), self.connector.organisation_id, self.connector.visibility]
        return hashlib.blake2b(orjson.dumps(told, default=dict), digest_size=8).hexdigest()


def fitting(key: str) -> str:
    """A key that fits its column; a longer one ends in a digest of itself."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 17]}~{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"


def _begin_range(stream: Datastream, facts: SeriesFacts) -> None:
    """The plausible range the source or its definition names; a rule that somebody has set is theirs."""
    if facts.low is None and facts.high is None:
        return
    note: Any = facts.properties.get("range_source", "")
    _rule, is_new = QualityRule.objects.get_or_create(
        datastream=stream,
        kind=QualityRule.Kind.RANGE,
        severity=QualityRule.Severity.BAD,
        defaults={"low": facts.low, "high": facts.high, "note": str(note)[:200]},
    )
    if is_new:
        watched.mark([stream.pk])
