"""What can be done with a report at the desk: one table. (desk_acting.py does it.)"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.people.models import Person
from stadtkern.people.rights import may
from stadtkern.reports.domain import corrections, forwarding, publishing, talking, workflow
from stadtkern.reports.models import Report
from stadtkern.reports.web import desk_forms as forms
from stadtkern.reports.web.desk_category_forms import CorrectForm, SplitForm, answers_in
from stadtkern.reports.web.desk_forward_forms import AgainForm, ForwardForm, houses_outside
from stadtkern.reports.web.desk_release_forms import HideForm, PublishForm
from stadtkern.reports.words import Status
from stadtkern.threads.words import ShownTo

Data = dict[str, Any]
BESIDE = "beside"  # the group of actions whose button stands beside the thing it is about


@dataclass(frozen=True, kw_only=True)
class DeskAction:
    """A verb of the domain with its form, its right and what is said when it is done.

    `appends`: it only adds an internal line, so it does not matter what changed since the page was opened.
    """

    key: str
    label: Any
    icon: str
    right: str
    group: str
    form: type[forms.DeskForm]
    run: Callable[[Report, Data, Person], Any]
    done: Any
    shortcut: str = ""
    appends: bool = False


def _step(report: Report, data: Data, by: Person) -> Any:
    given = {name: data[name] for name in ("version", "told", "note", "reason", "referred_to")}
    return workflow.move_report(report.pk, to=Status(data["to"]), by=by, **given)


def _take(report: Report, data: Data, by: Person) -> Any:
    return workflow.assign_report(report.pk, to=by, by=by, version=data["version"])


def _assign(report: Report, data: Data, by: Person) -> Any:
    return workflow.assign_report(report.pk, to=data["to"], by=by, version=data["version"], note=data["note"])


def _answer(report: Report, data: Data, by: Person) -> Any:
    return talking.answer_report(report.pk, text=data["text"], by=by, shown_to=ShownTo(data["shown_to"]))


def _ask(report: Report, data: Data, by: Person) -> Any:
    return talking.ask_back(report.pk, text=data["text"], by=by)


def _note(report: Report, data: Data, by: Person) -> Any:
    return talking.add_note(report.pk, text=data["text"], by=by)


def _hand_over(report: Report, data: Data, by: Person) -> Any:
    given = {name: data[name] for name in ("to", "words", "told", "version")}
    return workflow.hand_over(report.pk, by=by, **given)


def _correct(report: Report, data: Data, by: Person) -> Any:
    moved = (data["lat"], data["lon"]) != (report.lat, report.lon) and None not in (data["lat"], data["lon"])
    is_other = data["category"] != report.category_id
    answers = answers_in(data)
    return corrections.correct_report(
        report.pk,
        by=by,
        version=data["version"],
        category=data["category"] if is_other else None,
        place=(data["lat"], data["lon"]) if moved else None,
        address=data["address"] if data["address"] != report.address else None,
        public_text=data["public_text"],
        answers=answers if is_other or answers != report.answers else None,
        reroute=data.get("reroute", False),
    )


def _merge(report: Report, data: Data, by: Person) -> Any:
    return corrections.merge_report(report.pk, into=data["into"], by=by, told=data["told"])


def _link(report: Report, data: Data, by: Person) -> Any:
    return corrections.link_reports(report.pk, other=data["other"], by=by)


def _split(report: Report, data: Data, by: Person) -> Any:
    given = {"category": data["category"], "text": data["text"], "answers": answers_in(data)}
    return corrections.split_report(report.pk, by=by, **given)


def _hide(report: Report, data: Data, by: Person) -> Any:
    return publishing.hide_report(report.pk, because=data["because"], by=by)


def _forward(report: Report, data: Data, by: Person) -> Any:
    return forwarding.forward_report(report.pk, to=data["to"], by=by, words=data["words"])


def _send_again(report: Report, data: Data, by: Person) -> Any:
    return forwarding.send_again(data["forwarding"].pk)


def _publish(report: Report, data: Data, by: Person) -> Any:
    text = data["public_text"]
    if because := data.get("because"):
        talking.add_note(report.pk, text=_("Wieder gezeigt: %(because)s") % {"because": because}, by=by)
    return publishing.publish_report(report.pk, by=by, public_text="" if text == report.text else text)


ACTIONS: dict[str, DeskAction] = {
    action.key: action
    for action in (
        DeskAction(
            key="uebernehmen",
            shortcut="t",
            group="work",
            label=gettext_lazy("Ich übernehme"),
            icon="check",
            right="reports.work",
            form=forms.TakeForm,
            run=_take,
            done=gettext_lazy("Sie bearbeiten diese Meldung."),
        ),
        DeskAction(
            key="schritt",
            shortcut="s",
            group="work",
            label=gettext_lazy("Status ändern"),
            icon="arrow",
            right="reports.work",
            form=forms.StepForm,
            run=_step,
            done=gettext_lazy("Der neue Status steht auf der Seite der Meldung."),
        ),
        DeskAction(
            key="antwort",
            shortcut="a",
            group="talk",
            label=gettext_lazy("Antworten"),
            icon="mail",
            right="reports.work",
            form=forms.AnswerForm,
            run=_answer,
            done=gettext_lazy("Ihre Antwort ist unterwegs."),
        ),
        DeskAction(
            key="rueckfrage",
            group="talk",
            label=gettext_lazy("Rückfrage stellen"),
            icon="info",
            right="reports.work",
            form=forms.QuestionForm,
            run=_ask,
            done=gettext_lazy("Die Frage ist unterwegs; die Meldung wartet."),
        ),
        DeskAction(
            key="notiz",
            shortcut="n",
            group="talk",
            label=gettext_lazy("Interne Notiz"),
            icon="note",
            right="reports.work",
            form=forms.NoteForm,
            appends=True,
            run=_note,
            done=gettext_lazy("Notiz gespeichert."),
        ),
        DeskAction(
            key="zuweisen",
            group="route",
            label=gettext_lazy("Zuweisen"),
            icon="person",
            right="reports.assign",
            form=forms.AssignForm,
            run=_assign,
            done=gettext_lazy("Zugewiesen."),
        ),
        DeskAction(
            key="weitergeben",
            group="route",
            label=gettext_lazy("An andere Stelle geben"),
            icon="forward",
            right="reports.hand_over",
            form=forms.HandoverForm,
            run=_hand_over,
            done=gettext_lazy("Weitergegeben. Die Uhr der anderen Stelle läuft."),
        ),
        DeskAction(
            key="weiterleiten",
            group="route",
            label=gettext_lazy("Nach außen weiterleiten"),
            icon="external",
            right="reports.hand_over",
            form=ForwardForm,
            run=_forward,
            done=gettext_lazy("Auf dem Weg. Ob es ankam, steht bei „Weitergeleitet“."),
        ),
        DeskAction(
            key="erneut-senden",
            group=BESIDE,
            label=gettext_lazy("Noch einmal senden"),
            icon="refresh",
            right="reports.hand_over",
            form=AgainForm,
            appends=True,
            run=_send_again,
            done=gettext_lazy("Wird noch einmal gesendet."),
        ),
        DeskAction(
            key="berichtigen",
            group="tidy",
            label=gettext_lazy("Berichtigen"),
            icon="edit",
            right="reports.correct",
            form=CorrectForm,
            run=_correct,
            done=gettext_lazy("Berichtigt."),
        ),
        DeskAction(
            key="doppel",
            group="tidy",
            label=gettext_lazy("Ist ein Doppel"),
            icon="merge",
            right="reports.correct",
            form=forms.MergeForm,
            run=_merge,
            done=gettext_lazy("Zusammengeführt."),
        ),
        DeskAction(
            key="teilen",
            group="tidy",
            label=gettext_lazy("Teil abtrennen"),
            icon="split",
            right="reports.correct",
            form=SplitForm,
            run=_split,
            done=gettext_lazy("Der Teil ist jetzt eine eigene Meldung."),
        ),
        DeskAction(
            key="verbinden",
            group="tidy",
            label=gettext_lazy("Verbinden"),
            icon="share",
            right="reports.correct",
            form=forms.LinkForm,
            run=_link,
            done=gettext_lazy("Verbunden."),
        ),
        DeskAction(
            key="freigeben",
            group="work",
            label=gettext_lazy("Veröffentlichen"),
            icon="globe",
            right="reports.moderate",
            form=PublishForm,
            run=_publish,
            done=gettext_lazy("Die Meldung ist öffentlich."),
        ),
        DeskAction(
            key="verbergen",
            group="tidy",
            label=gettext_lazy("Verbergen"),
            icon="lock",
            right="reports.moderate",
            form=HideForm,
            run=_hide,
            done=gettext_lazy("Die Meldung ist nicht mehr öffentlich."),
        ),
    )
}


GROUPS = {
    "work": gettext_lazy("Bearbeiten"),
    "talk": gettext_lazy("Schreiben"),
    "route": gettext_lazy("Wer macht es?"),
    "tidy": gettext_lazy("Ordnen"),
}
Offer = tuple[DeskAction, forms.DeskForm]


def forms_for(report: Report, person: Person, *, bound: Mapping[str, forms.DeskForm]) -> list[tuple[Any, list[Offer]]]:
    """The actions this person may do now by group, each with its form.

    Where an error or a reloaded form is shown, that is the `bound` one; it stays on the page even when the action is
    no longer offered, because it holds what somebody typed.
    """
    found: dict[str, list[Offer]] = {group: [] for group in GROUPS}
    for key, action in ACTIONS.items():
        offered = may(person, action.right, report.owner_id) and _offered(action, report, person)
        if action.group in GROUPS and (key in bound or offered):
            form = bound.get(key) or action.form(report=report, person=person, prefix=key)
            found[action.group].append((action, form))
    return [(GROUPS[group], offers) for group, offers in found.items() if offers]


def _offered(action: DeskAction, report: Report, person: Person) -> bool:
    if action.key == "uebernehmen":
        return report.is_open and report.assignee_id != person.pk
    if action.key == "freigeben":
        return report.visibility in {"checking", "hidden"}
    if action.key == "verbergen":
        return report.visibility in {"public", "checking"}
    if action.key == "weiterleiten":
        return report.is_open and bool(houses_outside(report.owner_id))
    return report.is_open or action.key in {"schritt", "antwort", "notiz", "berichtigen", "verbinden"}
