"""How alike do two people tell of the same matter? Slips of the pen, compound words and near-synonyms count.

PostgreSQL's stems know neither "Poler" nor that a "Straßenlampe" is a "Laterne". So the few candidates near by are
compared here: words by their trigrams (overlap coefficient), and words that stand among the keywords of one category.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]{4,}")
MOST_WORDS = 30
ALIKE_FROM = 0.6  # below this two words have only letters in common
RELATED = 0.6  # two words of one category's keywords
COMMON = frozenset(
    """
    aber auch beim bitte dann dass dein denn dich dies diese diesem diesen dieser dort eine einem einen einer etwas
    ganz habe haben hier ihre immer kann kein keine mehr meine nach nicht noch oder schon sehr sein seine seit sich
    sind unser unter viel viele warum wegen wenn werden wieder wird wurde zwischen über
    """.split()  # noqa: SIM905  a list of fifty strings is no easier to read
)
Trigrams = frozenset[str]


def likeness(text: str, other: str, keywords: Iterable[Iterable[str]] = ()) -> float:
    """0 (nothing in common) to 1. Every word of the shorter text seeks its best partner in the other one.

    `keywords`: groups of words about the same thing, as the categories of the pack have them.
    """
    words, others = sorted((words_of(text), words_of(other)), key=len)
    if not words:
        return 0.0
    groups = [[trigrams(word.casefold()) for word in group] for group in keywords]
    found = [max(_alike(one, two, groups) for two in others) for one in words]
    return sum(found) / len(found)


def words_of(text: str) -> list[str]:
    """The telling words of a text, each once."""
    words = dict.fromkeys(word.casefold() for word in WORD.findall(text))
    return [word for word in words if word not in COMMON][:MOST_WORDS]


@lru_cache(maxsize=20_000)
def trigrams(word: str) -> Trigrams:
    """ "poller" -> pol, oll, lle, ler; a short word is its own."""
    return frozenset(word[place : place + 3] for place in range(max(1, len(word) - 2)))


def overlap(one: Trigrams, two: Trigrams) -> float:
    """What the two share, as part of the smaller: "Laterne" is whole in "Straßenlaterne"."""
    return len(one & two) / min(len(one), len(two))


def _alike(one: str, two: str, groups: list[list[Trigrams]]) -> float:
    first, second = trigrams(one), trigrams(two)
    same = overlap(first, second)
    if same >= ALIKE_FROM:
        return same
    related = any(_is_among(first, group) and _is_among(second, group) for group in groups)
    return RELATED if related else 0.0


def _is_among(word: Trigrams, group: list[Trigrams]) -> bool:
    return any(overlap(word, known) >= 0.8 for known in group)
