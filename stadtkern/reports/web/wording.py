"""How a report is told to people: status, since when, by whom, why not; in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext

from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.phrases import spoken
from stadtkern.reports.domain.reading import Facts, Line, house, since_when
from stadtkern.reports.domain.times import Span
from stadtkern.reports.words import Kind, Status

TONES = {
    Status.RECEIVED: "calm",
    Status.CHECKED: "info",
    Status.ASSIGNED: "info",
    Status.IN_WORK: "info",
    Status.WAITING: "warn",
    Status.DONE: "good",
    Status.REJECTED: "bad",
    Status.REOPENED: "warn",
}
ICONS = {
    Status.RECEIVED: "inbox",
    Status.CHECKED: "eye",
    Status.ASSIGNED: "person",
    Status.IN_WORK: "wrench",
    Status.WAITING: "hourglass",
    Status.DONE: "check-circle",
    Status.REJECTED: "close",
    Status.REOPENED: "undo",
}
# The pack's icon names -> those of the house's sprite.
PACK_ICONS = {"bin": "trash", "signpost": "sign", "bulb": "idea"}
KIND_ICONS = {Kind.DEFECT: "report", Kind.IDEA: "idea", Kind.PRAISE: "heart"}
PLAIN_STEPS = {
    Status.RECEIVED: gettext_lazy("Eingegangen"),
    Status.CHECKED: gettext_lazy("Angesehen und geprüft"),
    Status.ASSIGNED: gettext_lazy("Jemand kümmert sich darum"),
    Status.IN_WORK: gettext_lazy("Die Arbeit hat begonnen"),
    Status.WAITING: gettext_lazy("Es geht gerade nicht weiter"),
    Status.DONE: gettext_lazy("Erledigt"),
    Status.REJECTED: gettext_lazy("Das geht leider nicht"),
    Status.REOPENED: gettext_lazy("Wieder geöffnet"),
}


def category_name(key: str) -> str:
    found = catalogue().categories.get(key)
    return pick(found.name) if found else key


def category_icon(key: str) -> str:
    found = catalogue().categories.get(key)
    return group_icon(found.group.icon) if found else "report"


def group_icon(name: str) -> str:
    return PACK_ICONS.get(name, name)


def badge(status: str) -> dict[str, str]:
    """Label, tone and icon of a status."""
    step = Status(status)
    return {"label": str(step.label), "tone": TONES[step], "icon": ICONS[step]}


def since_words(moment: datetime) -> str:
    """ "seit heute", "seit Dienstag", later "seit 3. November 2026"."""
    day, today = timezone.localtime(moment).date(), timezone.localdate()
    days = (today - day).days
    if days <= 0:
        return _("seit heute")
    if days == 1:
        return _("seit gestern")
    if days < 7:
        return _("seit %(weekday)s") % {"weekday": date_format(day, "l")}
    return _("seit dem %(date)s") % {"date": date_format(day, "DATE_FORMAT")}


def where_it_lies(found: Facts, lines: list[Line]) -> str:
    """Who has it, since when; of an ended matter, since when it is ended."""
    owner = house(found.owner_id)
    if found.is_open:
        words = _("Liegt %(since)s bei: %(owner)s")
        return words % {"since": since_words(since_when(found, lines)), "owner": owner}
    if found.status == Status.DONE:
        return _("Erledigt von: %(owner)s") % {"owner": owner}
    return _("Entschieden von: %(owner)s") % {"owner": owner}


def honest_times(span: Span | None, owner_id: int) -> str:
    """ "8 von 10 in n Tagen", only from what really happened."""
    if span is None:
        return ""
    days = npgettext("in höchstens", "%(count)d Tag", "%(count)d Tagen", span.most_days) % {"count": span.most_days}
    if span.of_owner:
        words = _("%(owner)s hat 8 von 10 Meldungen dieser Art in höchstens %(days)s erledigt.")
        return words % {"owner": house(owner_id), "days": days}
    return _("8 von 10 Meldungen dieser Art waren nach höchstens %(days)s erledigt.") % {"days": days}


def reason_words(reason: str | None, referred_to_id: int | None) -> str:
    """The public words of a "no" in the reader's language, naming who is in charge instead."""
    book = catalogue()
    if not reason or reason not in book.reasons:
        return ""
    other = book.organisations.get(referred_to_id or 0)
    return pick(book.reasons[reason].public).replace("{organisation}", other.name if other else _("eine andere Stelle"))


