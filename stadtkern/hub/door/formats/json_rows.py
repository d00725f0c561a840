"""Plain JSON for one datastream: [[time, value], ...], [{"time": …, "value": …}, ...] or one such object."""

from typing import Any

from stadtkern.core.problems import BadQuery
from stadtkern.hub.door.formats.json_body import parsed
from stadtkern.hub.door.formats.rows import RESULT, TIME, Content, Group, check_columns, check_size
from stadtkern.hub.door.formats.times import Precision

SHORT = {"time": TIME, "value": RESULT}


def read(body: bytes, stream: int, precision: Precision | None) -> Content:
    """`precision`: what a number as time counts; without it only ISO 8601 is read. Raises BadQuery, TooLarge."""
    given = parsed(body)
    rows = [given] if isinstance(given, dict) else given
    if not isinstance(rows, list) or not rows:
        raise BadQuery("The body is a list of pairs [time, value], or of objects.")
    check_size(len(rows))
    if all(isinstance(row, list) for row in rows):
        pairs = _timed(rows, 0, precision)
        return Content([Group(stream, (TIME, RESULT), pairs, lambda number: (number, f"/{number}"))])
    return Content([_object(row, stream, number, precision) for number, row in enumerate(rows)])


def _object(row: Any, stream: int, number: int, precision: Precision | None) -> Group:
    if not isinstance(row, dict):
        raise BadQuery(f"/{number} is no object, unlike others.")
    named = {SHORT.get(str(name), str(name)): value for name, value in row.items()}
    columns = check_columns(tuple(named))
    values = [list(named.values())]
    if TIME in columns:
        values = _timed(values, columns.index(TIME), precision)
    return Group(stream, columns, values, lambda _: (number, f"/{number}"))


def _timed(rows: list[Any], place: int, precision: Precision | None) -> list[Any]:
    """Numbers in the column of times become moments; what is wrong stays, and is rejected later."""
    if precision is None:
        return rows
    for row in rows:
        if len(row) > place and isinstance(row[place], int) and not isinstance(row[place], bool):
            row[place] = precision.moment(row[place])
    return rows
