"""What is told, as SensorThings writes it (18-088, 8.2): the members a subscriber gets on each topic."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orjson import Fragment, dumps, loads

from stadtkern.hub.words import Flag

NEUTRAL = Flag.LATE | Flag.CORRECTED
SELECTED = ("phenomenonTime", "result")  # what the topic with $select brings


def set_of(is_multi: bool) -> str:
    return "MultiDatastreams" if is_multi else "Datastreams"


def observation(row: Mapping[str, Any], root: str) -> dict[str, Any]:
    """`root`: the address of the service, up to the version. JSON columns of `row` are text."""
    link = f"{root}/Observations({row['id']})"
    stream = set_of(row["is_multi"])[:-1]
    told: dict[str, Any] = {
        "@iot.selfLink": link,
        "@iot.id": row["id"],
        "phenomenonTime": period(row["phenomenon_start"], row["phenomenon_end"]),
        "result": _result(row),
        "resultTime": moment(row["result_time"]) if row["result_time"] else None,
        f"{stream}@iot.navigationLink": f"{link}/{stream}",
        "FeatureOfInterest@iot.navigationLink": f"{link}/FeatureOfInterest",
    }
    if quality := quality_of(row["quality"], row["flags"]):
        told["resultQuality"] = quality
    if row["valid_start"]:
        told["validTime"] = period(row["valid_start"], row["valid_end"])
    if row["parameters"]:
        told["parameters"] = Fragment(row["parameters"])
    return told


def selected(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in SELECTED}


def datastream(row: Mapping[str, Any], root: str) -> dict[str, Any]:
    link = f"{root}/{set_of(row['is_multi'])}({row['id']})"
    told: dict[str, Any] = {"@iot.selfLink": link, "@iot.id": row["id"]}
    told |= {name: row[name] for name in ("name", "description", "observationType")}
    told["properties"] = Fragment(row["properties"])
    unit = "unitOfMeasurements" if row["is_multi"] else "unitOfMeasurement"
    told[unit] = Fragment(row["unit"])
    if row["is_multi"]:
        told["multiObservationDataTypes"] = Fragment(row["multi_types"])
    told |= times(row)
    properties = "ObservedProperties" if row["is_multi"] else "ObservedProperty"
    for name in ("Thing", "Sensor", properties, "Observations"):
        told[f"{name}@iot.navigationLink"] = f"{link}/{name}"
    return told


def times(row: Mapping[str, Any]) -> dict[str, Any]:
    """From when to when there are values."""
    return {
        "phenomenonTime": period(row["first_start"], row["last_end"]),
        "resultTime": period(row["first_result"], row["last_result"]),
    }


def moment(at: datetime) -> str:
    """2026-05-04T12:00:00Z; fractions of a second only where there are any."""
    utc = at.astimezone(UTC)
    precision = "microseconds" if utc.microsecond % 1000 else "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=precision)[:-6] + "Z"


def period(start: datetime | None, end: datetime | None) -> str | None:
    if start is None:
        return None
    return moment(start) if end is None else f"{moment(start)}/{moment(end)}"


def quality_of(given: str | None, flags: int) -> list[Any]:
    """What the sender said of the value, then what the rules found (DQ_ConformanceResult of ISO 19157)."""
    said = loads(given) if given is not None else []
    held = Flag(flags)
    found: list[Any] = [_finding(flag) for flag in Flag if flag in held and flag != Flag.CHECKED]
    if Flag.CHECKED in held and not held & ~(Flag.CHECKED | NEUTRAL):
        found.insert(0, {"nameOfMeasure": "checked", "pass": True})
    return [*(said if isinstance(said, list) else [said]), *found]


def packed(told: Any) -> bytes:
    return dumps(told)


def _finding(flag: Flag) -> dict[str, Any]:
    name = {"nameOfMeasure": str(flag.name).lower()}
    return name if flag in NEUTRAL else {**name, "pass": False}


def _result(row: Mapping[str, Any]) -> Any:
    if row["number"] is not None:
        number = row["number"]
        return int(number) if number == int(number) and abs(number) < 2**53 else number
    if row["json"] is not None:
        return Fragment(row["json"])
    return row["text"]
