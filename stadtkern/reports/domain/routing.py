"""Routing: who owns a report. First rule that matches, else the category's owner, else who takes the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stadtkern.people.models import Organisation
from stadtkern.places.domain import assets
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.models import Category, RoutingRule


@dataclass(frozen=True, kw_only=True)
class Case:
    """What rules look at."""

    category: Category
    district: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    asset: str = ""
    asset_owner: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whose a case is, and why: the key of the rule, "category" or "rest"."""

    owner: Organisation
    because: str
    rule: RoutingRule | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a rule: what it looks at, what it wants, what the case has, whether it holds."""

    name: str
    wanted: tuple[str, ...]
    has: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return bool(set(self.wanted) & set(self.has))


def case_for(category: Category, *, district: str, answers: Mapping[str, Any], asset_id: str) -> Case:
    """The case of a report; of the thing it is about, kind and owner count."""
    kind, owner = assets.kind_and_owner(asset_id, category=category.key) if asset_id else ("", "")
    return Case(category=category, district=district, answers=answers, asset=kind, asset_owner=owner)


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
    return all(condition.holds for condition in conditions(when, case))


def conditions(when: Mapping[str, Any], case: Case) -> list[Condition]:
    """What a rule asks of a case; the codes of questions stand as "answers.<code>"."""
    facts = {
        "kind": case.category.kind,
        "group": case.category.group_id,
        "category": case.category.key,
        "district": case.district,
        "asset": case.asset,
        "asset_owner": case.asset_owner,
    }
    asked = [
        Condition(name=name, wanted=tuple(when[name]), has=(fact,) if fact else ())
        for name, fact in facts.items()
        if name in when
    ]
    return asked + [
        Condition(name=f"answers.{code}", wanted=tuple(values), has=_given(case.answers.get(code)))
        for code, values in when.get("answers", {}).items()
    ]


def tried(case: Case) -> list[tuple[RoutingRule, list[Condition]]]:
    """Every rule with its conditions: the simulator's table ("what would happen to ...", and why)."""
    return [(rule, conditions(rule.when, case)) for rule in catalogue().rules]


def _given(answer: Any) -> tuple[str, ...]:
    if answer in (None, ""):
        return ()
    return tuple(answer) if isinstance(answer, list) else (str(answer),)


def _takes_rest(book: Catalogue) -> Organisation:
    found = [house for house in book.organisations.values() if house.is_active and house.takes_rest]
    if not found:
        raise RuntimeError("the pack names no organisation that takes the rest (takes_rest)")
    return found[0]
