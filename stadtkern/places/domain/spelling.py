"""How people write places, made comparable: umlauts, hyphens, "Str.", house numbers.

Both what is stored and what is asked go through `fold`, so "Konigsallee", "Koenigsallee" and "Königsallee" meet.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ı": "i", "ł": "l"})
PAIRS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
STREET = re.compile(r"stra(?:ss|s)e\b|\bstrasse\b|(?<=[a-z])str\b|\bstr\b")
NUMBER = re.compile(r"^(\d{1,4})\s*([a-z])?(?:\s*[-/]\s*\d{1,4}\s*[a-z]?)?$")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed: words to find, and perhaps a house number and a postcode."""

    words: tuple[str, ...]
    number: str = ""
    postcode: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.words)


def fold(text: str) -> str:
    """Lower case, plain letters, `strasse` as `str`, one space between words."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].lower().translate(LETTERS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    for pair, single in PAIRS:
        plain = plain.replace(pair, single)
    plain = re.sub(r"[^\w]+|_", " ", plain)
    plain = STREET.sub("str", plain)
    return " ".join(plain.split())


def all_words(*texts: str) -> str:
    """Folded words of several texts, plus each text's words glued together ("bergbau museum bergbaumuseum")."""
    seen: dict[str, None] = {}
    for text in texts:
        for part in re.split(r"\s+", text):
            pieces = fold(part).split()
            seen.update(dict.fromkeys(pieces))
            if len(pieces) > 1:
                seen["".join(pieces)] = None
        folded = fold(text).split()
        # "Königs Allee" and "Königsallee", "Hattinger Str." and "Hattingerstr.": neighbours glued
        seen.update(dict.fromkeys(a + b for a, b in pairwise(folded)))
    return " ".join(seen)


def grams(text: str) -> list[str]:
    """The distinct trigrams of each word, with one blank before it; the base of the similarity search."""
    found: dict[str, None] = {}
    for word in fold(text).split():
        if word == "str":
            continue
        padded = f" {word.removesuffix('str')} "
        found.update(dict.fromkeys(padded[at : at + 3] for at in range(len(padded) - 2)))
    return list(found)


def understand(text: str, *, town: str = "") -> Wish:
    """Take the house number, the postcode and the city's name out of what was typed."""
    words: list[str] = []
    number = postcode = ""
    tokens = re.sub(r"(?<=\d)\s+(?=[a-zA-Z]\b)", "", text[:LONGEST]).replace(",", " ").split()
    for token in tokens:
        plain = fold(token)
        if re.fullmatch(r"\d{5}", token):
            postcode = token
        elif words and not number and NUMBER.match(token.lower()):
            number = house_number(token)
        elif plain and not (plain == fold(town) and len(tokens) > 1):
            words += plain.split()
    return Wish(tuple(words), number, postcode)


def house_number(text: str) -> str:
    """`4 a`, `4A` and `4a` are one; of a range the first."""
    matched = NUMBER.match(text.strip().lower())
    return f"{int(matched[1])}{matched[2] or ''}" if matched else ""


def split_address(text: str) -> tuple[str, str]:
    """("Suttner-Nobel-Allee", "4a") of "Suttner-Nobel-Allee 4 a"; the number may be missing."""
    matched = re.match(r"^(.*?\D)\s+(\d.*)$", " ".join(text.split()))
    street, number = (matched[1], matched[2]) if matched else (text.strip(), "")
    return full_street(street.rstrip(" ,")), house_number(re.split(r"[,(]", number)[0])


def full_street(text: str) -> str:
    """`Herner Str.` written out: `Herner Straße`."""
    text = re.sub(r"(?<=[a-zäöü])str\.?$", "straße", text)
    return re.sub(r"\bStr\.?$", "Straße", text)
