"""Find or create: an import that comes again finds what it made by (source, source_key) and changes what differs."""

from collections.abc import Mapping
from typing import Any, TypedDict, TypeVar

import orjson
from django.db import transaction
from django.db.models import Model

M = TypeVar("M", bound=Model)


class Belonging(TypedDict, total=False):
    """Whose something is, who sees it (words.Visibility), and where it comes from. Without a source: always new."""

    organisation_id: int | None
    visibility: str
    source: str
    source_key: str


@transaction.atomic
def found_or_made(
    model: type[M], values: dict[str, Any], *, when_new: Mapping[str, Any] | None = None
) -> tuple[M, bool]:
    """The entity of this source and key, locked and with these values, or a new one; True when it is new.

    `when_new`: further values of a new one. Two that make the same one at once: the second finds what the first has
    made.
    """
    complete = {**(when_new or {}), **values}
    if not values.get("source"):
        return model._default_manager.create(**complete), True
    key = {"source": values["source"], "source_key": values.get("source_key", "")}
    found, is_new = model._default_manager.select_for_update().get_or_create(**key, defaults=complete)
    if not is_new:
        change(found, values)
    return found, is_new


def change(entity: Model, values: dict[str, Any]) -> set[str]:
    """Save those values that differ; returns their names. Nothing differs: nothing is written, nobody is told."""
    changed = {name for name, value in values.items() if not _is_same(getattr(entity, name), value)}
    for name in changed:
        setattr(entity, name, values[name])
    if changed:
        stamped = {"changed_at"} if hasattr(entity, "changed_at") else set()
        entity.save(update_fields=changed | stamped)
    return changed


def _is_same(kept: Any, value: Any) -> bool:
    """Python takes true for 1; JSON does not."""
    if kept != value or not isinstance(kept, dict | list):
        return bool(kept == value)
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS) == orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
