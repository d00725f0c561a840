"""Find the service of another house that fits our category, and answers that fit its questions; and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from stadtkern.reports.domain.remote311 import RemoteService, SaysNo

REST = ("sonstig", "allgemein", "other", "general", "misc")
NEUTRAL = ("unknown", "other", "none", "unbekannt", "sonstiges", "weiss_nicht")
IN_TEXT = "siehe Beschreibung / see description"


def fit_service(
    offered: Sequence[RemoteService],
    *,
    code: str,
    names: Mapping[str, str],
    keywords: Sequence[str],
    usual: str = "",
) -> RemoteService:
    """The same code, the same name, the most shared keywords, what the operator named, or what takes the rest.

    Raises SaysNo when nothing fits: a wrong service would send the matter to nobody.
    """
    by_code = {service.code: service for service in offered}
    if code in by_code:
        return by_code[code]
    ours = {name.casefold() for name in names.values()}
    best = max(offered, key=lambda service: _likeness(service, ours, keywords), default=None)
    if best is not None and _likeness(best, ours, keywords) > 0:
        return best
    if usual in by_code:
        return by_code[usual]
    for service in offered:
        if any(word in service.name.casefold() for word in REST):
            return service
    raise SaysNo(f"the other side offers no service for {code!r}; name one in its address (#service_code=…)")


def _likeness(service: RemoteService, names: set[str], keywords: Sequence[str]) -> int:
    name = service.name.casefold()
    if name in names:
        return 1_000
    return sum(len(word) for word in keywords if len(word) > 3 and word.casefold() in name)


def fit_answers(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Our answers as form fields of the other side; questions it needs and we never asked get a neutral answer.

    Raises SaysNo naming the questions for which there is none.
    """
    form: dict[str, Any] = {}
    missing = []
    for question in questions:
        value = _fitting(question, answers.get(question["code"]))
        if value in (None, [], "") and question["required"]:
            value = _neutral(question)
            if value is None:
                missing.append(question["code"])
        if value not in (None, [], ""):
            ending = "[]" if question["datatype"] == "multivaluelist" else ""
            form[f"attribute[{question['code']}]{ending}"] = value
    if missing:
        raise SaysNo(f"the other side also asks for: {', '.join(missing)}")
    return form


def _fitting(question: Mapping[str, Any], answer: Any) -> Any:
    if answer is None or question["datatype"] not in {"singlevaluelist", "multivaluelist"}:
        return answer
    given = [one for one in (answer if isinstance(answer, list) else [answer]) if one in question["values"]]
    return given if question["datatype"] == "multivaluelist" else next(iter(given), None)


def _neutral(question: Mapping[str, Any]) -> Any:
    if question["datatype"] in {"string", "text"}:
        return IN_TEXT
    return next((key for key in NEUTRAL if key in question["values"]), None)
