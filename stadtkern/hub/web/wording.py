"""Words and numbers of the hub for people: values with units, ages, what the rules said."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.core import clock
from stadtkern.core.languages import pick
from stadtkern.core.templatetags.core import ago
from stadtkern.hub.domain.stations.course import Trend
from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.domain.stations.measured import Measured
from stadtkern.hub.domain.stations.series import Freshness, Series, Verdict
from stadtkern.hub.domain.units import WRITTEN
from stadtkern.hub.words import Flag

SHOWN = {code: text for text, code in reversed(WRITTEN.items())}  # of several spellings the first
DECIMALS = 2
LONGEST_TEXT = 80
VERDICTS: dict[Verdict, tuple[Any, str, str]] = {
    Verdict.UNCHECKED: (gettext_lazy("ungeprüft"), "calm", "dot"),
    Verdict.GOOD: (gettext_lazy("geprüft"), "good", "check-circle"),
    Verdict.SUSPECT: (gettext_lazy("auffällig"), "warn", "warning"),
    Verdict.BAD: (gettext_lazy("unbrauchbar"), "bad", "error"),
}
STATES: dict[Freshness, tuple[Any, str, str]] = {
    Freshness.WORKING: (gettext_lazy("aktuell"), "good", "check-circle"),
    Freshness.SILENT: (gettext_lazy("meldet sich nicht"), "warn", "clock"),
    Freshness.PAST: (gettext_lazy("Werte von früher"), "calm", "clock"),
    Freshness.EMPTY: (gettext_lazy("noch keine Werte"), "calm", "dot"),
}
FINDINGS: dict[Flag, Any] = {
    Flag.RANGE: gettext_lazy("außerhalb des Wertebereichs"),
    Flag.STEP: gettext_lazy("plötzlicher Sprung"),
    Flag.STUCK: gettext_lazy("steht still"),
    Flag.GAP: gettext_lazy("nach einer Lücke"),
    Flag.DUPLICATE: gettext_lazy("doppelt gesendet"),
    Flag.DRIFT: gettext_lazy("Uhr geht falsch"),
    Flag.OUTLIER: gettext_lazy("Ausreißer"),
    Flag.LATE: gettext_lazy("verspätet"),
    Flag.CORRECTED: gettext_lazy("berichtigt"),
}
TRENDS: dict[Trend, tuple[Any, str]] = {
    Trend.RISING: (gettext_lazy("steigt"), "up"),
    Trend.FALLING: (gettext_lazy("fällt"), "down"),
    Trend.STEADY: (gettext_lazy("bleibt gleich"), "minus"),
}


def name_of(series: Series) -> str:
    """What is measured, in the reader's language when the pack knows it."""
    known = series.quantity
    return pick(known.words) if known else (series.property_name or series.name)


def name_of_choice(one: Measured) -> str:
    return pick(one.quantity.words) if one.quantity else one.name


def unit_of(series: Series) -> str:
    """As people write it: °C, W/m²."""
    if known := series.quantity:
        return known.unit
    return unit_words(series.symbol)


def unit_words(symbol: str) -> str:
    return "" if symbol in {"", "1"} else SHOWN.get(symbol, symbol)


def decimals_of(series: Series) -> int:
    return series.quantity.decimals if series.quantity else DECIMALS


def number(value: float, decimals: int) -> str:
    """In the reader's language; zero has no sign."""
    rounded = round(value, decimals) + 0.0
    return str(number_format(rounded, decimal_pos=decimals, use_l10n=True, force_grouping=abs(rounded) >= 10_000))


def value_of(series: Series) -> str:
    """The newest result without its unit; "" when there is none."""
    if series.number is not None:
        return number(series.number, decimals_of(series))
    if series.text is not None:
        return series.text[:LONGEST_TEXT]
    if isinstance(series.json, bool):
        return _("ja") if series.json else _("nein")
    return "" if series.json is None else str(series.json)[:LONGEST_TEXT]


def with_unit(value: float, series: Series) -> str:
    return f"{number(value, decimals_of(series))} {unit_of(series)}".strip()


def age_of(series: Series) -> str:
    """ "vor 4 Minuten"; "" without a value."""
    moment = series.end or series.start
    if moment is None:
        return ""
    if moment > clock.now():
        return _("für %(when)s") % {"when": date_format(clock.local(moment), "SHORT_DATETIME_FORMAT")}
    return ago(moment)


def verdict_badge(verdict: Verdict) -> dict[str, str]:
    label, tone, icon = VERDICTS[verdict]
    return {"label": str(label), "tone": tone, "icon": icon}


def state_badge(freshness: Freshness) -> dict[str, str]:
    label, tone, icon = STATES[freshness]
    return {"label": str(label), "tone": tone, "icon": icon}


def findings_of(flags: int) -> list[str]:
    return [str(words) for flag, words in FINDINGS.items() if flags & flag]


def icon_of(series: Series) -> str:
    return series.quantity.icon if series.quantity else "chart"


def station_icon(station: Station) -> str:
    return station.kind.icon if station.kind else "pin"


def kind_name(station: Station) -> str:
    return pick(station.kind.words) if station.kind else _("Messstelle")


def silent_words(series: Series) -> str:
    """ "Der Fühler meldet sich nicht. Zuletzt gemessen: gestern." """
    if series.start is None:
        return _("Dieser Fühler hat noch keinen Wert geschickt.")
    last = {"when": age_of(series)}
    if series.is_past:
        return _("Zuletzt gemessen: %(when)s. Neuere Werte haben wir hier nicht.") % last
    return _("Der Fühler meldet sich nicht. Zuletzt gemessen: %(when)s.") % last


def moment_words(moment: datetime) -> str:
    return str(date_format(clock.local(moment), "SHORT_DATETIME_FORMAT"))


def day_words(moment: datetime) -> str:
    return str(date_format(clock.local(moment), "DATE_FORMAT"))
