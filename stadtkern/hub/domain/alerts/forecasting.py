"""A threshold in sight: hourly means carried forward by Holt's linear trend (C. C. Holt, Forecasting Seasonals and
Trends by Exponentially Weighted Moving Averages, 1957), fitted by statsmodels. No more than that: no season, no rain.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction

from stadtkern.core import clock
from stadtkern.core.jobs import every
from stadtkern.hub.domain.alerts import raising, telling
from stadtkern.hub.domain.alerts.standing import Condition, Direction, Kind
from stadtkern.hub.domain.readers import EVERYTHING
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.models import AlertRule, AlertState

HOUR = timedelta(hours=1)
LOOKS_BACK, LOOKS_AHEAD = timedelta(days=4), timedelta(hours=6)
FEWEST = 24  # hours with a mean, else nothing is said
STALE = timedelta(hours=3)  # a series that ended earlier has no future
FARTHEST = 72


@every("*/15 * * * *", "hub.alerts.forecast")
def forecast_all() -> None:
    """Every rule that looks ahead, a datastream at a time."""
    states = AlertState.objects.filter(rule__kind=Kind.FORECAST, rule__is_active=True, is_old=False)
    rules = {judge_ahead(state_id) for state_id in states.order_by("pk").values_list("pk", flat=True)}
    telling.tell_of(rule for rule in rules if rule is not None)


@transaction.atomic
def judge_ahead(state_id: int) -> int | None:
    """Raise or end the alert of one datastream; returns the rule when there is news."""
    found = AlertState.objects.filter(pk=state_id, is_old=False).select_related("rule")
    state = found.select_for_update(of=("self",)).first()
    if state is None:
        return None
    worst = expected(state.datastream_id, state.rule)
    if worst is None:
        return None
    sign = -1 if state.rule.direction == Direction.BELOW else 1
    standing = raising.standing_of(state)
    news = standing.step(Condition.of(state.rule), sign * worst, clock.now())
    raising.take(state, standing, news, value=worst)
    raising.save([state])
    return state.rule_id if news else None


def expected(datastream_id: int, rule: AlertRule) -> float | None:
    """The highest (or lowest) hourly mean expected in the next `rule.seconds`; None when nobody can say."""
    now = clock.now()
    rows = PostgresStore().hourly([datastream_id], since=now - LOOKS_BACK, until=now, reader=EVERYTHING)
    means = [(bucket.start, bucket.mean) for _id, bucket in rows if bucket.mean is not None]
    if len(means) < FEWEST or now - means[-1][0] > STALE:
        return None
    hours = round((rule.seconds or LOOKS_AHEAD.total_seconds()) / 3600)
    path = ahead(without_holes(means), max(1, min(hours, FARTHEST)))
    return min(path) if rule.direction == Direction.BELOW else max(path)


def without_holes(means: Sequence[tuple[datetime, float]]) -> list[float]:
    """One value for each hour from the first to the last; missing ones on the straight line between."""
    filled = [means[0][1]]
    for (start, before), (end, after) in pairwise(means):
        steps = max(1, round((end - start) / HOUR))
        filled += [before + (after - before) * step / steps for step in range(1, steps + 1)]
    return filled


def ahead(numbers: Sequence[float], hours: int) -> list[float]:
    """The next values of an hourly series by Holt's linear trend; a series that never changes goes on like that."""
    if min(numbers) == max(numbers):
        return [numbers[-1]] * hours
    import warnings  # statsmodels takes 100 MB: only in a worker that has such a rule

    from statsmodels.tsa.holtwinters import Holt

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "optimization failed to converge": its best guess is used
        fitted = Holt(list(numbers), initialization_method="estimated").fit(optimized=True)
    return [float(value) for value in fitted.forecast(hours)]
