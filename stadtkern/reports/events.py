"""What reports tell: plain values, no personal data."""

from stadtkern.core.events import event


@event("reports.filed")
class ReportFiled:
    """A report exists; it has an owner."""

    report_id: int
    owner_id: int
    category: str
    kind: str


@event("reports.moved")
class ReportMoved:
    """A report has changed its status."""

    report_id: int
    old: str
    new: str
    entry_id: int


@event("reports.handed_over")
class ReportHandedOver:
    """Another organisation now owns the report; its clock runs."""

    report_id: int
    old_owner_id: int
    new_owner_id: int
    handover_id: int


@event("reports.taken")
class ReportTaken:
    """The owner has taken the report on: the clock of its hand-over stands."""

    report_id: int
    handover_id: int


@event("reports.assigned")
class ReportAssigned:
    """Somebody of the owner is in charge now (None: nobody)."""

    report_id: int
    assignee_id: int | None


@event("reports.answered")
class ReportAnswered:
    """A message stands in the report's thread; `by` is citizen or staff."""

    report_id: int
    entry_id: int
    by: str
    shown_to: str


@event("reports.published")
class ReportPublished:
    """Everybody may see the report now."""

    report_id: int


@event("reports.hidden")
class ReportHidden:
    """The report is no longer public; the reason stands in its history."""

    report_id: int


@event("reports.changed")
class ReportChanged:
    """Category, place, text or answers were corrected."""

    report_id: int


@event("reports.merged")
class ReportMerged:
    """The report is a duplicate of another one."""

    report_id: int
    into_id: int


@event("reports.supported")
class ReportSupported:
    """Somebody said "me too"."""

    report_id: int
    count: int


@event("reports.confirmed")
class SolutionConfirmed:
    """The citizen said whether it was solved."""

    report_id: int
    solved: bool


@event("reports.forwarded")
class ReportForwarded:
    """The matter was carried to a body outside and got its number there."""

    report_id: int
    forwarding_id: int
