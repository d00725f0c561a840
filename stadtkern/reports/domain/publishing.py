"""What everybody may see: publish, hide with a reason, restore; the gate of the photos."""

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput
from stadtkern.media.domain.publishing import publish, withdraw
from stadtkern.media.domain.restoring import restore
from stadtkern.media.words import State
from stadtkern.people.models import Person
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.workflow import write_note
from stadtkern.reports.events import ReportHidden, ReportPublished
from stadtkern.reports.models import Photo, Report
from stadtkern.reports.words import Visibility
from stadtkern.threads.domain.conversation import set_public


@transaction.atomic
def publish_report(report_id: int, *, by: Person | None, public_text: str | None = None) -> Report:
    """Show the report to everybody, with a corrected text if one is given."""
    report = hold(report_id)
    changes = {} if public_text is None else {"public_text": public_text.strip()}
    keep(report, visibility=Visibility.PUBLIC, **changes)
    set_public(report.thread, True)
    for photo in report.photos.filter(image__state=State.WITHDRAWN):
        restore(photo.image_id, by=by)
    show_photos(report)
    audit.record("reports.published", actor=by, subject=("report", report.pk))
    emit(ReportPublished(report_id=report.pk))
    return report


@transaction.atomic
def hide_report(report_id: int, *, because: str, by: Person) -> Report:
    """Take the report off all public pages; the reason is kept for staff."""
    if not because.strip():
        raise BadInput(fields={"because": _("Bitte nennen Sie den Grund.")})
    report = hold(report_id)
    keep(report, visibility=Visibility.HIDDEN)
    set_public(report.thread, False)
    for photo in report.photos.select_related("image"):
        if photo.image.state not in {State.REFUSED, State.WITHDRAWN}:
            withdraw(photo.image_id, because, by=by)
    write_note(report, _("Verborgen: %(because)s") % {"because": because.strip()}, by=by)
    audit.record("reports.hidden", actor=by, subject=("report", report.pk))
    emit(ReportHidden(report_id=report.pk))
    return report


def show_photos(report: Report) -> int:
    """Publish the blurred photos of a public report; photos that are not blurred yet follow later."""
    if report.visibility != Visibility.PUBLIC:
        return 0
    ready = [photo for photo in report.photos.select_related("image") if photo.image.state == State.BLURRED]
    for photo in ready:
        publish(photo.image_id)
    return len(ready)


def photo_is_ready(image_id: str) -> None:
    """Media has blurred a picture: show it if its report is public."""
    photo = Photo.objects.select_related("report").filter(image_id=image_id).first()
    if photo:
        show_photos(photo.report)
