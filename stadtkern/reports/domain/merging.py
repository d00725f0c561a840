"""Bring together what belongs together: doubles with their people and their support, and links between reports."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.people.models import Person
from stadtkern.people.rights import require
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.phrases import phrase
from stadtkern.reports.domain.workflow import move_report, write_change
from stadtkern.reports.events import ReportMerged
from stadtkern.reports.models import Report
from stadtkern.reports.words import CLOSED, Status
from stadtkern.threads.domain.conversation import insiders, join
from stadtkern.threads.models import Follow
from stadtkern.threads.words import Part

DUPLICATE = "duplicate"


@transaction.atomic
def merge_report(report_id: int, *, into: int, by: Person, told: str = "", version: int | None = None) -> Report:
    """The report is a double of another one: its people and its support go there, it ends with that reason.

    Raises NotAllowed without the right `reports.correct` on both.
    """
    report, target = _held(report_id, into, version)
    for one in (report, target):
        require(by, "reports.correct", one.owner_id)
    if target.duplicate_of_id is not None:
        raise BadInput(fields={"into": _("Diese Meldung ist selbst ein Doppel. Bitte nehmen Sie deren Original.")})
    if report.status in CLOSED:
        raise NotAllowed(_("Diese Meldung ist schon abgeschlossen."))
    keep(report, duplicate_of=target)
    said = [phrase("duplicate", id=target.pk)]
    move_report(report.pk, to=Status.REJECTED, by=by, told=told, phrases=said, reason=DUPLICATE)
    more = _bring_supports(report, target)
    _bring_people(report, target)
    Report.objects.filter(pk=target.pk).update(support_count=F("support_count") + more)
    Report.objects.filter(duplicate_of=report).update(duplicate_of=target)
    emit(ReportMerged(report_id=report.pk, into_id=target.pk))
    report.refresh_from_db()
    return report


def _held(report_id: int, into: int, version: int | None) -> tuple[Report, Report]:
    """Both, locked in the order of their numbers so that two at once do not wait for each other."""
    if report_id == into:
        raise BadInput(fields={"into": _("Eine Meldung kann kein Doppel von sich selbst sein.")})
    held = {pk: hold(pk, version=version if pk == report_id else None) for pk in sorted((report_id, into))}
    return held[report_id], held[into]


def _bring_supports(report: Report, target: Report) -> int:
    """Move who said "me too" to the double; returns by how many more the target is supported, reporter included."""
    reporters = {contact.pk for contact in insiders(report.thread)}
    known = set(target.supports.exclude(contact=None).values_list("contact_id", flat=True))
    known |= {contact.pk for contact in insiders(target.thread)}
    twice, _rows = report.supports.filter(contact__in=known | reporters).delete()
    report.supports.update(report=target)
    return report.support_count - twice + (0 if reporters & known else 1)


def _bring_people(report: Report, target: Report) -> None:
    """Whoever took part hears of the target, too; followers follow both, so that they also hear of the merge."""
    for participant in report.thread.participants.select_related("contact"):
        join(target.thread, participant.contact, Part.PARTY)
    wishes = Follow.objects.filter(topic="report", value=str(report.pk))
    copies = [
        Follow(contact_id=wish.contact_id, topic="report", value=str(target.pk), label=wish.label, pace=wish.pace)
        for wish in wishes
    ]
    Follow.objects.bulk_create(copies, ignore_conflicts=True)


@transaction.atomic
def link_reports(report_id: int, *, other: int, by: Person) -> None:
    """Say that two reports belong together; nothing else changes."""
    if report_id == other:
        raise BadInput(fields={"other": _("Bitte nennen Sie eine andere Meldung.")})
    held = {pk: hold(pk) for pk in sorted((report_id, other))}
    held[report_id].linked.add(held[other])
    for one, its_other in ((report_id, other), (other, report_id)):
        write_change(held[one], [phrase("linked", id=its_other)], by=by, code="linked")
