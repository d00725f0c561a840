"""What everybody may see: publish, hide with a reason, restore; the gate of the photos."""

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.events import emit
from stadtkern.core.problems import BadInput, NotAllowed
from stadtkern.media.domain.publishing import publish, withdraw
from stadtkern.media.domain.restoring import restore
from stadtkern.media.words import State
from stadtkern.people.models import Person
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.phrases import change, phrase
from stadtkern.reports.domain.workflow import write_change
from stadtkern.reports.events import ReportHidden, ReportPublished
from stadtkern.reports.models import Photo, Report
from stadtkern.reports.words import Visibility
from stadtkern.threads.domain.conversation import set_public
from stadtkern.threads.words import EntryKind

HIDDEN = "hidden"


@transaction.atomic
def publish_report(
    report_id: int, *, by: Person | None, public_text: str | None = None, version: int | None = None
) -> Report:
    """Show the report to everybody, with a corrected text if one is given.

    This is the moderator's word (right reports.moderate): it also publishes what screening warns of.
    """
    report = hold(report_id, version=version)
    if report.visibility == Visibility.INTERNAL:
        raise NotAllowed(_("Die meldende Person hat diese Meldung zurückgezogen; sie wird nicht mehr öffentlich."))
    text = report.public_text if public_text is None else public_text.strip()
    said = [phrase("published")] if report.visibility != Visibility.PUBLIC else []
    if text != report.public_text:
        said.append(change("public_text", report.public_text, text))
    keep(report, visibility=Visibility.PUBLIC, public_text=text)
    set_public(report.thread, True)
    _restore_photos(report, by=by)
    show_photos(report)
    write_change(report, said, by=by, code="published")
    audit.record("reports.published", actor=by, subject=("report", report.pk))
    emit(ReportPublished(report_id=report.pk))
    return report


def _restore_photos(report: Report, *, by: Person | None) -> None:
    """Those that the last hiding took back; a photo withdrawn singly stays withdrawn."""
    hiding = report.thread.entries.filter(kind=EntryKind.NOTE, code=HIDDEN).order_by("-at", "-pk").first()
    taken = hiding.data.get("images", []) if hiding else []
    for photo in report.photos.filter(image__in=taken, image__state=State.WITHDRAWN):
        restore(photo.image_id, by=by)


@transaction.atomic
def hide_report(report_id: int, *, because: str, by: Person, version: int | None = None) -> Report:
    """Take the report off all public pages; the reason is kept for staff."""
    if not because.strip():
        raise BadInput(fields={"because": _("Bitte nennen Sie den Grund.")})
    report = hold(report_id, version=version)
    if report.visibility in {Visibility.HIDDEN, Visibility.INTERNAL}:
        raise NotAllowed(_("Diese Meldung ist schon verborgen."))
    keep(report, visibility=Visibility.HIDDEN)
    set_public(report.thread, False)
    images = withdraw_photos(report, because, by=by)
    write_change(report, [phrase("hidden", because=because.strip())], by=by, code=HIDDEN, images=images)
    audit.record("reports.hidden", actor=by, subject=("report", report.pk))
    emit(ReportHidden(report_id=report.pk))
    return report


def withdraw_photos(report: Report, because: str, *, by: Person | None) -> list[str]:
    """Take back every photo that could be seen or become so; returns their ids."""
    standing = report.photos.exclude(image__state__in=[State.REFUSED, State.WITHDRAWN])
    images = [str(image_id) for image_id in standing.values_list("image_id", flat=True)]
    for image_id in images:
        withdraw(image_id, because, by=by)
    return images


@transaction.atomic
def show_photos(report: Report) -> int:
    """Publish the blurred photos of a public report; photos that are not blurred yet follow later.

    The report is held meanwhile: whoever hides it waits, and then finds all that was shown.
    """
    if hold(report.pk).visibility != Visibility.PUBLIC:
        return 0
    ready = [photo.image_id for photo in report.photos.filter(image__state=State.BLURRED)]
    for image_id in ready:
        publish(image_id)
    return len(ready)


def photo_is_ready(image_id: str) -> None:
    """Media has blurred a picture: show it if its report is public."""
    photo = Photo.objects.select_related("report").filter(image_id=image_id).first()
    if photo:
        show_photos(photo.report)
