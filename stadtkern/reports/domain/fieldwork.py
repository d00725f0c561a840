"""Work outside: a crew ends a matter on the spot, with pictures of before and after."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.problems import Conflict
from stadtkern.people.models import Person
from stadtkern.people.rights import reach
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.talking import answer_report
from stadtkern.reports.domain.workflow import move_report, write_note
from stadtkern.reports.models import Photo, Report
from stadtkern.reports.words import Kind, PhotoPart, Status, next_steps
from stadtkern.threads.domain.conversation import add_entry
from stadtkern.threads.words import EntryKind, ShownTo

MOST = 60
TO_DO = (Status.ASSIGNED, Status.IN_WORK, Status.CHECKED, Status.REOPENED)


def round_trip(person: Person) -> QuerySet[Report]:
    """What this person's organisations have to mend outside, one's own first, then by due date; one statement."""
    mine = reach(person, "reports.work")
    rows = Report.objects.filter(mine.q("owner"), kind=Kind.DEFECT, status__in=TO_DO, closed_at__isnull=True)
    rows = rows.filter(lat__isnull=False).select_related("assignee")
    mine_or_nobodys = rows.filter(Q(assignee=person) | Q(assignee__isnull=True))
    return mine_or_nobodys.order_by(F("assignee_id").asc(nulls_last=True), "due_at", "pk")[:MOST]


@transaction.atomic
def add_pictures(report_id: int, images: Sequence[UUID], *, part: PhotoPart, by: Person) -> None:
    """Pictures of the work; they become public when faces and plates are blurred."""
    if not images:
        return
    report = hold(report_id)
    place = report.photo_count
    Photo.objects.bulk_create(
        [Photo(report=report, image_id=image, part=part, position=place + n) for n, image in enumerate(images)]
    )
    keep(report, photo_count=place + len(images))
    add_entry(
        report.thread,
        at=clock.now(),
        kind=EntryKind.PHOTO,
        code=part,
        shown_to=ShownTo.PUBLIC,
        person=by,
        organisation=report.owner,
        data={"images": [str(image) for image in images]},
    )


@transaction.atomic
def finish_outside(
    report_id: int,
    *,
    by: Person,
    before: Sequence[UUID] = (),
    after: Sequence[UUID] = (),
    told: str,
    note: str,
    done: bool,
) -> Report:
    """One visit, with the pictures from before and after. Done: the report ends. Not done: it goes on in work.

    Raises Conflict, and keeps nothing, when the report went another way meanwhile (closed, or not yet checked).
    """
    report = hold(report_id)
    to = Status.DONE if done else Status.IN_WORK
    goes_on = report.status == to and report.is_open
    if not goes_on and to not in next_steps(report.kind, report.status):
        raise Conflict(
            _("Diese Meldung steht inzwischen auf „%(status)s“. Ihr Ergebnis ist nicht eingetragen.")
            % {"status": Status(report.status).label}
        )
    add_pictures(report.pk, before, part=PhotoPart.BEFORE, by=by)
    add_pictures(report.pk, after, part=PhotoPart.AFTER, by=by)
    if not goes_on:
        return move_report(report.pk, to=to, by=by, told=told, note=note)
    if told.strip():
        answer_report(report.pk, text=told, by=by)
    write_note(report, note, by=by)
    report.refresh_from_db()
    return report
