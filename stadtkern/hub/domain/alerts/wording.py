"""What people read of alerts: one sentence for one, a list for several."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stadtkern.core import clock
from stadtkern.hub.domain.alerts.standing import Kind
from stadtkern.hub.models import Alert, AlertRule

MOST_LINES = 10
Said = Callable[[str], str]


def in_each_language(say: Callable[[], str]) -> Said:
    """Words that every reader gets in their own language."""

    def said(language: str) -> str:
        with translation.override(language):
            return say()

    return said


def title(rule: AlertRule, alerts: Sequence[Alert], what: str) -> str:
    """`what`: raised, over, escalated."""
    if len(alerts) == 1:
        return f"{_opening(what)}: {name_of(rule)}, {place_of(alerts[0])}"
    places = ngettext("%(count)s Messreihe", "%(count)s Messreihen", len(alerts)) % {"count": len(alerts)}
    return f"{_opening(what)}: {name_of(rule)}, {places}"


def _opening(what: str) -> str:
    words = {"raised": _("Warnung"), "over": _("Entwarnung"), "escalated": _("Warnung ohne Antwort")}
    return words[what]


def name_of(rule: AlertRule) -> str:
    return _("Messreihe schweigt") if rule.is_default else rule.name


def body(rule: AlertRule, alerts: Sequence[Alert]) -> str:
    lines = [line(rule, alert) for alert in alerts[:MOST_LINES]]
    if (more := len(alerts) - MOST_LINES) > 0:
        lines.append(ngettext("und %(count)s weitere", "und %(count)s weitere", more) % {"count": more})
    return "\n".join(lines)


def line(rule: AlertRule, alert: Alert) -> str:
    """ "Lufttemperatur, Bank im Stadtpark: 31,2 °C, Grenze 30 °C, seit 04.05.2026 14:05"."""
    said = f"{place_of(alert)}: {_finding(rule, alert)}"
    if alert.over_at is not None:
        return _("%(said)s, vorbei seit %(at)s") % {"said": said, "at": at_clock(alert.over_at)}
    return said


def _finding(rule: AlertRule, alert: Alert) -> str:
    words = {"since": at_clock(alert.since), "value": figure(alert, alert.value), "limit": figure(alert, alert.limit)}
    if rule.kind == Kind.SILENCE:
        return _("keine neuen Werte seit %(since)s") % words
    if rule.kind == Kind.FORECAST:
        return _("%(value)s erwartet, Grenze %(limit)s") % words
    if rule.kind == Kind.RATE:
        return _("ändert sich zu schnell, zuletzt %(value)s, seit %(since)s") % words
    return _("%(value)s, Grenze %(limit)s, seit %(since)s") % words


def place_of(alert: Alert) -> str:
    """ "Lufttemperatur, Bank im Stadtpark"."""
    return ", ".join(part for part in (alert.datastream.name, alert.datastream.thing.name) if part)


def figure(alert: Alert, value: float | None) -> str:
    if value is None:
        return "–"
    unit = alert.datastream.unit.get("symbol", "") if isinstance(alert.datastream.unit, dict) else ""
    return f"{number_format(round(value, 3))} {unit}".strip()


def at_clock(moment: datetime) -> str:
    return date_format(clock.local(moment), "d.m.Y H:i")
