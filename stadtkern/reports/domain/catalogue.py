"""The catalogue in memory: categories, groups, rules and organisations change rarely and are read always.

Every process keeps a copy for a few seconds; `forget()` drops the copy of this process at once.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import NotFound
from stadtkern.people.models import Organisation
from stadtkern.reports.models import Category, Group, Reason, RoutingRule

FRESH_SECONDS = 10.0
T = TypeVar("T")


@dataclass(frozen=True)
class Catalogue:
    """One consistent reading of the small tables."""

    groups: dict[str, Group]
    categories: dict[str, Category]
    rules: tuple[RoutingRule, ...]
    reasons: dict[str, Reason]
    organisations: dict[int, Organisation]

    def category(self, key: str) -> Category:
        if key not in self.categories:
            raise NotFound(_("Diese Kategorie gibt es nicht."))
        return self.categories[key]

    def of_group(self, key: str) -> list[Category]:
        return [category for category in self.categories.values() if category.group_id == key]


class _Kept(Generic[T]):
    """A value read again when it is older than FRESH_SECONDS."""

    def __init__(self, read: Callable[[], T]) -> None:
        self.read = read
        self.lock = Lock()
        self.value: T | None = None
        self.until = 0.0

    def get(self) -> T:
        with self.lock:
            if self.value is None or time.monotonic() >= self.until:
                self.value = self.read()
                self.until = time.monotonic() + FRESH_SECONDS
            return self.value

    def forget(self) -> None:
        with self.lock:
            self.value = None


def _read() -> Catalogue:
    organisations = {row.pk: row for row in Organisation.objects.all()}
    groups = {row.key: row for row in Group.objects.all()}
    categories = {row.key: row for row in Category.objects.all()}
    for category in categories.values():
        category.group = groups[category.group_id]
        category.owner = organisations[category.owner_id]
    return Catalogue(
        groups=groups,
        categories=categories,
        rules=tuple(RoutingRule.objects.filter(is_active=True)),
        reasons={row.key: row for row in Reason.objects.all()},
        organisations=organisations,
    )


_kept = _Kept(_read)


def catalogue() -> Catalogue:
    return _kept.get()


def forget() -> None:
    """Read again at the next use (after loading a pack, in tests)."""
    _kept.forget()
