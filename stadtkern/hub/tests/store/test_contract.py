"""The contract of a store: whatever is appended, corrected, removed, rolled up and archived, it says what is true.

The same steps on two stores: all in tables, and every closed month in the archive after each step.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stadtkern.hub.domain.store import archive, months, rolling
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.store.model import DAY, HOUR, MINUTE, Model, check, local
from stadtkern.hub.words import Flag

pytestmark = pytest.mark.django_db

# Around the ends of months, of local days, and where the clocks change.
EDGES = [
    local(2024, 1, 1), local(2024, 2, 1), datetime(2024, 2, 1, tzinfo=UTC), local(2024, 3, 31), local(2024, 4, 1),
    local(2024, 10, 27), local(2024, 10, 28), datetime(2031, 5, 5, tzinfo=UTC),
]  # fmt: skip
OFFSETS = [-HOUR, -MINUTE, 0 * HOUR, MINUTE, 59 * MINUTE, HOUR, 2 * HOUR, 25 * HOUR]
moments = st.builds(lambda edge, offset: edge + offset, st.sampled_from(EDGES), st.sampled_from(OFFSETS))
results = st.one_of(
    st.integers(-5, 5).map(lambda n: {"number": float(n)}),
    st.just({"text": ""}),
    st.just({"text": 'zwei\nZeilen, "Zitat"'}),
    st.just({"json": {"a": [1, None, "\\"]}}),
    st.just({}),
)
flags = st.sampled_from([0, 0, int(Flag.CHECKED), int(Flag.OUTLIER), int(Flag.RANGE | Flag.BAD)])


@st.composite
def samples(draw: Any) -> dict[str, Any]:
    start = draw(moments)
    slot = draw(st.sampled_from([0, 0, 0, 7, 9]))
    more = {
        0: {"result_time": start + MINUTE},
        7: {"result_time": start - 6 * HOUR},
        9: {"phenomenon_end": start + DAY},
    }
    return {"which": draw(st.integers(0, 1)), "phenomenon_start": start, "slot": slot, "flags": draw(flags),
            **draw(results), **more[slot], "parameters": {"n": 1} if slot else None}  # fmt: skip


steps = st.one_of(
    st.tuples(st.just("append"), st.lists(samples(), min_size=1, max_size=8)),
    st.tuples(st.just("append"), st.lists(samples(), min_size=1, max_size=8)),
    st.tuples(st.just("remove"), st.integers(0, 1), moments, moments),
    st.tuples(st.just("roll"), moments),
    st.tuples(st.just("archive"), moments),
)


@pytest.fixture(params=["tables", "archive"])
def afterwards(request: Any, tmp_path: Path, settings: Any) -> Callable[[], object]:
    """What is done after every step."""
    settings.HUB_ARCHIVE = tmp_path / "archive"
    return archive.archive_older_than if request.param == "archive" else lambda: None


@pytest.fixture
def streams(city: object) -> list[int]:
    house = thing()
    return [datastream(house).pk for _ in range(2)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(todo=st.lists(steps, min_size=1, max_size=7))
def test_a_store_says_what_is_true_after_every_step(
    streams: list[int], afterwards: Callable[[], object], todo: list[Any]
) -> None:
    with undone():
        model = Model()
        for name, *given_ in todo:
            STEPS[name](model, streams, *given_)
            afterwards()
            check(PostgresStore(), model, streams)


class undone(transaction.Atomic):  # noqa: N801 (reads as a word)
    """A savepoint that is always rolled back: the next example finds empty tables."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *failure: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*failure)
        months.forget()


def append(model: Model, streams: list[int], given_: list[dict[str, Any]]) -> None:
    made = [
        Sample(datastream_id=streams[one["which"]], **{k: v for k, v in one.items() if k != "which"}) for one in given_
    ]
    expected = model.append(made)
    done = PostgresStore().append(made)
    model.numbered(done.samples)
    assert (done.created, done.corrected) == expected


def remove(model: Model, streams: list[int], which: int, since: datetime, until: datetime) -> None:
    since, until = min(since, until), max(since, until) + MINUTE
    expected = model.remove(streams[which], since, until)
    assert PostgresStore().remove(streams[which], since=since, until=until) == expected


def roll(model: Model, streams: list[int], until: datetime) -> None:
    rolling.roll(until=until)


def put_away(model: Model, streams: list[int], moment: datetime) -> None:
    if moment.year < 2026:
        archive.archive((moment.year - 1970) * 12 + moment.month - 1)


STEPS: dict[str, Callable[..., None]] = {"append": append, "remove": remove, "roll": roll, "archive": put_away}
