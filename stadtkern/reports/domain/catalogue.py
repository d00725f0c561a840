"""The catalogue in memory: categories, groups, rules and organisations change rarely and are read always.

Every process keeps a copy for a few seconds. `forget()` drops the copy of this process, `tell_all()` those of all
processes on this machine, by the time stamp of a file; a process elsewhere follows after FRESH_SECONDS.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from stadtkern.core.problems import NotFound
from stadtkern.people.models import Organisation
from stadtkern.reports.models import Category, Closing, Group, Reason, RoutingRule

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
    """A value read again when it is older than FRESH_SECONDS, or when some process said that it changed."""

    def __init__(self, read: Callable[[], T]) -> None:
        self.read = read
        self.lock = Lock()
        self.value: T | None = None
        self.until = 0.0
        self.stamp = 0

    def get(self) -> T:
        with self.lock:
            if self.value is None or time.monotonic() >= self.until or self.stamp != _stamp():
                self.stamp = _stamp()
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
    for closing in Closing.objects.all():
        _close(categories[closing.category_id], closing, organisations)
    return Catalogue(
        groups=groups,
        categories=categories,
        rules=tuple(RoutingRule.objects.filter(is_active=True)),
        reasons={row.key: row for row in Reason.objects.all()},
        organisations=organisations,
    )


def _close(category: Category, closing: Closing, organisations: dict[int, Organisation]) -> None:
    """The desk's word counts before the pack's."""
    category.is_active = False
    category.closed_reason = closing.reason
    category.referral = [organisations[closing.referral_id].key] if closing.referral_id else []


_kept = _Kept(_read)


def catalogue() -> Catalogue:
    return _kept.get()


def forget() -> None:
    """Read again at the next use (after loading a pack, in tests)."""
    _kept.forget()


def tell_all() -> None:
    """Every process of this machine reads again, as soon as the open transaction is kept."""
    forget()
    transaction.on_commit(_touch)


def _touch() -> None:
    forget()
    settings.DATA.mkdir(parents=True, exist_ok=True)
    _changed().touch()


def _stamp() -> int:
    """When somebody last said that the tables changed; one look at the file system, no query."""
    try:
        return _changed().stat().st_mtime_ns
    except OSError:
        return 0


def _changed() -> Path:
    return Path(settings.DATA) / "catalogue.changed"
