"""The page of figures: what the nightly job worked out, each chart with its table, each table to take along."""

import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.core.csv_cells import harmless
from stadtkern.core.languages import pick
from stadtkern.core.problems import NotFound
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.figures import Kept, kept
from stadtkern.reports.domain.statistics import CHARTS, STATISTICS, statistics_now
from stadtkern.reports.domain.times import ENOUGH
from stadtkern.reports.web import wording
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.web.frame import page

SECTION = "/meldungen/zahlen/"
ASK_SECONDS = 30.0
_asked: dict[str, float] = {}
_shelf: Shelf[dict[str, str]] = Shelf(12)


@dataclass(frozen=True)
class Table:
    """A figure as rows; `numbers` are the columns (from 1) that hold figures."""

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numbers: str = "2 3 4 5 6"


def figures(request: HttpRequest) -> HttpResponse:
    """All figures on one page; before the first night it asks for them and says so."""
    found = kept(STATISTICS)
    if found is None:
        _ask_for_them()
        slots = _slots({"title": _("Zahlen"), "waits": True})
        return page(request, slots, section=SECTION)
    charts = kept(CHARTS)
    stamp = f"figures{found.made_at}{charts.made_at if charts else ''}{get_language()}"
    slots = _shelf.get(stamp, lambda: _slots(_shows(found, charts)))
    return page(request, slots, stamp=stamp, section=SECTION)


