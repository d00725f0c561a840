"""The words and signs of an option's text, and a cursor over them.

One pattern for expressions and for the nested options of $expand, because OData nests the one in the other.
No alternative of the pattern can take the same text in two ways, so reading is linear.
Source: OData 4.0 ABNF construction rules; OGC 18-088 clause 9.3.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from stadtkern.hub.api.sta.syntax import MOST_CHARACTERS, MOST_NESTING, MOST_TOKENS, Source, SyntaxProblem

SHOWN = 40  # characters of a token that an error repeats
UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# A blank before the offset is what becomes of an unencoded '+' on its way through a form decoder.
_MOMENT = r"[0-9]+-[0-9]+-[0-9]+[\w:.+\-]*(?:(?<=[0-9])[ ][0-9][0-9]:[0-9][0-9](?![0-9:]))?"
_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+)
  | (?P<when>{_MOMENT}(?:/(?:{_MOMENT})?)?)
  | (?P<time>[0-9][0-9]:[0-9:.]+)
  | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
  | (?P<typed>[A-Za-z.]++'(?:[^']|'')*+')
  | (?P<string>'(?:[^']|'')*+')
  | (?P<word>@?[^\W\d]\w*(?:\.\w+)*(?:/[\w@][\w.:@-]*)*)
  | (?P<option>\$[A-Za-z]+)
  | (?P<sign>[(),;=:*-])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """`kind` is the name of an alternative above, or "end"."""

    kind: str
    text: str
    at: int

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end"
        return f"'{self.text[:SHOWN]}{'...' if len(self.text) > SHOWN else ''}'"


def tokens_of(source: Source) -> list[Token]:
    """All tokens without the blanks, and "end"; SyntaxProblem for a text too long or a character without meaning."""
    if len(source.text) > MOST_CHARACTERS:
        raise source.problem(f"the text is longer than {MOST_CHARACTERS} characters", MOST_CHARACTERS)
    if UNSTORABLE.search(source.text):
        raise source.problem("the text holds a character that no database keeps (NUL or half a surrogate pair)", 0)
    found: list[Token] = []
    at = 0
    while at < len(source.text):
        match = _TOKEN.match(source.text, at)
        if match is None:
            raise _unreadable(source, at)
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match.group(), at))
        if len(found) > MOST_TOKENS:
            raise source.problem(f"there are more than {MOST_TOKENS} words and signs", at)
        at = match.end()
    return [*found, Token("end", "", at)]


def _unreadable(source: Source, at: int) -> SyntaxProblem:
    rest = source.text[at : at + SHOWN]
    if "'" in rest and re.match(r"[A-Za-z.]*'", rest):
        return source.problem("this text is not closed by a ' (a ' inside it is written '')", at)
    if re.match(r"-?[0-9]", rest):
        return source.problem("this is no number; between a number and the next word there is a blank", at)
    return source.problem(f"the character {rest[:1]!r} has no meaning here", at)


@dataclass(slots=True)
class Cursor:
    """Where the reading stands. `depth` counts open parentheses, calls and signs."""

    source: Source
    tokens: list[Token]
    index: int = 0
    depth: int = field(default=0)

    @classmethod
    def over(cls, where: str, text: str) -> "Cursor":
        source = Source(where, text)
        return cls(source, tokens_of(source))

    @property
    def next(self) -> Token:
        return self.tokens[self.index]

    def take(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != "end":
            self.index += 1
        return token

    def at_sign(self, sign: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "sign" and token.text == sign

    def skip(self, sign: str) -> bool:
        """Step over this sign if it stands here."""
        if self.at_sign(sign):
            self.index += 1
            return True
        return False

    def expect(self, sign: str, meaning: str = "") -> Token:
        if not self.at_sign(sign):
            raise self.expected(meaning or f"'{sign}'")
        return self.take()

    def expect_end(self, wanted: str) -> None:
        if self.next.kind != "end":
            raise self.expected(wanted)

    def expected(self, wanted: str) -> SyntaxProblem:
        """What should stand here, after what, and what was found."""
        after = f" after {self.tokens[self.index - 1]}" if self.index else ""
        return self.problem(f"expected {wanted}{after}, found {self.next}")

    def problem(self, reason: str, at: int | None = None) -> SyntaxProblem:
        return self.source.problem(reason, self.next.at if at is None else at)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level of nesting; SyntaxProblem beyond the fortieth."""
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise self.problem(f"this is nested deeper than {MOST_NESTING} levels")
        yield
        self.depth -= 1
