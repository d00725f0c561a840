"""Hold a report while it is changed: one at a time, nobody overwrites what they have not seen."""

from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.live import tell
from stadtkern.core.problems import Conflict, NotFound
from stadtkern.reports.models import Report


class ChangedMeanwhile(Conflict):
    """Somebody else changed the report since this page was opened."""

    def __init__(self, report: Report, seen: int) -> None:
        super().__init__(
            _(
                "Diese Meldung wurde inzwischen von jemand anderem geändert. "
                "Ihre Eingaben sind noch da: Bitte vergleichen Sie und senden Sie noch einmal."
            )
        )
        self.report = report
        self.seen = seen


def hold(report_id: int, *, version: int | None = None) -> Report:
    """The report, locked until the transaction ends; `version` is what the person saw on their page."""
    try:
        report = Report.objects.select_for_update(of=("self",)).select_related("thread").get(pk=report_id)
    except Report.DoesNotExist as error:
        raise NotFound(_("Diese Meldung gibt es nicht.")) from error
    if version is not None and report.version != version:
        raise ChangedMeanwhile(report, version)
    return report


def keep(report: Report, **changes: Any) -> None:
    """Save these fields, count the version up and tell the desks that are open."""
    for name, value in changes.items():
        setattr(report, name, value)
    report.version += 1
    report.changed_at = clock.now()
    report.save(update_fields=[*changes, "version", "changed_at"])
    tell("desk", {"report_id": report.pk, "organisation_id": report.owner_id, "what": "changed"})
