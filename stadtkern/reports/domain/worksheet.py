"""The work sheet: chosen reports on paper, an accessible PDF by typst."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Report

TEMPLATE = Path(__file__).parent / "worksheet.typ"


def worksheet(reports: Sequence[Report], *, answers: dict[int, list[tuple[str, str]]]) -> bytes:
    """PDF/UA-1 with one block per report: what, where, extra answers, room for notes. No contact data."""
    import typst

    sheet = {
        "title": _("Arbeitsblatt %(city)s") % {"city": city().name},
        "made": date_format(clock.local(clock.now()), "DATETIME_FORMAT"),
        "words": {"due": _("fällig"), "done": _("erledigt am"), "by": _("von"), "notes": _("Notizen")},
        "reports": [_block(report, answers.get(report.pk, [])) for report in reports],
    }
    return bytes(
        typst.compile(
            TEMPLATE.read_bytes(), sys_inputs={"sheet": json.dumps(sheet)}, pdf_standards=["ua-1"], format="pdf"
        )
    )


def _block(report: Report, answers: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": report.pk,
        "category": pick(catalogue().category(report.category_id).name),
        "address": report.address,
        "place_note": report.place_note,
        "point": "" if report.lat is None else f"{report.lat:.5f}, {report.lon:.5f}",
        "text": report.text,
        "filed": date_format(clock.local(report.filed_at), "DATE_FORMAT"),
        "due": date_format(clock.local(report.due_at), "DATE_FORMAT") if report.due_at else "",
        "status": str(report.get_status_display()),
        "answers": [list(pair) for pair in answers],
    }
