"""Was it solved? What reporters were asked and said, kept in the histories; counted per month, category and owner.

Verdicts stand there without a contact, so that they still count when the person is forgotten.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from stadtkern.core import clock
from stadtkern.reports.domain.phrases import phrase
from stadtkern.reports.domain.workflow import write_change
from stadtkern.reports.models import Report

ASKED, VERDICT = "asked_solved", "verdict"
_COUNTS = """
select to_char(date_trunc('month', e.at at time zone %(zone)s), 'YYYY-MM'), r.category_id,
 coalesce((e.data->>'owner')::bigint, e.organisation_id, r.owner_id),
 count(*) filter (where e.code = %(asked)s),
 count(*) filter (where e.code = %(verdict)s and e.data @> '{"solved": true}'),
 count(*) filter (where e.code = %(verdict)s and e.data @> '{"solved": false}'),
 count(*) filter (where e.code = 'reopened')
from threads_entry e join reports_report r on r.thread_id = e.thread_id
where ((e.kind = 'note' and e.code in (%(asked)s, %(verdict)s)) or (e.kind = 'step' and e.code = 'reopened'))
 and e.at >= %(since)s
group by 1, 2, 3 order by 1, 2, 3
"""


class Satisfaction(NamedTuple):
    """One month of one category at one organisation. `month` is "2026-11"; the rest are counts.

    The organisation is who owned the report at that moment, the category is today's. `no` are the reporters who
    said so; `reopened` are all reports that were opened again, by a reporter's no or by staff.
    """

    month: str
    category: str
    organisation_id: int
    asked: int
    yes: int
    no: int
    reopened: int


def write_asked(report: Report) -> None:
    """The reporter was asked whether it is solved."""
    write_change(report, [phrase("asked_solved")], by=None, code=ASKED, owner=report.owner_id)


def write_verdict(report: Report, *, solved: bool) -> None:
    """The reporter said whether it is solved."""
    said = phrase("solved" if solved else "not_solved")
    write_change(report, [said], by=None, code=VERDICT, solved=solved, owner=report.owner_id)


def satisfaction(*, since: datetime) -> list[Satisfaction]:
    """All counts since then, oldest month first; reads every history since then, so it is for the night."""
    zone = str(clock.local(clock.now()).tzinfo)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"zone": zone, "asked": ASKED, "verdict": VERDICT, "since": since})
        return [Satisfaction(*row) for row in cursor.fetchall()]
