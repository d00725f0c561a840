"""Did you mean ...? Spelling by the words that public reports and the catalogue really use.

The full text search knows stems, not slips of the pen, and the embedded server has no pg_trgm. So the words in use
are counted every hour (ts_stat) and kept; a word nobody uses is led to the nearest one that somebody does.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection

from stadtkern.core.jobs import every
from stadtkern.places.domain.spelling import fold
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.figures import keep, kept_or

LEXICON = "lexicon"
MOST_WORDS, MOST_REPORTS = 20_000, 50_000
MOST_CORRECTED = 5  # words of one search
SHORTEST, LONGER_FROM, LONGEST = 4, 8, 40
WORD = re.compile(r"[^\W\d_]+")
_IN_USE = """
select word, ndoc from ts_stat($$
 select to_tsvector('simple', concat_ws(' ', coalesce(nullif(public_text, ''), text), address))
 from reports_report where visibility = 'public' order by id desc limit {most}
$$) where length(word) between %s and %s order by ndoc desc, word limit %s
"""


@dataclass(frozen=True)
class Lexicon:
    """Folded words by length: (set of letters as bits, folded, as written, in how many reports)."""

    known: frozenset[str]
    shelves: dict[int, list[tuple[int, str, str, int]]] = field(hash=False)


def correct(text: str) -> str:
    """The text with unknown words led to known ones; "" when there is nothing to correct."""
    book = lexicon()
    unknown = [word for word in dict.fromkeys(WORD.findall(text)) if fold(word) not in book.known]
    better = {word: found for word in unknown[:MOST_CORRECTED] if (found := nearest(fold(word), book))}
    return WORD.sub(lambda found: better.get(found[0], found[0]), text) if better else ""


def nearest(word: str, book: Lexicon) -> str:
    """The word in use that is closest, of equally close ones the most frequent; "" when none is close enough."""
    if not SHORTEST <= len(word) <= LONGEST:
        return ""
    reach = 1 if len(word) < LONGER_FROM else 2
    letters, best = _letters(word), (reach + 1, 0, "")
    for length in range(len(word) - reach, len(word) + reach + 1):
        for bits, folded, written, count in book.shelves.get(length, ()):
            if (bits ^ letters).bit_count() <= 2 * reach and (far := distance(word, folded, reach)) <= reach:
                best = min(best, (far, -count, written))
    return best[2]


def distance(one: str, other: str, most: int) -> int:
    """Damerau-Levenshtein (optimal string alignment): a swap of neighbours is one slip. Gives up beyond `most`."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for row, sign in enumerate(one, start=1):
        line = [row, *([0] * len(other))]
        for at, letter in enumerate(other, start=1):
            line[at] = min(last[at] + 1, line[at - 1] + 1, last[at - 1] + (sign != letter))
            if row > 1 and at > 1 and sign == other[at - 2] and one[row - 2] == letter:
                line[at] = min(line[at], before[at - 2] + 1)
        if min(line) > most and min(last) > most:
            return most + 1
        before, last = last, line
    return min(last[-1], most + 1)


def lexicon() -> Lexicon:
    """What is kept, ready for questions; the very first reader has it counted."""
    kept = kept_or(LEXICON, count_words)
    return _ready(kept.made_at.isoformat(), tuple((str(word), int(count)) for word, count in kept.content))


@lru_cache(maxsize=1)
def _ready(_made_at: str, words: tuple[tuple[str, int], ...]) -> Lexicon:
    shelves: dict[int, list[tuple[int, str, str, int]]] = defaultdict(list)
    known = set()
    for word, count in words:
        folded = fold(word)
        known.add(folded)
        shelves[len(folded)].append((_letters(folded), folded, word, count))
    return Lexicon(frozenset(known), dict(shelves))


def _letters(word: str) -> int:
    bits = 0
    for sign in word:
        bits |= 1 << (ord(sign) % 31)
    return bits


def count_words() -> list[list[object]]:
    """[word, number of reports], the most used first: of the newest public reports, and of the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_USE.format(most=MOST_REPORTS), [SHORTEST, LONGEST, MOST_WORDS])
        counted = Counter({word: count for word, count in cursor.fetchall() if WORD.fullmatch(word)})
    for category in catalogue().categories.values():
        told = " ".join([*category.name.values(), *category.keywords]).replace("·", "").lower()
        counted.update({word for word in WORD.findall(told) if len(word) >= SHORTEST})
    return [[word, count] for word, count in counted.most_common(MOST_WORDS)]


@every("25 * * * *", "reports.lexicon")
def renew() -> None:
    keep(LEXICON, count_words())
