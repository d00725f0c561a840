"""From decoded fields to samples: which field goes into which datastream, as what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.hub.domain.letters.uplink import Undeliverable
from stadtkern.hub.domain.recording import UnfitResult, sample_of
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.words import ObservationType

NUMBERS = (ObservationType.MEASUREMENT, ObservationType.COUNT)
MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Target:
    """Where a field goes: result = value * factor + offset."""

    datastream_id: int
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)

    def scaled(self, value: int | float) -> int | float:
        if self.factor == 1 and self.offset == 0:
            return value
        return float(Decimal(str(value)) * self.factor + self.offset)


class BadFields(ValueError):
    """A device's `fields` cannot be used; the text says which one."""


def targets(fields: Mapping[str, Any]) -> dict[str, Target | None]:
    """The targets by field; None: the field is known and not kept. Raises BadFields."""
    return {name: None if given is None else _target(name, given) for name, given in fields.items()}


def _target(name: str, given: Any) -> Target:
    parts = given if isinstance(given, dict) else {"datastream": given}
    number = parts.get("datastream")
    if not isinstance(number, int) or isinstance(number, bool) or parts.keys() - {"datastream", "factor", "offset"}:
        raise BadFields(_("Feld %s: die Nummer einer Messreihe (mit Faktor und Versatz) ist nötig.") % name)
    try:
        return Target(number, Decimal(str(parts.get("factor", 1))), Decimal(str(parts.get("offset", 0))))
    except InvalidOperation as error:
        raise BadFields(_("Feld %s: Faktor und Versatz sind Zahlen.") % name) from error


def found(values: Any, path: str) -> Any:
    """The value at a dotted path ("air.temperature", "channels.0"); None when there is none."""
    if isinstance(values, Mapping) and path in values:
        return values[path]
    for part in path.split("."):
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        else:
            return None
    return values


def samples(
    values: Mapping[str, Any], wanted: Mapping[str, Target | None], streams: Mapping[int, Stream], **moment: Any
) -> list[Sample]:
    """The samples of one reading; `moment`: start, flags, as `sample_of` takes them.

    Raises Undeliverable, also when not one wanted field is there although the reading has some.
    """
    there = {name: value for name in wanted if (value := found(values, name)) is not None}
    if values and not there:
        raise Undeliverable(_nothing_there(values, wanted))
    return [_sample(name, value, target, streams, moment) for name, value in there.items() if (target := wanted[name])]


def _sample(name: str, value: Any, target: Target, streams: Mapping[int, Stream], moment: Mapping[str, Any]) -> Sample:
    stream = streams.get(target.datastream_id)
    if stream is None or not stream.open:
        told = {"field": name, "id": target.datastream_id}
        raise Undeliverable(_("Feld %(field)s: Messreihe %(id)s fehlt, oder der Schlüssel darf nicht hinein.") % told)
    try:
        return sample_of(stream, result=_fitting(stream, value, target), **moment)
    except UnfitResult as error:
        raise Undeliverable(_("Feld %(field)s: %(error)s") % {"field": name, "error": error}) from error


def _fitting(stream: Stream, value: Any, target: Target) -> Any:
    """Decoders write "24.1" for 24.1 and 1 for true; that is no reason to lose a value."""
    if stream.observation_type == ObservationType.TRUTH and value in (0, 1):
        return bool(value)
    if stream.observation_type in NUMBERS:
        value = _number(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return target.scaled(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _nothing_there(values: Mapping[str, Any], wanted: Iterable[str]) -> str:
    if not wanted:
        text = _("Dem Gerät ist noch kein Feld zugeordnet. Die Nachricht hat: %(has)s.")
    else:
        text = _("Keines der zugeordneten Felder (%(wanted)s) ist in der Nachricht. Sie hat: %(has)s.")
    return text % {"wanted": _listed(wanted), "has": _listed(values)}


def _listed(names: Iterable[str]) -> str:
    all_names = sorted(map(str, names))
    more = " …" if len(all_names) > MOST_TOLD else ""
    return ", ".join(name[:40] for name in all_names[:MOST_TOLD]) + more
