"""JSON by HTTP: a JMESPath expression finds the list, others the parts of each entry (JMESPath specification, 2015)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import jmespath
import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from stadtkern.hub.domain.connecting.addresses import HEADER_FIELDS, URL_OF_A_PERIOD, with_period
from stadtkern.hub.domain.connecting.documents import document
from stadtkern.hub.domain.connecting.interpreting import Interpreter, zone_of
from stadtkern.hub.domain.connecting.looking import Sample, looked
from stadtkern.hub.domain.connecting.mapping import AUTO, MAPPING_FIELDS, RowMapping, faults_of
from stadtkern.hub.domain.connecting.moments import MomentReader, guess_format
from stadtkern.hub.domain.connecting.numbers import POINT
from stadtkern.hub.domain.connecting.port import Batch, ConfigField, ConnectorKind, Fetching, Look, SourceFault

MOST_PAGES = 500
DEEPEST = 6
EXAMPLES = 200


def fetch(fetching: Fetching) -> Iterator[Batch]:
    """Every entry of every page."""
    mapping = RowMapping.of(fetching.config)
    interpreter: Interpreter | None = None
    row_number = 0
    for entries in _pages(fetching):
        if interpreter is None:
            interpreter = _interpreter(fetching, mapping, entries)
        yield from interpreter.batches(enumerate(entries, row_number + 1))
        row_number += len(entries)


def look(fetching: Fetching) -> Look:
    """The fields of the entries, by their paths, and what they may be."""
    config = dict(fetching.config)
    page = document(fetching, with_period(config["url"], fetching))
    config["list"] = config.get("list") or _likeliest_list(page)
    entries = _entries(config["list"], page)[:EXAMPLES]
    if not entries:
        raise SourceFault(_("Der Ausdruck für die Liste findet keine Einträge."))
    paths: dict[str, list[Any]] = {}
    for entry in entries:
        for path, value in _leaves(entry):
            paths.setdefault(path, []).append(value)
    seen = looked([Sample(path, examples) for path, examples in paths.items()], fetching.zone)
    return replace(seen, suggested={"list": config["list"]} | dict(seen.suggested))


def check(config: Mapping[str, Any]) -> dict[str, str]:
    faults = faults_of(config)
    names = ("list", "next", "time", "thing_key", *(["thing_name"] if config.get("thing_key") else []))
    for name in names:
        try:
            _compiled(config.get(name) or "@")
        except SourceFault as error:
            faults.setdefault(name, str(error))
    return faults


def _pages(fetching: Fetching) -> Iterator[list[Any]]:
    config = fetching.config
    url, seen = with_period(config["url"], fetching), set[str]()
    following = _compiled(config["next"]) if config.get("next") else None
    while url and url not in seen and len(seen) < MOST_PAGES:
        is_only = following is None and not fetching.fills_gap
        page = document(fetching, url, conditional=is_only)
        if page is None:
            return
        seen.add(url)
        yield _entries(config.get("list") or "@", page)
        url = _next(url, following.search(page)) if following else ""
    if url and url not in seen:
        words = _("Die Quelle hat mehr als %(most)d Seiten; der Rest ist nicht gelesen.")
        raise SourceFault(words % {"most": MOST_PAGES})


def _next(url: str, told: Any) -> str:
    return urljoin(url, told) if isinstance(told, str) and told else ""


def _entries(expression: str, page: Any) -> list[Any]:
    found = _compiled(expression).search(page)
    if found is None:
        return []
    if isinstance(found, list):
        return found
    return _side_by_side(found) or [found]


def _side_by_side(found: Any) -> list[Any]:
    """Lists of equal length under names of their own ({"time": [...], "temp": [...]}) as rows."""
    lists = {name: value for name, value in found.items() if isinstance(value, list)} if isinstance(found, dict) else {}
    lengths = {len(value) for value in lists.values()}
    if len(lists) < 2 or len(lengths) != 1:
        return []
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _compiled(expression: str) -> ParsedResult:
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        words = str(error).splitlines()[0]
        raise SourceFault(_("Der Ausdruck ist nicht lesbar: %(reason)s") % {"reason": words}) from error


def _interpreter(fetching: Fetching, mapping: RowMapping, entries: list[Any]) -> Interpreter:
    if mapping.time_format == AUTO:
        parts = [_getter(part) for part in mapping.time]
        told = [" ".join(str(part(one)) for part in parts) if len(parts) > 1 else parts[0](one) for one in entries]
        guess = guess_format(told)
        if guess is None and entries:
            raise SourceFault(_("Das Format der Zeitpunkte ist nicht zu erkennen; geben Sie es an."))
        mapping = replace(mapping, time_format=guess.format if guess else "iso")
    if mapping.decimal == AUTO:
        mapping = replace(mapping, decimal=POINT)
    return Interpreter(
        mapping=mapping,
        getter=_getter,
        raw=lambda row: orjson.dumps(row).decode(),
        fetching=fetching,
        moments=MomentReader(mapping.time_format, zone_of(mapping, fetching.zone)),
    )


def _getter(expression: str) -> Callable[[Any], Any]:
    found = _compiled(expression)

    def get(row: Any) -> Any:
        try:
            return found.search(row)
        except JMESPathError:
            return None

    return get


def _likeliest_list(page: Any) -> str:
    """The path of the longest list of objects."""
    best = max(_lists(page, "", 0), key=lambda pair: pair[0], default=(0, "@"))
    return best[1] or "@"


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        yield len(value), path
    elif isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            yield from _lists(inner, f"{path}.{_quoted(name)}" if path else _quoted(name), depth + 1)


def _leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Paths of plain values; of a short list each place (coordinates)."""
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{_quoted(name)}" if path else _quoted(name), depth + 1)
    elif isinstance(value, list) and len(value) <= 3 and depth < DEEPEST:
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]", depth + 1)
    elif value is not None and not isinstance(value, list | dict):
        yield path, value


def _quoted(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else '"' + name.replace('"', '\\"') + '"'


HTTP_JSON = ConnectorKind(
    key="http-json",
    label=gettext_lazy("JSON von einer Adresse"),
    explanation=gettext_lazy("Eine Schnittstelle, die JSON liefert; Ausdrücke in JMESPath sagen, wo was steht."),
    fields=(
        URL_OF_A_PERIOD,
        *HEADER_FIELDS,
        ConfigField(
            key="list",
            label=gettext_lazy("Wo die Liste steht"),
            help=gettext_lazy("JMESPath, zum Beispiel data.stations; leer: das ganze Dokument."),
        ),
        ConfigField(
            key="next",
            label=gettext_lazy("Wo die Adresse der nächsten Seite steht"),
            help=gettext_lazy("JMESPath; leer, wenn es nur eine Seite gibt."),
        ),
        *MAPPING_FIELDS,
    ),
    fetch=fetch,
    look=look,
    check=check,
    fills_gaps=True,
)
