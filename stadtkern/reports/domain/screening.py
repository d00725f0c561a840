"""Screening: find personal data in a public text before anybody else does. It warns; people decide."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    PLATE = "plate"
    IBAN = "iban"
    PERSON = "person"
    LINK = "link"


PATTERNS: dict[Finding, re.Pattern[str]] = {
    Finding.EMAIL: re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+"),
    Finding.IBAN: re.compile(r"\b[A-Z]{2}\d{2}(?: ?\d{4}){4,7}(?: ?\d{1,3})?\b"),
    Finding.PHONE: re.compile(r"(?<![\w.])(?:\+49|0049|0)[ /()-]*[1-9](?:[ /()-]*\d){6,12}(?!\w)"),
    Finding.PLATE: re.compile(r"\b[A-ZÄÖÜ]{1,3}[ -][A-Z]{1,2}[ -]?\d{1,4}[EH]?\b"),
    Finding.PERSON: re.compile(r"\b(?:Herr|Frau|Familie|Nachbar|Nachbarin)\s+[A-ZÄÖÜ][a-zäöüß]{2,}"),
    Finding.LINK: re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
}


@dataclass(frozen=True)
class Passage:
    """What was found and where in the text."""

    finding: Finding
    start: int
    end: int


def findings(text: str) -> list[Passage]:
    """Passages that look like personal data, in reading order."""
    found = [
        Passage(finding, match.start(), match.end())
        for finding, pattern in PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda passage: (passage.start, passage.end))


def has_personal_data(text: str) -> bool:
    """Does something here look like personal data? A link may be unwanted, but it says nothing about anybody."""
    return any(passage.finding != Finding.LINK for passage in findings(text))


def masked(text: str, mask: str = "[…]") -> str:
    """The text with every passage replaced."""
    parts, last = [], 0
    for passage in findings(text):
        if passage.start >= last:
            parts += [text[last : passage.start], mask]
            last = passage.end
    return "".join([*parts, text[last:]])
