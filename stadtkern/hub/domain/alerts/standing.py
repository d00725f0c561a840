"""How an alert goes from quiet to raised and over: pure steps, for values as they come and for the passing of time.

quiet -> pending   a value is beyond the threshold
pending -> quiet   the next one is not
pending -> raised  it has lasted long enough (at once when nothing has to last)
raised, acknowledged -> quiet ("over")   a value is back behind `clear`, which may lie further in (hysteresis)
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stadtkern.hub.models import AlertRule, AlertState

State = AlertState.State
Kind, Direction = AlertRule.Kind, AlertRule.Direction
OPEN = frozenset({State.RAISED, State.ACKNOWLEDGED})


class News(StrEnum):
    RAISED = "raised"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When it is too much, and when it is over. Measures are signed so that more is worse (see `measure`)."""

    threshold: float
    clear: float
    hold: timedelta = timedelta(0)

    @classmethod
    def of(cls, rule: AlertRule) -> "Condition":
        limit = rule.threshold or 0.0
        clear = limit if rule.clear is None else rule.clear
        sign = -1 if rule.direction == Direction.BELOW and rule.kind != Kind.RATE else 1
        return cls(
            threshold=sign * limit,
            clear=min(sign * clear, sign * limit),  # a clear beyond the threshold would never let it rest
            hold=timedelta(seconds=rule.hold_seconds),
        )


@dataclass(slots=True)
class Standing:
    """How it stands now; `since`: when it began (pending) or had begun (raised)."""

    state: str = State.QUIET
    since: datetime | None = None

    def step(self, condition: Condition, measure: float, at: datetime) -> News | None:
        """A value came that was measured at this moment."""
        if self.state in OPEN:
            return self._end() if measure <= condition.clear else None
        if measure <= condition.threshold:
            self.state, self.since = State.QUIET, None
            return None
        if self.state == State.QUIET:
            self.state, self.since = State.PENDING, at
        return self.tick(condition, at)

    def tick(self, condition: Condition, now: datetime) -> News | None:
        """Time went by. A clock that was set back raises nothing and ends nothing."""
        if self.state != State.PENDING or self.since is None or now - self.since < condition.hold:
            return None
        self.state = State.RAISED
        return News.RAISED

    def silent(self, is_silent: bool, since: datetime) -> News | None:
        """Values stay away, or are there again."""
        if is_silent and self.state not in OPEN:
            self.state, self.since = State.RAISED, since
            return News.RAISED
        return self._end() if not is_silent and self.state in OPEN else None

    def _end(self) -> News:
        self.state, self.since = State.QUIET, None
        return News.OVER


def measure(rule: AlertRule, number: float, at: datetime, before: tuple[datetime, float] | None) -> float | None:
    """What is compared with the threshold, more is worse; None when there is nothing to compare.

    Of a rate: by how much the value rises (ABOVE) or falls (BELOW) in `seconds`.
    """
    sign = -1 if rule.direction == Direction.BELOW else 1
    if rule.kind != Kind.RATE:
        return sign * number
    if before is None or at <= before[0]:
        return None
    return sign * (number - before[1]) * (rule.seconds or 1) / (at - before[0]).total_seconds()