def table(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """One table as CSV or JSON."""
    found = kept(STATISTICS)
    tables = {one.key: one for one in _tables(found.content)} if found else {}
    if key not in tables or form not in {"csv", "json"} or found is None:
        raise NotFound()
    chosen = tables[key]
    if form == "json":
        return JsonResponse(_as_json(chosen, found.made_at), json_dumps_params={"ensure_ascii": False})
    response = HttpResponse(_as_csv(chosen), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="meldungen-{key}.csv"'
    return response


def _ask_for_them() -> None:
    """One job, however many look at the page while it runs."""
    from procrastinate.exceptions import AlreadyEnqueued

    if time.monotonic() - _asked.get("at", -ASK_SECONDS) < ASK_SECONDS:
        return
    _asked["at"] = time.monotonic()
    try:
        with transaction.atomic():
            statistics_now.configure(queueing_lock="reports.statistics_now").defer()
    except AlreadyEnqueued:
        return


def _slots(shows: dict[str, Any]) -> dict[str, str]:
    return {
        "title": _("Zahlen zu den Meldungen"),
        "description": _("Wie viel gemeldet wird, wie lange es dauert, was offen ist, wo es sich häuft."),
        "head": render_to_string("reports/_figures_head.html", shows),
        "body": render_to_string("reports/_figures_body.html", shows),
    }


def _shows(found: Kept, charts: Kept | None) -> dict[str, Any]:
    content = found.content
    drawn: Mapping[str, str] = (charts.content.get(get_language() or "de", {}) if charts else {}) or {}
    return {
        "title": _("Zahlen"),
        "made_at": found.made_at,
        "tiles": _tiles(content),
        "tables": {one.key: one for one in _tables(content)},
        "charts": drawn,
        "spots": _spots(content),
        "forecast": content["forecast"],
        "total": content["total"],
    }


def _tiles(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = content["groups"]
    done = [row for row in groups if row[3] is not None]
    weight = sum(row[5] for row in done) or 1
    in_time = round(sum(row[6] * row[5] for row in done) / weight) if done else None
    return [
        {"value": _count(sum(row[2] for row in groups)), "label": _("gerade offen"), "part": None},
        {"value": _count(sum(row[1] for row in groups)), "label": _("eingegangen in zwölf Monaten"), "part": None},
        {"value": _count(sum(row[5] for row in groups)), "label": _("erledigt in zwölf Monaten"), "part": None},
        {"value": "–" if in_time is None else f"{in_time} %", "label": _("davon rechtzeitig"), "part": in_time},
    ]


def _count(number: int) -> str:
    return str(number_format(number, use_l10n=True, force_grouping=True))


def _tables(content: Mapping[str, Any]) -> list[Table]:
    return [
        *_tables_of_time(content),
        *_tables_of_speed(content),
        *_tables_of_verdicts(content),
        *_tables_of_rhythm(content),
    ]


def _tables_of_time(content: Mapping[str, Any]) -> list[Table]:
    months = (_("Monat"), _("eingegangen"), _("abgeschlossen"), _("offen am Monatsende"))
    weeks = (_("Woche ab"), _("erwartet"), _("mindestens"), _("höchstens"))
    expected = [[_day(row[0]), *row[1:]] for row in content["forecast"]["weeks"]]
    ended = (_("Monat"), _("erledigt"), _("andere zuständig"), _("doppelt gemeldet"), _("abgelehnt"))
    return [
        Table("monate", _("Eingang, Abschluss und offene Meldungen je Monat"), months, content["months"]),
        Table("ausgang", _("Wie Meldungen enden, je Monat"), ended, content.get("outcomes", [])),
        Table("vorschau", _("Die nächsten Wochen"), weeks, expected),
    ]


def _tables_of_speed(content: Mapping[str, Any]) -> list[Table]:
    parts = (
        ("bereiche", _("Nach Bereich"), _("Bereich"), "groups", _group_name),
        ("stellen", _("Nach zuständiger Stelle"), _("Stelle"), "owners", _owner_name),
        ("bezirke", _("Nach Stadtbezirk"), _("Bezirk"), "districts", _district_name),
    )
    return [Table(key, title, _speed_head(name), _named(content[rows], say)) for key, title, name, rows, say in parts]


def _tables_of_verdicts(content: Mapping[str, Any]) -> list[Table]:
    """Was it solved? By month, and for a year by category and by who was in charge."""
    found = content.get("satisfaction", {})
    head = (_("gefragt"), _("gelöst"), _("nicht gelöst"), _("wieder geöffnet"), _("gelöst in %"))
    parts = (
        ("zufriedenheit", _("Gelöst? Je Monat"), _("Monat"), "months", str),
        ("zufriedenheit_kategorien", _("Gelöst? Nach Kategorie"), _("Kategorie"), "categories", wording.category_name),
        ("zufriedenheit_stellen", _("Gelöst? Nach zuständiger Stelle"), _("Stelle"), "owners", _owner_name),
    )
    return [
        Table(key, title, (name, *head), [[say(row[0]), *row[1:], _share(row)] for row in found.get(rows, [])])
        for key, title, name, rows, say in parts
    ]


def _share(row: Sequence[Any]) -> Any:
    """Percent who said yes; a dash where too few answered to be honest."""
    _key, _asked_for, yes, no, _again = row
    return round(100 * yes / (yes + no)) if yes + no >= ENOUGH else "–"


def _tables_of_rhythm(content: Mapping[str, Any]) -> list[Table]:
    places = (_("Gegend"), _("Meldungen"), _("meist"), _("H3-Zelle"), "lat", "lon")
    mean = _("im Mittel")
    return [
        Table("orte", _("Wo sich Meldungen häufen"), places, _spot_rows(content), "2 5 6"),
        Table("wochentage", _("Nach Wochentag"), (_("Tag"), mean), _rhythm(content["weekdays"], _weekday)),
        Table("jahreszeiten", _("Nach Monat des Jahres"), (_("Monat"), mean), _rhythm(content["seasons"], _month)),
    ]


def _speed_head(name: str) -> tuple[str, ...]:
    return (name, _("eingegangen"), _("offen"), _("Hälfte in Tagen"), _("8 von 10 in Tagen"), _("rechtzeitig in %"))


def _named(rows: Sequence[Sequence[Any]], name: Any) -> list[list[Any]]:
    """[name, filed, open, median, 8 of 10, in time]; a dash where there are too few to be honest."""
    return [
        [name(row[0]), row[1], row[2], *("–" if v is None else v for v in (row[3], row[4], row[6]))] for row in rows
    ]


def _group_name(key: str) -> str:
    group = catalogue().groups.get(key)
    return pick(group.name) if group else key


def _owner_name(key: int) -> str:
    owner = catalogue().organisations.get(key)
    return owner.name if owner else str(key)


def _district_name(key: str) -> str:
    return district_names().get(key, key)


def _spots(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    most = max((spot["count"] for spot in content["hot_spots"]), default=1)
    return [
        spot
        | {"name": spot["address"] or spot["cell"], "kind": wording.category_name(spot["category"])}
        | {"part": round(100 * spot["count"] / most)}
        for spot in content["hot_spots"]
    ]


def _spot_rows(content: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [spot["name"], spot["count"], spot["kind"], spot["cell"], spot["lat"], spot["lon"]] for spot in _spots(content)
    ]


def _rhythm(counts: Sequence[float], name: Any) -> list[list[Any]]:
    return [[name(place), count] for place, count in enumerate(counts, start=1)]


def _weekday(number: int) -> str:
    return date_format(date(2024, 1, number), "l")  # 1 January 2024 was a Monday


def _month(number: int) -> str:
    return date_format(date(2024, number, 1), "F")


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "DATE_FORMAT")


def _as_json(chosen: Table, made_at: datetime) -> dict[str, Any]:
    return {
        "title": chosen.title,
        "made_at": timezone.localtime(made_at).isoformat(),
        "columns": list(chosen.head),
        "rows": [list(row) for row in chosen.rows],
    }


def _as_csv(chosen: Table) -> str:
    """RFC 4180 with a mark for spreadsheets; no cell can become a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(chosen.head)
    writer.writerows([[_harmless(cell) for cell in row] for row in chosen.rows])
    return "\ufeff" + out.getvalue()


def _harmless(cell: Any) -> Any:
    return harmless(cell) if isinstance(cell, str) and len(cell) > 1 else cell
