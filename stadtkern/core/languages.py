"""Texts of a city pack in several languages: a dict by language code."""

from collections.abc import Mapping

from django.utils.translation import get_language

Words = Mapping[str, str]

FALLBACK = ("de", "en")


def pick(words: Words, language: str | None = None) -> str:
    """The text in this language (or the active one), else in German, else whatever there is."""
    code = language or get_language() or "de"
    for choice in (code, code.split("-")[0], *FALLBACK):
        if text := words.get(choice):
            return text
    return next(iter(words.values()), "")
