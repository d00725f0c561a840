"""Checks at the moment of writing, inside the write's transaction: flags are added, nothing else is touched.

Most values are newer than the newest: their past is the rest of the batch and what hub_latest says, no question to
the tables. Late values, and values that repeat the newest where a rule asks how long already, look at their
neighbours. What a late value changes for those after it is seen when the period is judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import psycopg

from stadtkern.core import clock
from stadtkern.hub.domain.quality import known
from stadtkern.hub.domain.quality.checking import Kind, Rule, Trail, Walk
from stadtkern.hub.domain.quality.known import Wanted
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.writing import Newest
from stadtkern.hub.domain.watched import RULES
from stadtkern.hub.words import Flag

BESIDE = 4  # values of the same moment that are looked at beside the neighbours
TIME = attrgetter("phenomenon_start")
OWNER = attrgetter("datastream_id")


@dataclass(slots=True)
class _Task:
    """One datastream of the batch. `late`: not newer than what is there; `fresh`: the others, each in time order."""

    newest: Newest
    rules: Sequence[Rule]
    late: list[Sample] = field(default_factory=list)
    fresh: list[Sample] = field(default_factory=list)

    def wishes(self) -> Iterator[Wanted]:
        """What must be read: for each late value its past, and maybe the run the newest value stands in."""
        for sample in self.late:
            yield Wanted(sample.datastream_id, sample.phenomenon_start, self.most)
        if self.asks_for_the_run and self.newest.phenomenon_start is not None:
            yield Wanted(self.newest.datastream_id, self.newest.phenomenon_start, self.most)

    @property
    def most(self) -> int:
        return max(known.length_of_run(self.rules), 1) + BESIDE

    @property
    def asks_for_the_run(self) -> bool:
        """The next value may go on with the newest one's run, and nobody said yet that it stands still."""
        if not self.fresh or not known.length_of_run(self.rules) or self.newest.phenomenon_start is None:
            return False
        return bool(self.late) or (self.fresh[0].number == self.newest.number and not self.is_stuck)

    @property
    def is_stuck(self) -> bool:
        """The flag of the newest value says enough when there is but one such rule."""
        one = sum(rule.kind == Kind.STUCK for rule in self.rules) == 1
        return one and bool(self.newest.flags & Flag.STUCK)


def check_arrivals(
    connection: "psycopg.Connection[Any]", samples: Sequence[Sample], newest: Mapping[int, Newest]
) -> None:
    """Add the flags the rules give. `newest`: the locked state before the write (store.writing.lock)."""
    watched = {id for id, row in newest.items() if row.watched & RULES}
    if not watched:
        return
    rules = known.rules_of(connection, watched)
    tasks = list(_tasks([sample for sample in samples if sample.datastream_id in rules], newest, rules))
    pasts = iter(known.before(connection, [wish for task in tasks for wish in task.wishes()]))
    received = clock.now()
    for task in tasks:
        for place in range(len(task.late)):
            _judge_late(place, next(pasts), task, received)
        _judge_fresh(task, next(pasts) if task.asks_for_the_run else None, received)


def _tasks(
    samples: Sequence[Sample], newest: Mapping[int, Newest], rules: Mapping[int, Sequence[Rule]]
) -> Iterator[_Task]:
    for id, group in groupby(sorted(samples, key=lambda sample: (OWNER(sample), TIME(sample))), OWNER):
        task = _Task(newest[id], rules[id])
        last = task.newest.phenomenon_start
        for sample in group:
            (task.fresh if last is None or sample.phenomenon_start > last else task.late).append(sample)
        yield task


def _judge_late(place: int, past: Sequence[Sample], task: _Task, received: datetime) -> None:
    """The stored past and the values of the same batch before it, together, are what came before it."""
    walk, sample = Walk(task.rules, received), task.late[place]
    for one in _with_batch(past, task.late[max(0, place - task.most) : place], task.most):
        walk.pass_by(one)
    sample.flags |= walk.judge(sample)


def _with_batch(past: Sequence[Sample], batch: Sequence[Sample], most: int) -> list[Sample]:
    """In the order of time, of one moment what the batch says last; cut so that no stored value is missing between."""
    both = sorted([*past, *batch], key=TIME)
    return both[-most:] if len(past) >= most else both


def _judge_fresh(task: _Task, run: Sequence[Sample] | None, received: datetime) -> None:
    walk = Walk(task.rules, received)
    if run is not None:
        for one in _with_batch(run, task.late[-task.most :], task.most):
            walk.pass_by(one)
    elif task.newest.phenomenon_start is not None:
        walk.trail = _trail(task)
    for sample in task.fresh:
        sample.flags |= walk.judge(sample)


def _trail(task: _Task) -> Trail:
    """As hub_latest knows it, unless the batch itself corrects that value."""
    newest, at = task.newest, task.newest.phenomenon_start
    corrected = [sample for sample in task.late if sample.phenomenon_start == at]
    number = corrected[-1].number if corrected else newest.number
    return Trail(start=at, number=number, run=1, run_since=at, stuck=task.is_stuck and not corrected)
