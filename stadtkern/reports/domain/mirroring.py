"""Bring the requests of another Open311 server into our reports: each once, with its state; later changes follow.

A mirrored report is known by (external_source, external_id); `external_state` is what the other side said last. Only a
change there moves a report here, so what staff decided stands until the other side says something new. What does not
belong to this city or fits no category of ours is left out, with the reason: nothing is guessed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.problems import Problem
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.domain.remote311 import RemoteRequest, Server
from stadtkern.reports.domain.screening import has_personal_data
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.words import CLOSED, Source, Status

SPAN = timedelta(days=90)
DEEPEST_PAGE = 1_000
OPEN_THERE, CLOSED_THERE = "open", "closed"


@dataclass(slots=True)
class Mirrored:
    """What one run did: numbers of the other side, and why some were left out."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def mirror(
    source_url: str,
    jurisdiction: str = "",
    *,
    since: datetime | None = None,
    categories: Mapping[str, str] | None = None,
    dry: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Mirrored:
    """Read everything filed since (default: 90 days ago). `categories`: their service_code -> our category.

    `dry` does all of it and takes it back: what would happen is told, nothing is kept.
    Raises remote311.Unreachable or SaysNo when the other side cannot be read; what was brought home stays.
    """
    server = Server(source_url, jurisdiction=jurisdiction)
    source = source_name(source_url, server.jurisdiction)
    done = Mirrored()
    now = clock.now().replace(microsecond=0) + timedelta(seconds=1)  # dates on the wire have no fractions
    for request in _everything(server, (since or now - SPAN).replace(microsecond=0), now):
        with transaction.atomic():
            _one(request, source, categories or {}, done)
            transaction.set_rollback(dry)
        tell(f"{len(done.made)} + {len(done.changed)} ~ {len(done.same)} = {len(done.left_out)} ×")
    return done


def source_name(source_url: str, jurisdiction: str) -> str:
    """The name of a server in `external_source`: its jurisdiction or host, at most 60 letters."""
    return f"open311:{jurisdiction or urlsplit(source_url).netloc}"[:60]


def _everything(server: Server, start: datetime, now: datetime) -> Iterator[RemoteRequest]:
    """Window by window of 90 days, page by page; a server without pages repeats itself and is left there."""
    seen: set[str] = set()
    while start < now:
        end = min(start + SPAN, now)
        for page in range(1, DEEPEST_PAGE):
            found = server.requests(start_date=_text(start), end_date=_text(end), page=str(page))
            fresh = [request for request in found if request.id not in seen]
            if not fresh:
                break
            seen |= {request.id for request in fresh}
            yield from fresh
        start = end


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _one(request: RemoteRequest, source: str, categories: Mapping[str, str], done: Mirrored) -> None:
    known = Report.objects.filter(external_source=source, external_id=request.id).values_list("pk", flat=True).first()
    try:
        if known is None:
            _make(request, source, _category(request, categories, catalogue()))
            done.made.append(request.id)
        else:
            (done.changed if _follow(known, request) else done.same).append(request.id)
    except Problem as problem:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in problem.fields.items())
        done.left_out.append((request.id, reasons or str(problem)))


def _category(request: RemoteRequest, categories: Mapping[str, str], book: Catalogue) -> str:
    """Our category: as mapped, of the same key, or of the same name in any language; else the unknown code."""
    if request.service_code in categories:
        return categories[request.service_code]
    if request.service_code in book.categories:
        return request.service_code
    name = request.service_name.casefold()
    same = (
        key for key, row in book.categories.items() if name and name in {word.casefold() for word in row.name.values()}
    )
    return next(same, request.service_code)


@transaction.atomic
def _make(request: RemoteRequest, source: str, category: str) -> None:
    """A report as the other side has it: public there, public here; closed there, closed here."""
    draft = Draft(
        category=category,
        text=request.description[:4000],
        lat=request.lat,
        lon=request.lon,
        address=request.address,
        source=Source.IMPORT,
        filed_at=request.requested,
        external_source=source,
        external_id=request.id,
    )
    report = file_report(draft, ask_questions=False)
    Report.objects.filter(pk=report.pk).update(external_state=OPEN_THERE)
    if not has_personal_data(report.text):  # else somebody of ours reads it first
        publish_report(report.pk, by=None)
    _follow(report.pk, request)


@transaction.atomic
def _follow(report_id: int, request: RemoteRequest) -> bool:
    """Close or reopen when the other side did since we last looked; True when our report moved."""
    report = hold(report_id)
    there = CLOSED_THERE if request.is_closed else OPEN_THERE
    if report.external_state == there:
        return False
    is_first_look = not report.external_state
    keep(report, external_state=there)
    if is_first_look or request.is_closed == (report.status in CLOSED):
        return False
    told = request.status_notes or (_("Dort erledigt.") if request.is_closed else "")
    move_report(report_id, to=Status.DONE if request.is_closed else Status.REOPENED, by=None, told=told)
    if request.is_closed and request.updated and request.updated < clock.now():
        keep(hold(report_id), closed_at=max(request.updated, report.filed_at))
    return True
