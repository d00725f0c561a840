"""The layouts that come with the hub: data files with the examples that prove them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from django.db import transaction

from stadtkern.hub.domain.decoders.layout_parsing import parse
from stadtkern.hub.models import Decoder


@cache
def all_builtin() -> tuple[dict[str, Any], ...]:
    """Every file of layouts/: key, name, source, layout, examples (bytes in hex, port, values, readings, source)."""
    folder = files("stadtkern.hub.domain.decoders") / "layouts"
    found = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return tuple(sorted(found, key=lambda one: str(one["key"])))


def example_of(key: str) -> tuple[str, int] | None:
    """Bytes (in hex) and port of the first example of a built-in decoder."""
    for one in all_builtin():
        if one["key"] == key and one["examples"]:
            first = one["examples"][0]
            return str(first["bytes"]), int(first.get("port", 0))
    return None


@transaction.atomic
def install_builtin() -> int:
    """Bring the table of decoders up to date; returns how many there are.

    A decoder that somebody made under the same key stays as it is.
    """
    for one in all_builtin():
        parse(one["layout"])
        values = {"name": one["name"], "language": Decoder.Language.LAYOUT, "layout": one["layout"]}
        known = Decoder.objects.filter(key=one["key"])
        if not known.exists():
            Decoder.objects.create(key=one["key"], is_builtin=True, **values)
        elif stale := known.filter(is_builtin=True).exclude(**values).first():
            for name, value in values.items():
                setattr(stale, name, value)
            stale.save()
    return len(all_builtin())
