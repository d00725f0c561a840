"""What a station would measure: made up, the same every time, plausible by season and hour.

Nothing here is a measurement. Shapes are simple: a year, a day, weather of some days' length, the station's own
character, and noise. All numbers come from the station's key and the moment alone, so history and live values fit.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

STEP = timedelta(minutes=15)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400.0
YEAR = 365.25 * DAY
WARMEST_DAY, WARMEST_HOUR = 202, 14.5  # 21 July; UTC+1 afternoon of Bochum
SPIKES, GAPS = 0.0004, 0.012  # shares of values that jump, and of hours that are missing


@dataclass(frozen=True, slots=True)
class Site:
    """A station as the simulation needs it. `waterings`: when somebody watered (trees), newest last.

    `ends`: from then on it is silent (a dead feed).
    """

    key: str
    level: float = 1.2
    thirst: float = 1.0
    ends: datetime | None = None
    waterings: tuple[datetime, ...] = field(default=())


def value_at(site: Site, quantity: str, moment: datetime) -> float | None:
    """The value at a moment; None in a gap, after the end, and for what is not simulated."""
    make = QUANTITIES.get(quantity)
    if make is None or _is_missing(site, moment):
        return None
    number = make(site, moment)
    if quantity in SPIKING and _chance(site.key, quantity, moment.timestamp()) < SPIKES:
        number += SPIKING[quantity]
    return round(number, 2)


def steps(since: datetime, until: datetime) -> list[datetime]:
    """The moments of values with since <= moment < until, every quarter of an hour."""
    first = EPOCH + math.ceil((since - EPOCH) / STEP) * STEP
    return [first + number * STEP for number in range(max(0, math.ceil((until - first) / STEP)))]


def _air(site: Site, moment: datetime) -> float:
    """°C. Bochum's monthly means lie between 2 and 19 °C."""
    season = 10.6 - 8.6 * math.cos(_turn_of_year(moment))
    sun = (3.2 - 1.8 * math.cos(_turn_of_year(moment))) * math.cos(_turn_of_day(moment))
    return season + sun + 4.2 * _weather(moment) + 0.9 * _character(site.key) + 0.15 * _noise(site, "air", moment)


def _feels(site: Site, moment: datetime) -> float:
    return _air(site, moment) - 0.06 * _gust(site, moment) + 1.2


def _humidity(site: Site, moment: datetime) -> float:
    dry = 12.0 * math.cos(_turn_of_day(moment)) + 14.0 * _weather(moment)
    return _within(78.0 - dry + 2 * _noise(site, "humidity", moment), 25.0, 99.0)


def _rain(site: Site, moment: datetime) -> float:
    """mm/h, most of the time none."""
    wet = _smooth("rain", moment, 5.0 * 3600) - 0.55
    return round(max(0.0, wet * 7.0 + 0.4 * _noise(site, "rain", moment)), 1) if wet > 0 else 0.0


def _gust(site: Site, moment: datetime) -> float:
    return _within(17.0 + 14.0 * _smooth("wind", moment, 0.7 * DAY) + 3.5 * _noise(site, "gust", moment), 0.0, 95.0)


def _uv(site: Site, moment: datetime) -> float:
    height = math.cos(_turn_of_day(moment, noon=11.5)) - 0.25 + 0.35 * -math.cos(_turn_of_year(moment, top=172))
    clear = 0.72 + 0.28 * _smooth("cloud", moment, 0.3 * DAY)
    return float(round(_within(5.4 * height * clear, 0.0, 9.0)))


def _water(site: Site, moment: datetime) -> float:
    """°C: follows the air slowly, and does not freeze."""
    season = 11.6 - 8.4 * math.cos(_turn_of_year(moment, lag=12))
    sun = 0.9 * math.cos(_turn_of_day(moment, noon=16.5))
    return max(0.6, season + sun + 1.6 * _smooth("water", moment, 6 * DAY) + 0.8 * _character(site.key))


def _oxygen(site: Site, moment: datetime) -> float:
    """mg/l: cold water holds more (saturation after Weiss 1970, simplified), plants add by day and take by night."""
    water = _water(site, moment)
    full = 14.6 - 0.39 * water + 0.006 * water**2
    plants = (0.4 - 0.9 * math.cos(_turn_of_year(moment))) * math.cos(_turn_of_day(moment, noon=16.0))
    share = 0.83 + 0.12 * _character(site.key + "oxygen")
    return _within(full * share + plants + 0.1 * _noise(site, "oxygen", moment), 0.3, 18.0)


