"""What people are told of a report, each in their own language."""

from collections.abc import Callable

from django.utils import translation
from django.utils.translation import gettext as _

from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.phrases import spoken
from stadtkern.reports.domain.wishes import values_of
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.words import Source, Status, Visibility
from stadtkern.threads.domain.conversation import insiders
from stadtkern.threads.domain.notifying import notify, take_back
from stadtkern.threads.models import Entry
from stadtkern.threads.words import EntryKind

Said = Callable[[str], str]


def in_each_language(say: Callable[[], str]) -> Said:
    """Wrap words so that every reader gets them in the own language."""

    def said(language: str) -> str:
        with translation.override(language):
            return say()

    return said


def page_of(report: Report) -> str:
    return f"/meldungen/{report.pk}/"


def tell_step(*, report_id: int, entry_id: int, status: str) -> int:
    """The status changed: participants and followers of the report hear it."""
    report = Report.objects.get(pk=report_id)
    entry = Entry.objects.get(pk=entry_id)
    if entry.kind == EntryKind.HANDOVER:  # the letter of the hand-over tells it
        return 0
    return notify(
        topic="reports.status",
        happening=f"report:{report.pk}:entry:{entry.pk}",
        title=in_each_language(lambda: _title(report, Status(status))),
        body=in_each_language(lambda: _step_words(report, entry)),
        url=page_of(report),
        thread=report.thread,
        values={"report": [str(report.pk)]},
    )


def _title(report: Report, status: Status) -> str:
    name = pick(catalogue().category(report.category_id).name)
    return f"{name}: {status.label}"


def _step_words(report: Report, entry: Entry) -> str:
    lines = [reason_words(report), spoken(entry.text, entry.data)]
    if report.status == Status.DONE and report.source != Source.IMPORT:
        lines.append(_("Ist das Problem gelöst? Sagen Sie es uns auf der Seite Ihrer Meldung."))
    return "\n\n".join(line for line in lines if line)


def reason_words(report: Report) -> str:
    """The public words of a "no", with the name of who is in charge."""
    if report.reason_id is None:
        return ""
    book = catalogue()
    house = book.organisations.get(report.referred_to_id) if report.referred_to_id else None
    name = house.name if house else _("eine andere Stelle")
    return pick(book.reasons[report.reason_id].public).replace("{organisation}", name)


def tell_handover(*, report_id: int, handover_id: int) -> int:
    report = Report.objects.get(pk=report_id)
    handover = Handover.objects.select_related("new_owner").get(pk=handover_id)
    return notify(
        topic="reports.status",
        happening=f"report:{report.pk}:handover:{handover.pk}",
        title=in_each_language(
            lambda: _("Ihre Meldung liegt jetzt bei: %(owner)s") % {"owner": handover.new_owner.name}
        ),
        body=in_each_language(lambda: _("Dort ist man zuständig. Sie müssen nichts tun.")),
        url=page_of(report),
        thread=report.thread,
        values={"report": [str(report.pk)]},
    )


def tell_answer(*, report_id: int, entry_id: int, public: bool) -> int:
    """Staff said something: whose matter it is hears it, followers and parties only what is public."""
    report = Report.objects.get(pk=report_id)
    entry = Entry.objects.get(pk=entry_id)
    asked = entry.code == "question"
    return notify(
        topic="reports.answer",
        happening=f"report:{report.pk}:entry:{entry.pk}",
        title=in_each_language(lambda: _("Eine Frage zu Ihrer Meldung") if asked else _("Antwort auf Ihre Meldung")),
        body=entry.text,
        url=page_of(report),
        thread=report.thread,
        values={"report": [str(report.pk)]} if public else {},
        to=None if public else insiders(report.thread),
    )


def _area_news(report_id: int) -> str:
    return f"report:{report_id}:published"


def untell_area(*, report_id: int) -> int:
    """A report is no longer public: neighbours to whom the news is still on its way do not get it."""
    return take_back(_area_news(report_id))


def tell_area(*, report_id: int) -> int:
    """A report became public: those who follow its area, street, district or kind hear it, bundled as they wish.

    What was taken over from elsewhere is no news: it may be months old.
    """
    report = Report.objects.get(pk=report_id)
    if report.visibility != Visibility.PUBLIC or report.source == Source.IMPORT:
        return 0
    name = catalogue().category(report.category_id).name
    return notify(
        topic="reports.area",
        happening=_area_news(report.pk),
        title=in_each_language(lambda: _("Neu gemeldet: %(category)s") % {"category": pick(name)}),
        body=report.address,
        url=page_of(report),
        values=values_of(report),
        at=None if report.lat is None or report.lon is None else (report.lat, report.lon),
    )
