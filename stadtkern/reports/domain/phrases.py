"""What the machine itself writes into a history: kept as a key and facts, so that all read it in their language.

An entry holds the German words as its text and the phrases in its data; `spoken` gives them in the language of now.
A fact is plain text, or {"category": key}, {"organisation": id} or {"word": key}, which have a name in each language.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue

Phrase = Mapping[str, Any]
IN_DATA = "phrases"

PHRASES = {
    "assigned": gettext_noop("Bearbeitung: %(old)s → %(new)s"),
    "category": gettext_noop("Kategorie: %(old)s → %(new)s"),
    "address": gettext_noop("Adresse: %(old)s → %(new)s"),
    "place": gettext_noop("Ort: %(old)s → %(new)s"),
    "answers": gettext_noop("Zusatzfragen: %(old)s → %(new)s"),
    "public_text": gettext_noop("Öffentlicher Text: %(old)s → %(new)s"),
    "due_at": gettext_noop("Fällig: %(old)s → %(new)s"),
    "other_route": gettext_noop("Zuständig wäre jetzt: %(owner)s (%(rule)s)"),
    "rerouted": gettext_noop("Nach der Berichtigung ist eine andere Stelle zuständig."),
    "published": gettext_noop("Veröffentlicht"),
    "hidden": gettext_noop("Verborgen: %(because)s"),
    "withdrawn": gettext_noop("Von der meldenden Person zurückgezogen."),
    "duplicate": gettext_noop("Diese Stelle wurde schon gemeldet. Es geht weiter in Meldung %(id)s."),
    "split": gettext_noop("Ein Teil dieser Meldung geht als Meldung %(id)s weiter (%(category)s)."),
    "asked_solved": gettext_noop("Die meldende Person ist gefragt, ob das Problem gelöst ist."),
    "solved": gettext_noop("Die meldende Person sagt: Das Problem ist gelöst."),
    "not_solved": gettext_noop("Die meldende Person sagt: Das Problem ist nicht gelöst."),
    "linked": gettext_noop("Verbunden mit Meldung %(id)s"),
}
WORDS = {
    "nobody": gettext_noop("niemand"),
    "nothing": gettext_noop("nichts"),
    "as_told": gettext_noop("wie gemeldet"),
}


def phrase(key: str, **facts: Any) -> Phrase:
    """A phrase ready to be kept; unknown keys are refused here, not when somebody reads."""
    if key not in PHRASES:
        raise KeyError(key)
    return {"key": key, "facts": facts}


def change(key: str, old: Any, new: Any) -> Phrase:
    """Old and new value of a field; what is empty is named so."""
    nothing = {"word": "nobody" if key == "assigned" else "as_told" if key == "public_text" else "nothing"}
    return phrase(key, old=old or nothing, new=new or nothing)


def in_german(phrases: Sequence[Phrase]) -> str:
    """The text of the entry, for all who do not know of phrases."""
    with translation.override("de"):
        return _say(phrases)


def spoken(text: str, data: Mapping[str, Any]) -> str:
    """An entry's text in the language of now; a text that was emptied stays empty."""
    phrases = data.get(IN_DATA)
    return _say(phrases) if text and phrases else text


def _say(phrases: Sequence[Phrase]) -> str:
    lines = []
    for said in phrases:
        facts = {name: _named(value) for name, value in said["facts"].items()}
        words = PHRASES[said["key"]]
        lines.append(_(words) % facts)
    return "\n".join(lines)


def _named(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    book = catalogue()
    if category := book.categories.get(value.get("category", "")):
        return pick(category.name)
    if organisation := book.organisations.get(value.get("organisation", 0)):
        return organisation.name
    if word := WORDS.get(value.get("word", "")):
        return _(word)
    return ", ".join(str(part) for part in value.values())
