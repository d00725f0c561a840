"""Extra questions of a category and the check of their answers (datatypes of Open311 GeoReport v2)."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.parts import QuestionKind, question_kinds
from stadtkern.core.problems import BadInput

Question = Mapping[str, Any]
LONGEST = {"string": 200, "text": 2_000}


def check_answers(
    questions: Sequence[Question], given: Mapping[str, Any], *, may_be_open: bool = False
) -> dict[str, Any]:
    """The answers in their proper types; raises BadInput naming each question that is wrong or missing.

    `may_be_open`: nothing is missing (staff answer what they know).
    """
    checked: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for question in questions:
        code = question["code"]
        value = given.get(code)
        if value in (None, "", []):
            if question.get("required") and not may_be_open:
                faults[f"answers.{code}"] = _("Bitte beantworten Sie diese Frage.")
            continue
        try:
            checked[code] = question_kinds[question["type"]].clean(question, value)
        except ValueError as error:
            faults[f"answers.{code}"] = str(error)
    if faults:
        raise BadInput(_("Einige Zusatzfragen sind noch offen."), fields=faults)
    return checked


def _one_of(question: Question, value: Any) -> str:
    known = {choice["key"] for choice in question["values"]}
    if not isinstance(value, str) or value not in known:
        raise ValueError(_("Diese Antwort steht nicht zur Wahl."))
    return value


def _some_of(question: Question, value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return sorted({_one_of(question, one) for one in values})


def _words(question: Question, value: Any) -> str:
    text = str(value).replace("\x00", "").strip()
    most = LONGEST[question["type"]]
    if len(text) > most:
        raise ValueError(_("Bitte kürzen Sie auf %(most)s Zeichen.") % {"most": most})
    return text


def _number(question: Question, value: Any) -> float:
    try:
        number = float(str(value).replace(",", "."))
    except ValueError as error:
        raise ValueError(_("Bitte geben Sie eine Zahl ein.")) from error
    if not math.isfinite(number) or abs(number) > 1e12:
        raise ValueError(_("Bitte geben Sie eine Zahl ein."))
    return number


def _moment(question: Question, value: Any) -> str:
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise ValueError(_("Bitte geben Sie Datum und Uhrzeit an.")) from error


KINDS: dict[str, tuple[Any, Callable[[Question, Any], Any], bool]] = {
    "singlevaluelist": ("eine Antwort aus einer Liste", _one_of, True),
    "multivaluelist": ("mehrere Antworten aus einer Liste", _some_of, True),
    "string": ("kurzer Text", _words, False),
    "text": ("langer Text", _words, False),
    "number": ("Zahl", _number, False),
    "datetime": ("Datum und Uhrzeit", _moment, False),
}


def register() -> None:
    for key, (label, clean, choices) in KINDS.items():
        question_kinds.add(QuestionKind(key=key, label=label, clean=clean, choices=choices))
