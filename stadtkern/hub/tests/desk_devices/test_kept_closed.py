"""What a steward has closed stays closed, whatever its source says later."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.domain.visibility import show_thing_to
from stadtkern.hub.models import Connector, Datastream, Location, Thing
from stadtkern.hub.tests.connecting.conftest import Source, connector, source  # noqa: F401  fixtures
from stadtkern.people.models import Person

pytestmark = pytest.mark.django_db
VALUES = [{"source": "t", "name": "Luft"}, {"source": "h", "name": "Feuchte"}]
MAPPING: dict[str, Any] = {
    "time": "at", "thing_key": "id", "thing_name": "name", "lat": "lat", "lon": "lon", "values": VALUES[:1]
}  # fmt: skip


def said(**more: Any) -> str:
    row = {"at": "2026-07-01T12:00:00Z", "id": "1", "name": "Bank", "lat": 51.49, "lon": 7.22, "t": 20.5}
    return json.dumps([row | more])


def test_a_source_with_news_opens_nothing(
    source: Source,  # noqa: F811
    connector: Callable[..., Connector],  # noqa: F811
    steward: Person,
) -> None:
    made = connector("http-json", MAPPING | {"url": source.says("/s", said())})
    assert run_connector(made.pk).created == 1
    bench = Thing.objects.get(source=made.source)
    assert (bench.visibility, bench.datastreams.get().visibility) == ("public", "public")
    show_thing_to(bench.pk, visibility="named", by=steward)
    source.says("/s", said(name="Bank am Teich", lat=51.5, at="2026-07-01T12:05:00Z", h=40))
    Connector.objects.filter(pk=made.pk).update(config=made.config | {"values": VALUES})
    assert run_connector(made.pk).error == ""
    bench.refresh_from_db()
    assert (bench.name, bench.visibility) == ("Bank am Teich", "named")
    assert sorted(Datastream.objects.values_list("name", "visibility")) == [("Feuchte", "named"), ("Luft", "named")]
    assert list(Location.objects.values_list("visibility", flat=True)) == ["named", "named"]
