"""An entity as the JSON document of its own properties: what patches are applied to."""

from typing import Any

from django.db.models import Model

from stadtkern.hub.api.sta.body_fields import FIELDS
from stadtkern.hub.api.sta.times import moment, period
from stadtkern.hub.domain.recording import LARGEST_EXACT
from stadtkern.hub.domain.store.port import Sample

COLUMNS = {"units": "unit", "types": "multi_types"}  # where a verb's argument is not the name of the column


def document_of(target: str, entity: Model) -> dict[str, Any]:
    """The properties a client can set, by their names in the standard."""
    found = {one.name: getattr(entity, column_of(one.argument)) for one in FIELDS[target] if one.argument}
    if "time" in found:
        found["time"] = moment(found["time"])
    return found


def column_of(argument: str) -> str:
    return COLUMNS.get(argument, argument)


def document_of_sample(sample: Sample) -> dict[str, Any]:
    """An observation's own properties; resultQuality is what the client said, without our findings."""
    return {
        "phenomenonTime": period(sample.phenomenon_start, sample.phenomenon_end),
        "result": result_of(sample),
        "resultTime": moment(sample.result_time) if sample.result_time else None,
        "resultQuality": sample.quality,
        "validTime": period(sample.valid_start, sample.valid_end),
        "parameters": sample.parameters,
    }


def result_of(sample: Sample) -> Any:
    """Number, text or JSON; a whole number is one again."""
    if sample.number is not None:
        is_whole = sample.number.is_integer() and abs(sample.number) < LARGEST_EXACT
        return int(sample.number) if is_whole else sample.number
    return sample.json if sample.text is None else sample.text


def values_of_sample(sample: Sample) -> dict[str, Any]:
    """The same as the arguments of observation_drafts.sample_at."""
    return {
        "phenomenon": (sample.phenomenon_start, sample.phenomenon_end),
        "result": result_of(sample),
        "result_time": sample.result_time,
        "quality": sample.quality,
        "valid": (sample.valid_start, sample.valid_end),
        "parameters": sample.parameters,
    }
