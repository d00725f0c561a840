#!/usr/bin/env python3
"""Write the tables of the handbook that come from code: events, registries, settings, rights, addresses, retention.

`tools/handbook.py` writes docs/handbook/{events,registries,settings,rights,addresses,retention,conformance}.md;
a test compares them with the code, so the handbook cannot lie.
"""

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "docs" / "handbook"
NOTE = "<!-- written by tools/handbook.py -->\n"


def events() -> Iterator[str]:
    from stadtkern.core.events import _followers, known_events

    yield "# Events\nWhat modules tell. A follower runs in a job of its own, after the change is committed.\n"
    yield "| event | what happened | carries | followed by |\n|---|---|---|---|"
    for name, kind in sorted(known_events().items()):
        if "tests" in kind.__module__:
            continue
        carries = ", ".join(f"`{field.name}`" for field in fields(kind))
        who = ", ".join(f"`{key.removeprefix('stadtkern.')}`" for key in sorted(_followers.get(name, {})))
        yield f"| `{name}` | {inspect.getdoc(kind)} | {carries} | {who} |".replace("\n", " ")


def registries() -> Iterator[str]:
    from stadtkern.core.parts import every_registry
    from stadtkern.hub.domain.connecting.port import connectors
    from stadtkern.people.rights import actions

    yield "# Registries\nWhere modules and plugins add parts (`stadtkern.core.parts`); twins stop the start.\n"
    yield "| registry | purpose | parts now |\n|---|---|---|"
    for name, registry in sorted({**every_registry, "actions": actions, "connectors": connectors}.items()):
        keys = [f"`{part.key}`" for part in registry if "tests." not in part.key]
        yield f"| `{name}` | {registry.purpose} | {', '.join(keys) or '-'} |"


def settings() -> Iterator[str]:
    from django.conf import settings as house

    from stadtkern.config.env import KNOWN

    list(routes())  # every module that asks for a setting is imported by now
    yield "# Settings\nEvery setting is an environment variable; `NAME_FILE` names a file that holds the value.\n"
    yield "| name | default | meaning |\n|---|---|---|"
    for known in sorted(KNOWN.values(), key=lambda known: known.name):
        default = known.default.replace(str(house.DATA), "./.data").replace(str(ROOT), ".") or "(empty)"
        yield f"| `{known.name}` | `{default}` | {known.meaning} |"


def rights() -> Iterator[str]:
    from stadtkern.people.rights import actions
    from stadtkern.people.words import Role, Scope

    yield "# Rights\nRole by action: `own` = the organisations of one's memberships and everything below them.\n"
    yield f"| action | {' | '.join(Role.values)} |\n|---|{'---|' * len(Role)}"
    for action in actions:
        row = [str(action.row.get(role, Scope.NONE).value).replace("none", "") for role in Role]
        yield f"| `{action.key}` | {' | '.join(row)} |"


def addresses() -> Iterator[str]:
    yield "# Addresses\nEvery route with its name. A route never vanishes without a redirect.\n"
    yield "| address | name |\n|---|---|"
    for address, name in sorted(routes()):
        yield f"| `{address}` | {name} |"


def routes() -> Iterator[tuple[str, str]]:
    """(address pattern, name) of every route of our own and of allauth."""
    from django.urls import get_resolver

    def walk(patterns: list[object], before: str, space: str) -> Iterator[tuple[str, str]]:
        for entry in patterns:
            here = before + str(entry.pattern)  # type: ignore[attr-defined]
            if hasattr(entry, "url_patterns"):
                name = ":".join(part for part in (space, entry.namespace) if part)
                yield from walk(entry.url_patterns, here, name)
            else:
                yield "/" + here, f"{space}:{entry.name}" if space and entry.name else str(entry.name or "")

    yield from walk(get_resolver().url_patterns, "", "")


def retention() -> Iterator[str]:
    from stadtkern.core.parts import retention_rules

    yield "# Retention\nWhat is deleted or made anonymous, and when (nightly, or by `stadtkern retention`).\n"
    yield "| rule | what | kept for |\n|---|---|---|"
    for rule in retention_rules:
        yield f"| `{rule.key}` | {rule.what} | {rule.keep.days} days |"


def conformance() -> Iterator[str]:
    from stadtkern.hub.api.sta.conformance import CLAIMS

    yield "# Conformance of the SensorThings API\n"
    yield "The classes that `/sta/v1.1/` lists in its root document, each with the test that proves it.\n"
    yield "| conformance class | test |\n|---|---|"
    for claim in CLAIMS:
        yield f"| `{claim.uri}` | `{claim.test}` |"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    page.__name__: page for page in (events, registries, settings, rights, addresses, retention, conformance)
}


def written(name: str) -> str:
    return NOTE + "\n".join(PAGES[name]()) + "\n"


def start() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    start()
    for page in PAGES:
        (BOOK / f"{page}.md").write_text(written(page), encoding="utf-8")
