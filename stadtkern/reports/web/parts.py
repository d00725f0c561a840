"""The parts that reports offer to the rest of the house, as citizens meet them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stadtkern.core import parts
from stadtkern.core.languages import pick
from stadtkern.core.parts import (
    DatasetSource,
    HomeCard,
    Indicator,
    MapLayer,
    MenuItem,
    NearHit,
    NearMe,
    SearchHit,
    SearchSource,
    Subject,
    SubjectView,
    Topic,
)
from stadtkern.reports.domain import (
    lexicon,
    measures,
    receipts,  # noqa: F401  its job registers on import, in the worker too
    statistics,  # noqa: F401
)
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.nearby import reports_near
from stadtkern.reports.domain.queries import LONGEST_SEARCH, ListQuery, list_reports
from stadtkern.reports.models import Report
from stadtkern.reports.web import wording
from stadtkern.reports.web.barriers import register_barriers
from stadtkern.reports.web.cards import context_of
from stadtkern.reports.web.registers import fits
from stadtkern.threads.web.parts import contact_of

NEWEST, MINE = 3, 5


def register_citizen_parts() -> None:
    """Called once, when the application starts."""
    _places_in_the_house()
    _answers()
    _figures()
    for topic in TOPICS:
        parts.topics.add(topic)


TOPICS = (
    Topic(
        key="reports.status",
        label=gettext_lazy("Schritte meiner Meldungen"),
        explanation=gettext_lazy("Wenn sich der Stand ändert oder eine andere Stelle übernimmt"),
    ),
    Topic(
        key="reports.answer",
        label=gettext_lazy("Antworten und Rückfragen"),
        explanation=gettext_lazy("Wenn die Stadt zu einer Meldung etwas schreibt oder fragt"),
    ),
    Topic(
        key="reports.area",
        label=gettext_lazy("Neues, dem ich folge"),
        explanation=gettext_lazy("Wenn in einer Gegend oder zu einem Thema, dem Sie folgen, etwas gemeldet wird"),
    ),
)


def _places_in_the_house() -> None:
    parts.subjects.add(Subject(key="report", label=gettext_lazy("Meldung"), resolve_many=views))
    for key, label, url_name, icon, order in (
        ("reports.file", gettext_lazy("Melden"), "reports:file", "report", 10),
        ("reports.list", gettext_lazy("Meldungen"), "reports:list", "list", 20),
        ("reports.figures", gettext_lazy("Zahlen zu Meldungen"), "reports:figures", "chart", 70),
    ):
        parts.menu.add(MenuItem(key=key, label=label, url_name=url_name, icon=icon, order=order))
    parts.home_cards.add(HomeCard(key="reports.start", template="reports/home/start.html", context=_start, order=10))
    parts.home_cards.add(HomeCard(key="reports.mine", template="reports/home/mine.html", context=_mine, order=15))
    parts.home_cards.add(HomeCard(key="reports.newest", template="reports/home/newest.html", context=_newest, order=30))
    parts.map_layers.add(
        MapLayer(
            key="reports",
            label=gettext_lazy("Meldungen"),
            data_url="/meldungen/karte.json?status=offen&bbox={bbox}&zoom={zoom}",
            list_url="/meldungen/?status=offen",
            icon="report",
            on_at_start=True,
            order=10,
        )
    )


def _answers() -> None:
    parts.search_sources.add(
        SearchSource(key="reports", label=gettext_lazy("Meldungen"), search=search_reports, order=20, suggest=meant_by)
    )
    parts.search_sources.add(
        SearchSource(key="reports.kinds", label=gettext_lazy("Das können Sie melden"), search=search_kinds, order=10)
    )
    register_barriers()
    parts.near_me.add(NearMe(key="reports", label=gettext_lazy("Meldungen"), answer=near, order=20))


def _figures() -> None:
    for key, label, unit, value, lower in (
        ("reports.median_days", gettext_lazy("Hälfte der Meldungen erledigt nach"), "d", measures.median_days, True),
        ("reports.in_time", gettext_lazy("Meldungen rechtzeitig erledigt"), "%", measures.share_in_time, False),
        ("reports.open", gettext_lazy("Offene Meldungen"), "", measures.open_count, True),
    ):
        parts.indicators.add(Indicator(key=key, label=label, unit=unit, value=value, lower_is_better=lower))
    parts.dataset_sources.add(
        DatasetSource(
            key="reports",
            title=gettext_lazy("Meldungen aus der Bevölkerung"),
            description=gettext_lazy(
                "Alle öffentlichen Meldungen mit Ort, Art, Stand und Zeiten, ohne Texte und Namen."
            ),
            columns=measures.COLUMNS,
            rows=measures.open_rows,
        )
    )


def views(ids: Sequence[int]) -> dict[int, SubjectView]:
    """How reports look from the inbox and from other modules; one query."""
    rows = Report.objects.filter(pk__in=list(ids)).values_list("pk", "category_id", "address", "status")
    return {
        pk: SubjectView(
            kind="report",
            id=pk,
            title=_title(pk, category, address),
            url=reverse("reports:report", kwargs={"report_id": pk}),
            state=wording.badge(status)["label"],
        )
        for pk, category, address, status in rows
    }


def _title(pk: int, category: str, address: str) -> str:
    words = {"category": wording.category_name(category), "address": address, "id": pk}
    return _("%(category)s, %(address)s (%(id)s)") % words if address else _("%(category)s (%(id)s)") % words


def search_reports(text: str, person: Any, limit: int) -> list[SearchHit]:
    """Public reports by German words, or by their number."""
    words = "".join(sign for sign in text if sign.isprintable()).strip()[:LONGEST_SEARCH]
    if not words:
        return []
    rows = list_reports(ListQuery(text=words), limit=limit)
    return [
        SearchHit(
            title=_title(row.id, row.category, row.address),
            url=reverse("reports:report", kwargs={"report_id": row.id}),
            text=row.text[:160],
            state=wording.badge(row.status)["label"],
            at=row.filed_at,
        )
        for row in rows.items
    ]


def meant_by(text: str) -> str:
    """Other spelling with which a report or a kind is found; "" when there is none."""
    meant = lexicon.correct(text)
    return meant if meant and (search_reports(meant, None, 1) or search_kinds(meant, None, 1)) else ""


def search_kinds(text: str, person: Any, limit: int) -> list[SearchHit]:
    """Kinds of matters one can report; whoever looks for "lamp" may want to report one."""
    if len(text.strip()) < 3:
        return []
    found = [category for category in catalogue().categories.values() if category.is_active and fits(category, text)]
    return [
        SearchHit(
            title=pick(category.name),
            url=f"{reverse('reports:file')}?art={category.kind}&category={category.key}",
            text=pick(category.hint),
        )
        for category in found[:limit]
    ]


def near(lat: float, lon: float) -> list[NearHit]:
    """What was reported within 600 m and is open, or ended lately."""
    return [
        NearHit(
            title=wording.category_name(str(row["category_id"])),
            text=wording.badge(str(row["status"]))["label"],
            url=reverse("reports:report", kwargs={"report_id": row["id"]}),
            distance_m=metres,
            icon=wording.category_icon(str(row["category_id"])),
        )
        for row, metres in reports_near(lat, lon)
    ]


def _start(request: HttpRequest) -> Mapping[str, Any]:
    return {"kinds": wording.KIND_ICONS}


def _mine(request: HttpRequest) -> Mapping[str, Any]:
    """The reports of the account; those kept on the device are added there."""
    contact = contact_of(request) if request.user.is_authenticated else None
    if contact is None:
        return {"reports": []}
    mine = Report.objects.filter(thread__participants__contact=contact).order_by("-changed_at", "-pk")
    found = views([int(pk) for pk in mine.values_list("pk", flat=True)[:MINE]])
    return {"reports": [found[pk] for pk in sorted(found, reverse=True)]}


def _newest(request: HttpRequest) -> Mapping[str, Any] | None:
    rows = list_reports(ListQuery(), limit=NEWEST)
    return {"reports": [context_of(row) for row in rows.items]} if rows.items else None
