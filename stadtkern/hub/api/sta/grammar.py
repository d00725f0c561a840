"""A whole SensorThings address, from its two texts to one frozen request.

The only error is SyntaxProblem (400). Reading takes time in proportion to the length of the text, and lengths,
nesting and counts are bounded: syntax.py, expansion.py and parser.py name the limits.
"""

from stadtkern.hub.api.sta.decoding import query_pairs, text_of
from stadtkern.hub.api.sta.nodes import Request
from stadtkern.hub.api.sta.options import READERS, parse_options, result_format
from stadtkern.hub.api.sta.path import parse_path
from stadtkern.hub.api.sta.syntax import SyntaxProblem

FORMAT, FORMAT_ALIAS = "$resultFormat", "resultFormat"


def parse(path: str | bytes, query_string: str | bytes = "") -> Request:
    """The request of an address below the service root.

    Both texts are percent-encoded as they were sent (ASGI raw_path, query_string); Django's path_info is already
    decoded and has to be quoted again first. Options that begin neither with $ nor with @ are nobody's business
    (OData 4.0 part 2, clause 5.2) and are kept in `extra`.
    """
    pairs = query_pairs(text_of(query_string, "query"))
    system: dict[str, str] = {}
    extra: list[tuple[str, str]] = []
    for name, text in pairs:
        key = FORMAT if name == FORMAT_ALIAS else name
        if f"${key}" in READERS:
            raise SyntaxProblem(f"write ${key}: without the $ nothing would be asked", where=key)
        if not key.startswith(("$", "@")):
            extra.append((key, text))
            continue
        if key.startswith("@"):
            raise SyntaxProblem("aliases of parameters are not supported; write the value itself", where=key[:20])
        if key in system:
            raise SyntaxProblem(f"{key[:20]} is given twice", where=key[:20])
        system[key] = text
    kind = result_format(system.pop(FORMAT)) if FORMAT in system else "json"
    return Request(parse_path(text_of(path, "path")), parse_options(list(system.items())), kind, tuple(extra))


def parse_address(text: str) -> Request:
    """Path and query in one text, as $batch and MQTT topics have it."""
    path, _, query = text.partition("?")
    return parse(path, query)
