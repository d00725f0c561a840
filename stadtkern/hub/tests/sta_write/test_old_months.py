"""What stands in the archive is changed and removed as if it were in the tables."""

from pathlib import Path
from typing import Any

import pytest

from stadtkern.hub.domain.store import archive, ids, rolling
from stadtkern.hub.models import Latest
from stadtkern.hub.tests.cast import NOON
from stadtkern.hub.tests.sta_write.api import Api, station

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(api: Api, settings: Any, tmp_path: Path) -> tuple[int, list[int]]:
    """A datastream and its observations: three of May in the archive, one of August in the tables."""
    settings.HUB_ARCHIVE = tmp_path / "archive"
    _thing, stream = station(api)
    moments = [f"2026-05-04T12:{minute:02}:00Z" for minute in range(3)] + ["2026-08-04T12:00:00Z"]
    path = f"Datastreams({stream})/Observations"
    made = [api.made(path, {"result": n, "phenomenonTime": at}) for n, at in enumerate(moments)]
    rolling.roll()
    assert archive.archive(ids.month_of(NOON))
    return stream, made


def results(api: Api, stream: int) -> list[Any]:
    return [one["result"] for one in api.get(f"Datastreams({stream})/Observations?$orderby=phenomenonTime")["value"]]


def test_one_is_changed(api: Api, old: tuple[int, list[int]]) -> None:
    stream, made = old
    assert api.patch(f"Observations({made[1]})", {"result": 7.5}).status == 200
    assert results(api, stream) == [0, 7.5, 2, 3]
    assert api.get(f"Observations({made[1]})")["result"] == 7.5
    assert Latest.objects.get(pk=stream).count == 4


def test_one_is_removed(api: Api, old: tuple[int, list[int]]) -> None:
    stream, made = old
    assert api.delete(f"Observations({made[0]})").status == 200
    assert results(api, stream) == [1, 2, 3]
    state = Latest.objects.get(pk=stream)
    assert (state.count, state.first_start.minute) == (3, 1)


def test_a_filter_removes_there_too(api: Api, old: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stadtkern.hub.api.sta.filtered_delete.STEP", 2)
    stream, _made = old
    told = api.delete(f"Datastreams({stream})/Observations?$filter=phenomenonTime lt 2026-06-01T00:00:00Z")
    assert told.body == {"removed": 3, "refused": 0, "more": False}
    assert results(api, stream) == [3]
    assert Latest.objects.get(pk=stream).count == 1


def test_the_same_moment_again_is_a_correction(api: Api, old: tuple[int, list[int]]) -> None:
    stream, made = old
    body = {"result": 9, "phenomenonTime": "2026-05-04T12:01:00Z"}
    id = api.made(f"Datastreams({stream})/Observations", body)
    assert results(api, stream) == [0, 9, 2, 3]
    assert id == made[1]
    assert Latest.objects.get(pk=stream).count == 4
