""" "Me too" instead of a second report, and taking back what one has told."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from stadtkern.core.events import emit
from stadtkern.core.problems import NotAllowed, NotFound
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.phrases import in_german, phrase
from stadtkern.reports.domain.publishing import withdraw_photos
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.events import ReportHidden, ReportSupported
from stadtkern.reports.models import Report, Support
from stadtkern.reports.words import CLOSED, Status, Visibility
from stadtkern.threads.domain.conversation import join, set_public
from stadtkern.threads.models import Contact
from stadtkern.threads.words import Part

WITHDRAWN = (phrase("withdrawn"),)
TAKE_BACK = frozenset({Status.RECEIVED, Status.CHECKED, Status.ASSIGNED, Status.WAITING, Status.REOPENED})


@transaction.atomic
def support_report(report_id: int, *, device: str, contact: Contact | None = None) -> bool:
    """Count one more; False when this device was counted before. A contact also hears what becomes of it."""
    report = Report.objects.select_related("thread").filter(pk=report_id, visibility=Visibility.PUBLIC).first()
    if report is None:
        raise NotFound(_("Diese Meldung gibt es nicht."))
    if report.status in CLOSED:
        raise NotAllowed(_("Diese Meldung ist schon abgeschlossen. Ist es noch nicht gut? Dann melden Sie bitte neu."))
    is_new = not _was_counted(report, device, contact) and _count(report, device, contact)
    if is_new:
        Report.objects.filter(pk=report_id).update(support_count=F("support_count") + 1)
        emit(ReportSupported(report_id=report_id, count=report.support_count + 1))
    if contact is not None:
        join(report.thread, contact, Part.PARTY)
    return is_new


def _was_counted(report: Report, device: str, contact: Contact | None) -> bool:
    """Here, or at one of its doubles, whose support came along."""
    doubles = Report.objects.filter(duplicate_of=report).values_list("pk", flat=True)
    same = Q(device__in=[device_mark(pk, device) for pk in (report.pk, *doubles)])
    if contact is not None:
        same |= Q(contact=contact)
    return Support.objects.filter(same, report=report).exists()


def _count(report: Report, device: str, contact: Contact | None) -> bool:
    """False when the same device was quicker at this very moment."""
    mark = device_mark(report.pk, device)
    return Support.objects.get_or_create(report=report, device=mark, defaults={"contact": contact})[1]


def device_mark(report_id: int, device: str) -> str:
    """What is kept of a device: different for every report, so that nobody can follow it from one to the next."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{report_id}:{device}".encode(), sha256).hexdigest()


def may_withdraw(*, status: str, support_count: int) -> bool:
    """As long as nobody works on it and nobody else waits for it."""
    return status in TAKE_BACK and support_count == 0


@transaction.atomic
def withdraw_report(report_id: int) -> Report:
    """The citizen takes the report back: it leaves the public pages with its photos, then it ends."""
    report = hold(report_id)
    if not may_withdraw(status=report.status, support_count=report.support_count):
        raise NotAllowed(
            _("Daran wird schon gearbeitet, oder andere warten auch darauf. Schreiben Sie uns hier eine Nachricht.")
        )
    keep(report, visibility=Visibility.INTERNAL)
    set_public(report.thread, False)
    withdraw_photos(report, in_german(WITHDRAWN), by=None)
    report = move_report(report.pk, to=Status.DONE, by=None, phrases=WITHDRAWN)
    emit(ReportHidden(report_id=report.pk))
    return report
