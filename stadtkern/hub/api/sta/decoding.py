"""Percent-decoding, exactly once, and what a '+' in a query string means.

RFC 3986 and OData read '+' as a plus, HTML forms and many client libraries (furl, java.net.URLEncoder) write a blank
with it. One query string was written by one client: it came from a form encoder if it has no other blank (%20) and
a '+' stands where no plus can stand, that is outside quotes and neither in an offset (12:00+02:00) nor in an
exponent (1e+5). Then every '+' is a blank but those in offsets and exponents. Otherwise every '+' is a plus.
"""

import re
from urllib.parse import unquote_to_bytes

from stadtkern.hub.api.sta.syntax import MOST_CHARACTERS, SyntaxProblem

MOST_ENCODED = 3 * MOST_CHARACTERS
_RAW_PLUS = "\0"  # stands for an unencoded '+' while %2B is already decoded
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TRUE_PLUS = re.compile(r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?|(?<!\w)\d+(?:\.\d+)?[eE])\0(?=\d)", re.ASCII)
_BLANK = re.compile("%20| ")
_QUOTED = re.compile(r"'[^']*+'?")


def text_of(given: str | bytes, where: str) -> str:
    """An address as text. Raises SyntaxProblem if it is no UTF-8 or too long."""
    if len(given) > MOST_ENCODED:
        raise SyntaxProblem(f"the text is longer than {MOST_ENCODED} characters", where=where)
    try:
        return given.decode() if isinstance(given, bytes) else given.encode().decode()
    except UnicodeError:
        raise SyntaxProblem("the text is not UTF-8", where=where) from None


def decoded(raw: str, where: str) -> str:
    """One part of an address, decoded once; a '+' stays a '+'."""
    if bad := _BAD_ESCAPE.search(raw):
        reason = "after a % stand two hexadecimal digits; % itself is %25"
        raise SyntaxProblem(reason, where=where, at=bad.start(), text=raw)
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise SyntaxProblem("the text is not UTF-8", where=where) from None
    if "\0" in text:
        raise SyntaxProblem("the text holds the character NUL", where=where)
    return text


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Names and texts of a query string, both decoded once. Raises SyntaxProblem."""
    if "\0" in query:
        raise SyntaxProblem("the text holds the character NUL", where="query")
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, text = part.partition("=")
        pairs.append((_marked(name, "query"), _marked(text, decoded(name, "query")[:20])))
    blank = " " if not _BLANK.search(query) and any(_from_a_form(text) for _, text in pairs) else "+"
    return [(name.replace(_RAW_PLUS, blank), _with_pluses(text, blank)) for name, text in pairs]


def _marked(raw: str, where: str) -> str:
    """Decoded, with a mark for every '+' that was not encoded."""
    return _RAW_PLUS.join(decoded(piece, where) for piece in raw.split("+"))


def _from_a_form(marked: str) -> bool:
    return _RAW_PLUS in _QUOTED.sub("", _TRUE_PLUS.sub(r"\1", marked))


def _with_pluses(marked: str, blank: str) -> str:
    return _TRUE_PLUS.sub(r"\1+", marked).replace(_RAW_PLUS, blank)
