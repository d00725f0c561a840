"""What leaves the desk on paper or as a file."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from stadtkern.core import audit
from stadtkern.core.problems import BadQuery
from stadtkern.people.rights import reach, require
from stadtkern.reports.domain import desk, exporting
from stadtkern.reports.domain.desk import DeskQuery
from stadtkern.reports.domain.worksheet import worksheet
from stadtkern.reports.models import Report
from stadtkern.reports.web.wording import answers_for_staff

ON_PAPER = 60


@require_GET
@login_required
def paper(request: HttpRequest) -> HttpResponse:
    """A work sheet of the chosen reports, or of the first ones of the filter."""
    require(request.user, "reports.read")
    ids = [int(text) for text in request.GET.getlist("id") if text.isdecimal() and len(text) < 12]
    if ids:
        found = list(desk.visible(request.user).filter(pk__in=ids[:ON_PAPER]).order_by("due_at", "pk"))
    else:
        found = desk.desk_list(request.user, DeskQuery.parse(request.GET)).items
    answers = {report.pk: answers_for_staff(report.category_id, report.answers) for report in found}
    pdf = worksheet(found, answers=answers)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="arbeitsblatt.pdf"'
    return answer


@require_GET
@login_required
def export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """The filtered list as a file, as far as the right to export reaches; every export is written down."""
    require(request.user, "reports.export")
    if kind not in exporting.WRITERS:
        raise BadQuery(_("Bekannt sind csv, geojson und parquet."))
    query = DeskQuery.parse(request.GET)
    found = desk.asked(request.user, query).filter(reach(request.user, "reports.export").q("owner"))
    audit.record("reports.exported", actor=request.user, detail={"kind": kind, "view": query.view})
    rows = exporting.rows(Report.objects.filter(pk__in=found.values("pk")))
    answer = StreamingHttpResponse(exporting.WRITERS[kind](rows), content_type=exporting.TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="meldungen.{kind}"'
    return answer
