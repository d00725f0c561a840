"""Routing: who owns a report. First rule that matches, else the category's owner, else who takes the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stadtkern.people.models import Organisation
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.models import Category, RoutingRule


@dataclass(frozen=True, kw_only=True)
class Case:
    """What rules look at."""

    category: Category
    district: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whose a case is, and why: the key of the rule, "category" or "rest"."""

    owner: Organisation
    because: str
    rule: RoutingRule | None = None


def route(case: Case, book: Catalogue | None = None) -> Route:
    """The owner of a case; there always is one."""
    book = book or catalogue()
    for rule in book.rules:
        if matches(rule.when, case) and (owner := book.organisations[rule.to_id]).is_active:
            return Route(owner=owner, because=rule.key, rule=rule)
    own = book.organisations[case.category.owner_id]
    if own.is_active:
        return Route(owner=own, because="category")
    return Route(owner=_takes_rest(book), because="rest")


def matches(when: Mapping[str, Any], case: Case) -> bool:
    """Every condition given must hold."""
    facts = {
        "kind": case.category.kind,
        "group": case.category.group_id,
        "category": case.category.key,
        "district": case.district,
    }
    if any(facts[name] not in when[name] for name in facts if name in when):
        return False
    wanted: Mapping[str, Any] = when.get("answers", {})
    return all(_given(case.answers.get(code)) & set(values) for code, values in wanted.items())


def tried(case: Case) -> Iterable[tuple[RoutingRule, bool]]:
    """Every rule and whether it matches: the simulator's table ("what would happen to ...")."""
    return [(rule, matches(rule.when, case)) for rule in catalogue().rules]


def _given(answer: Any) -> set[str]:
    return set(answer) if isinstance(answer, list) else {str(answer)}


def _takes_rest(book: Catalogue) -> Organisation:
    found = [house for house in book.organisations.values() if house.is_active and house.takes_rest]
    if not found:
        raise RuntimeError("the pack names no organisation that takes the rest (takes_rest)")
    return found[0]
