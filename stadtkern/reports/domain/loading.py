"""The pack's share of reports: groups, categories, routing rules, reasons, canned answers."""

from typing import Any

from stadtkern.core.city import CityPack
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.demo import load_demo
from stadtkern.reports.models import CannedAnswer, Category, Group, Reason, RoutingRule


def load(pack: CityPack, demo: bool) -> str:
    """Make the tables as the pack says; what is gone from the pack is switched off, never deleted."""
    houses = dict(Organisation.objects.values_list("key", "pk"))
    counts = [
        _groups(pack.read("categories.toml").get("group", [])),
        _categories(pack.read("categories.toml").get("category", []), houses),
        _rules(pack.read("routing.toml").get("rule", []), houses),
        _reasons(pack.read("reasons.toml").get("reason", [])),
        _answers(pack.read("answers.toml").get("answer", [])),
    ]
    catalogue.tell_all()
    said = "{} groups, {} categories, {} rules, {} reasons, {} text blocks".format(*counts)
    return f"{said}, {load_demo(pack)} demo reports" if demo else said


def _groups(rows: list[dict[str, Any]]) -> int:
    for order, row in enumerate(rows):
        given = {"name": row["name"], "icon": row.get("icon", "report"), "order": order}
        Group.objects.update_or_create(key=row["key"], defaults=given)
    return len(rows)


def _categories(rows: list[dict[str, Any]], houses: dict[str, int]) -> int:
    for order, row in enumerate(rows):
        Category.objects.update_or_create(key=row["key"], defaults=_category(row, houses) | {"order": order})
    Category.objects.exclude(key__in=[row["key"] for row in rows]).update(is_active=False)
    return len(rows)


def _category(row: dict[str, Any], houses: dict[str, int]) -> dict[str, Any]:
    return {
        "group_id": row["group"],
        "kind": row.get("kind", "defect"),
        "name": row["name"],
        "hint": row.get("hint", {}),
        "keywords": row.get("keywords", []),
        "owner_id": houses[row["owner"]],
        "due_working_days": row.get("due_working_days", 10),
        "publish_at_once": row.get("publish") == "at_once",
        "duplicate_radius_m": row.get("duplicate_radius_m", 40),
        "point_barrier": row.get("point_barrier", False),
        "emergency": row.get("emergency", ""),
        "is_active": row.get("active", True),
        "closed_reason": row.get("closed_reason", {}),
        "referral": row.get("referral", []),
        "questions": row.get("questions", []),
    }


def _rules(rows: list[dict[str, Any]], houses: dict[str, int]) -> int:
    for order, row in enumerate(rows):
        given = {"order": order, "note": row.get("note", ""), "when": row.get("when", {})}
        RoutingRule.objects.update_or_create(
            key=row["key"], defaults=given | {"to_id": houses[row["to"]], "is_active": True}
        )
    RoutingRule.objects.exclude(key__in=[row["key"] for row in rows]).update(is_active=False)
    return len(rows)


def _reasons(rows: list[dict[str, Any]]) -> int:
    names = ("label", "public", "referral", "counts_as", "needs_words")
    for order, row in enumerate(rows):
        given = {name: row[name] for name in names if name in row} | {"order": order}
        Reason.objects.update_or_create(key=row["key"], defaults=given)
    return len(rows)


def _answers(rows: list[dict[str, Any]]) -> int:
    names = ("title", "text", "categories", "groups", "status")
    for row in rows:
        CannedAnswer.objects.update_or_create(
            key=row["key"], defaults={name: row[name] for name in names if name in row}
        )
    return len(rows)
