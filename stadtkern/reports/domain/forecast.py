"""What the next weeks will probably bring, and how sure that is.

Method: exponential smoothing in state-space form (ETS: additive error, additive damped trend, with two whole
years also an additive season of 52 weeks; Hyndman et al. 2008), fitted to weekly counts by statsmodels. The
interval holds 80 of 100 outcomes if the future behaves like the past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
LEAST_WEEKS, SEASON_WEEKS = 26, 52
QUIET_WEEKS = 4  # so many weeks without any report: the record ends here, and zero is no forecast
AHEAD = 6
SURE = 0.8
LOOK_BACK = 4 * SEASON_WEEKS


@dataclass(frozen=True, slots=True)
class Week:
    """The week that begins on this Monday: expected count and the bounds of the interval."""

    monday: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`weeks` is empty when there is nothing to learn from: `why` is "too-few", "no-variation" or "stopped"."""

    weeks: tuple[Week, ...]
    seasonal: bool
    learned_from: int
    why: str = ""


def forecast(counts: Sequence[int], *, last_monday: date) -> Forecast:
    """From weekly counts, oldest first, ending with the whole week of `last_monday`."""
    known = list(counts)[-LOOK_BACK:]
    if len(known) < LEAST_WEEKS:
        return Forecast((), seasonal=False, learned_from=len(known), why="too-few")
    if len(set(known)) == 1:
        return Forecast((), seasonal=False, learned_from=len(known), why="no-variation")
    if not any(known[-QUIET_WEEKS:]):
        return Forecast((), seasonal=False, learned_from=len(known), why="stopped")
    seasonal = len(known) >= 2 * SEASON_WEEKS
    rows = _predict(known, seasonal=seasonal)
    weeks = tuple(
        Week(last_monday + WEEK * step, *(round(max(0.0, value), 1) for value in row))
        for step, row in enumerate(rows, start=1)
    )
    return Forecast(weeks, seasonal=seasonal, learned_from=len(known))


def _predict(counts: list[int], *, seasonal: bool) -> list[tuple[float, float, float]]:
    """Mean, low and high for the AHEAD next weeks. The heavy wheels are loaded here only: a nightly job."""
    import warnings

    import pandas
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = {"seasonal": "add", "seasonal_periods": SEASON_WEEKS} if seasonal else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops early still gives a usable, honest interval
        model = ETSModel(pandas.Series(counts, dtype=float), error="add", trend="add", damped_trend=True, **season)
        fitted = model.fit(disp=False, maxiter=200)
        frame = fitted.get_prediction(start=len(counts), end=len(counts) + AHEAD - 1).summary_frame(alpha=1 - SURE)
    return [(float(row["mean"]), float(row["pi_lower"]), float(row["pi_upper"])) for _n, row in frame.iterrows()]