def steps(found: Facts, lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The timeline as core/components/timeline.html draws it."""
    made = [_step(line) for line in lines]
    if found.is_open and found.is_defect:
        made.append({"title": _("Erledigt"), "icon": "check-circle", "next": True, "text": "", "at": "", "who": ""})
    return made


def _step(line: Line) -> dict[str, Any]:
    tell = {"step": _tell_step, "handover": _tell_handover, "message": _tell_message, "photo": _tell_photo}
    text, who = spoken(line.text, line.data), house(line.organisation_id)
    step = {"at": line.at, "text": text, "who": who, "tone": "calm", "icon": "dot"}
    return step | tell.get(line.kind, _tell_other)(line)


def _tell_step(line: Line) -> dict[str, Any]:
    if line.code not in Status.values:
        return _tell_other(line)
    status = Status(line.code)
    told = {"title": PLAIN_STEPS[status], "tone": TONES[status], "icon": ICONS[status]}
    if status == Status.RECEIVED:
        told["who"] = _("liegt bei: %(owner)s") % {"owner": house(line.organisation_id)}
    if status == Status.REJECTED:
        words = reason_words(line.data.get("reason"), line.data.get("referred_to"))
        told["text"] = "\n\n".join(text for text in (words, spoken(line.text, line.data)) if text)
    if status == Status.REOPENED and line.organisation_id is None:
        told["who"] = ""
    return told


def _tell_handover(line: Line) -> dict[str, Any]:
    new = house(line.data.get("new_owner"))
    return {"title": _("Weitergegeben an: %(owner)s") % {"owner": new}, "tone": "info", "icon": "forward"}


def _tell_message(line: Line) -> dict[str, Any]:
    if line.by_citizen:
        return {"title": _("Nachricht aus der Meldung"), "who": _("nur für Beteiligte"), "icon": "message"}
    owner = house(line.organisation_id)
    if line.code == "question":
        return {"title": _("Rückfrage von: %(owner)s") % {"owner": owner}, "tone": "warn", "icon": "message", "who": ""}
    return {"title": _("Antwort von: %(owner)s") % {"owner": owner}, "tone": "info", "icon": "reply", "who": ""}


def _tell_photo(line: Line) -> dict[str, Any]:
    return {"title": _("Neues Foto"), "icon": "image"}


def _tell_other(line: Line) -> dict[str, Any]:
    return {"title": _("Aktualisiert")}


def open_question(lines: Iterable[Line]) -> Line | None:
    """The last thing staff said, when it is a question that nobody answered yet."""
    talk = [line for line in lines if line.kind == "message"]
    return talk[-1] if talk and talk[-1].code == "question" and not talk[-1].by_citizen else None


def list_answers(category: str, answers: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer for everybody: only answers from lists, never what somebody typed."""
    found = catalogue().categories.get(category)
    told = []
    for question in found.questions if found else ():
        chosen = _chosen(question, answers.get(question["code"]))
        if chosen:
            told.append((pick(question["label"]), ", ".join(chosen)))
    return told


def answers_for_staff(category: str, answers: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer for those who do the work: everything, also what was typed.

    Answers to questions the category no longer asks come last, under their code.
    """
    found = catalogue().categories.get(category)
    left = dict(answers)
    told = []
    for question in found.questions if found else ():
        given = left.pop(question["code"], None)
        if words := ", ".join(_chosen(question, given)) or _typed(question["type"], given):
            told.append((pick(question["label"]), words))
    told += [(code, words) for code, given in left.items() if (words := _typed("", given))]
    return told


def _chosen(question: Mapping[str, Any], given: Any) -> list[str]:
    """The names of what was chosen from the question's list."""
    names = {value["key"]: pick(value["name"]) for value in question.get("values", ())}
    return [names[key] for key in (given if isinstance(given, list) else [given]) if key in names]


def _is_moment(given: Any) -> bool:
    try:
        datetime.fromisoformat(given)
    except (TypeError, ValueError):
        return False
    return True


def _typed(kind: str, given: Any) -> str:
    """A typed answer as people write it: 1.5 -> "1,5", a moment as day and time."""
    if given in (None, "", []):
        return ""
    if kind == "datetime":
        return date_format(datetime.fromisoformat(given), "DATETIME_FORMAT") if _is_moment(given) else str(given)
    if isinstance(given, list):
        return ", ".join(str(one) for one in given)
    return number_format(given) if isinstance(given, float) else str(given)
