"""Text blocks ("Textbausteine") that fit a report, with its facts filled in."""

from collections.abc import Collection

from django.db.models import Q

from stadtkern.core.languages import pick
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import CannedAnswer, Report
from stadtkern.reports.words import Status, next_steps

Block = tuple[str, str, str]  # key, title, filled text


def blocks_for(report: Report, *, next_only: bool = False) -> list[Block]:
    """Blocks of the city and of the owner for this category and status.

    A block that names statuses fits while the report has one of them or may get it with its next step; those of
    the present status come first. `next_only`: only what fits the next step, for the form that takes it.
    """
    status = Status(report.status)
    steps = next_steps(report.kind, status)
    reachable = steps if next_only else steps | {status}
    found = [answer for answer in _known(report) if _fits(answer, report, reachable)]
    found.sort(key=lambda answer: (status not in answer.status, answer.title))
    facts = facts_of(report)
    return [(answer.key, answer.title, fill(answer.text, facts)) for answer in found]


def _known(report: Report) -> list[CannedAnswer]:
    """Read once per report object: two forms of one page ask."""
    known: list[CannedAnswer] | None = getattr(report, "_blocks", None)
    if known is None:
        mine = Q(organisation=None) | Q(organisation=report.owner_id)
        known = list(CannedAnswer.objects.filter(mine, is_active=True))
        report._blocks = known  # type: ignore[attr-defined]
    return known


def _fits(answer: CannedAnswer, report: Report, statuses: Collection[str]) -> bool:
    category = catalogue().category(report.category_id)
    return (
        (not answer.categories or category.key in answer.categories)
        and (not answer.groups or category.group_id in answer.groups)
        and (not answer.status or bool(set(answer.status) & set(statuses)))
    )


def facts_of(report: Report) -> dict[str, str]:
    """Placeholder -> what stands there for this report."""
    category = catalogue().category(report.category_id)
    return {
        "{nummer}": str(report.pk),
        "{kategorie}": pick(category.name, "de"),
        "{ort}": report.address,
        "{organisation}": catalogue().organisations[report.owner_id].name,
        "{tage}": str(category.due_working_days),
    }


def fill(text: str, facts: dict[str, str]) -> str:
    for mark, words in facts.items():
        text = text.replace(mark, words)
    return text
