"""A first look at columns or fields: which is the time, which are values, where things stand. Only a suggestion."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.hub.domain.connecting.moments import Guess, guess_format
from stadtkern.hub.domain.connecting.numbers import COMMA, READERS, NoNumber, guess_decimal
from stadtkern.hub.domain.connecting.port import Finding, Look

NAMES = {
    "time": re.compile(r"^(date_?time|time_?stamp|zeit(punkt|stempel)?|time|datum|date|messzeit|_?ts)$", re.I),
    "lat": re.compile(r"(^|[._])(lat(itude)?|breite(ngrad)?)$", re.I),
    "lon": re.compile(r"(^|[._])(lon(g|gitude)?|lng|l[äa]nge(ngrad)?)$", re.I),
    "thing_key": re.compile(
        r"(^|[._])((station|sensor|device|logger|thing|messstelle)s?([_ ]?(id|nr|key|code))?|id)$", re.I
    ),
    "thing_name": re.compile(r"(^|[._])((station|sensor|device|logger|messstelle)s?_?)?(name|bezeichnung)$", re.I),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A column or field with examples of what is in it."""

    name: str
    examples: Sequence[Any]


def looked(samples: Sequence[Sample], zone: tzinfo) -> Look:
    """What each column may be, by its name and its contents."""
    time, guess = _time(samples)
    roles = {role: _named(role, samples) for role in ("lat", "lon", "thing_key", "thing_name")}
    taken = {time, *roles.values()}
    decimal = guess_decimal(one for sample in samples if sample.name not in taken for one in sample.examples)
    values = [one.name for one in samples if one.name not in taken and _are_numbers(one.examples, decimal)]
    suggested: dict[str, Any] = {role: name for role, name in roles.items() if name} | {"decimal": decimal}
    suggested["values"] = [{"source": name, "name": name} for name in values]
    if guess is not None:
        suggested |= {"time": time, "time_format": guess.format}
        suggested["time_zone"] = "" if guess.has_zone else str(zone)
    findings = [*_told_of_time(time, guess, zone), Finding(label=_("Dezimalzeichen"), value=_sign(decimal))]
    columns = [(one.name, ", ".join(str(example) for example in one.examples[:3])[:80]) for one in samples]
    return Look(findings, suggested, columns)


def _sign(decimal: str) -> str:
    return _("Komma") if decimal == COMMA else _("Punkt")


def _time(samples: Sequence[Sample]) -> tuple[str, Guess | None]:
    """The first column of a fitting name whose examples are moments, else the first with moments at all."""
    named = [one for one in samples if NAMES["time"].search(one.name)]
    for one in [*named, *samples]:
        if guess := guess_format(one.examples):
            return one.name, guess
    return "", None


def _named(role: str, samples: Sequence[Sample]) -> str:
    return next((one.name for one in samples if NAMES[role].search(one.name)), "")


def _are_numbers(examples: Sequence[Any], decimal: str) -> bool:
    if not examples:
        return False
    try:
        for one in examples:
            READERS[decimal](one)
    except NoNumber:
        return False
    return True


def _told_of_time(time: str, guess: Guess | None, zone: tzinfo) -> list[Finding]:
    if guess is None:
        return [Finding(label=_("Zeitpunkt"), value="–", doubt=_("Keine Spalte enthält erkennbare Zeitpunkte."))]
    twin = _("Auch %(format)s passt auf alle Beispiele; bitte prüfen.") % {"format": guess.twin} if guess.twin else ""
    found = [Finding(label=_("Zeitpunkt"), value=f"{time} ({guess.format})", doubt=twin)]
    if guess.has_zone:
        return [*found, Finding(label=_("Zeitzone"), value=_("steht bei jeder Zeit"))]
    doubt = _("Die Zeiten nennen keine Zeitzone. Viele Geräte schreiben UTC oder das ganze Jahr Normalzeit (+01:00).")
    return [*found, Finding(label=_("Zeitzone"), value=str(zone), doubt=doubt)]
