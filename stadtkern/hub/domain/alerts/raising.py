"""Write down that something was raised or is over. The caller holds the row of the state."""

from datetime import datetime

from stadtkern.core import clock
from stadtkern.hub.domain.alerts.standing import OPEN, News, Standing
from stadtkern.hub.models import Alert, AlertState

__all__ = ["OPEN", "end", "save", "standing_of", "take"]
WRITTEN = ["state", "pending_since", "seen_until", "value"]


def standing_of(state: AlertState) -> Standing:
    return Standing(state.state, state.pending_since)


def take(state: AlertState, standing: Standing, news: News | None, *, value: float | None) -> None:
    """Carry the standing over to the row (not saved yet) and open or close its alert."""
    since = standing.since
    state.state, state.pending_since = standing.state, since
    if value is not None:
        state.value = value
    if news == News.RAISED:
        now = clock.now()
        Alert.objects.create(
            rule_id=state.rule_id,
            datastream_id=state.datastream_id,
            since=min(since or now, now),
            raised_at=now,
            value=value if value is not None else state.value,
            limit=state.rule.threshold,
        )
    elif news == News.OVER:
        end(state)


def end(state: AlertState, *, quietly: bool = False, at: datetime | None = None) -> None:
    """Its open alert is over; `quietly`: nobody is told."""
    now = at or clock.now()
    over = {"over_at": now} | ({"over_told_at": now, "told_at": now} if quietly else {})
    Alert.objects.filter(rule=state.rule_id, datastream=state.datastream_id, over_at=None).update(**over)


def save(states: list[AlertState]) -> None:
    AlertState.objects.bulk_update(states, WRITTEN)