def _level(site: Site, moment: datetime) -> float:
    return site.level + 0.05 * _smooth("level" + site.key, moment, 9 * DAY) + 0.004 * _noise(site, "level", moment)


def _conductivity(site: Site, moment: datetime) -> float:
    usual = 620 + 160 * _character(site.key + "salt")
    return _within(usual + 40 * _smooth("salt" + site.key, moment, 12 * DAY), 150, 3000)


def _moisture(site: Site, moment: datetime) -> float:
    """Percent: falls in dry summer weeks, rises after a watering, which is used up in five days."""
    summer = max(0.0, -math.cos(_turn_of_year(moment, lag=8)))
    usual = 96.0 - 34.0 * summer * site.thirst - 9.0 * summer * (1 + _smooth("dry", moment, 11 * DAY))
    given = sum(_rise(moment - watered) for watered in site.waterings if watered <= moment)
    daily = 2.4 * summer * math.cos(_turn_of_day(moment, noon=5.0))
    return _within(usual + min(given, 38.0) + daily + 0.5 * _noise(site, "moisture", moment), 4.0, 100.0)


def _rise(since: timedelta) -> float:
    """Points of moisture some time after a watering: up within three hours, then slowly used up."""
    hours = since.total_seconds() / 3600
    return 26.0 * min(hours / 3.0, 1.0) * math.exp(-max(0.0, hours - 3.0) / 60.0)


def _trunk(site: Site, moment: datetime) -> float:
    return 0.5 * (_air(site, moment) + _air(site, moment - timedelta(hours=2)))


QUANTITIES: Mapping[str, Callable[[Site, datetime], float]] = {
    "air-temperature": _air,
    "feels-like": _feels,
    "humidity": _humidity,
    "rain-rate": _rain,
    "gust": _gust,
    "uv-index": _uv,
    "water-temperature": _water,
    "oxygen": _oxygen,
    "water-level": _level,
    "conductivity": _conductivity,
    "tree-moisture": _moisture,
    "trunk-temperature": _trunk,
}
SPIKING = {"air-temperature": 62.0, "water-temperature": 55.0, "water-level": 6.0, "trunk-temperature": 70.0}


def _is_missing(site: Site, moment: datetime) -> bool:
    if site.ends is not None and moment >= site.ends:
        return True
    hour = math.floor((moment - EPOCH).total_seconds() / 3600 / 2)  # gaps last two hours
    return _chance(site.key, "gap", hour) < GAPS


@lru_cache(8192)
def _turn_of_year(moment: datetime, *, lag: float = 0.0, top: float = WARMEST_DAY) -> float:
    """0 on the coldest day, pi on the warmest."""
    day = (moment - EPOCH).total_seconds() / DAY
    return 2 * math.pi * (day - top - lag) / (YEAR / DAY) + math.pi


def _turn_of_day(moment: datetime, *, noon: float = WARMEST_HOUR - 1.0) -> float:
    """0 at the top of the day."""
    return 2 * math.pi * ((moment - EPOCH).total_seconds() % DAY / 3600 - noon) / 24


def _weather(moment: datetime) -> float:
    """-1 to 1: warm and cold spells, the same over the whole city."""
    return 0.7 * _smooth("weather", moment, 4.0 * DAY) + 0.3 * _smooth("front", moment, 1.1 * DAY)


def _smooth(name: str, moment: datetime, length: float) -> float:
    """-1 to 1, a new random aim every `length` seconds and a cosine between."""
    place, part = divmod((moment - EPOCH).total_seconds(), length)
    before, after = _aim(name, place), _aim(name, place + 1)
    return before + (after - before) * (1 - math.cos(math.pi * part / length)) / 2


@lru_cache(8192)
def _aim(name: str, place: float) -> float:
    return 2 * _chance(name, "aim", place) - 1


@lru_cache(256)
def _character(key: str) -> float:
    return 2 * _chance(key, "character", 0) - 1


def _noise(site: Site, name: str, moment: datetime) -> float:
    return 2 * _chance(site.key, name, moment.timestamp()) - 1


def _chance(*words: object) -> float:
    """0 to 1, always the same for the same words."""
    digest = blake2b("|".join(map(str, words)).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0xFFFFFFFF


def _within(number: float, low: float, high: float) -> float:
    return max(low, min(high, number))
