"""One search over everything: each module answers for its own things and its own rights."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stadtkern.core.parts import SearchHit, SearchSource, search_sources
from stadtkern.core.problems import Problem

log = logging.getLogger(__name__)
LONGEST = 200
SHORTEST = 2
PER_GROUP = 5
ONE_GROUP = 50


@dataclass(frozen=True)
class Group:
    """What one source found."""

    key: str
    label: Any
    hits: Sequence[SearchHit]
    has_more: bool


@dataclass(frozen=True)
class Found:
    """What was found. `meant`: words that would find (more); `instead`: the groups are those of `meant`."""

    groups: list[Group]
    meant: str = ""
    instead: bool = False


def look(text: str, *, person: Any, only: str = "") -> Found:
    """Search, and where a source that can spell finds nothing, offer better words, or use them when all is empty."""
    groups = search(text, person=person, only=only)
    if not (meant := _meant(text, only, {group.key for group in groups})):
        return Found(groups)
    if groups:
        return Found(groups, meant)
    others = search(meant, person=person, only=only)
    return Found(others, meant, instead=True) if others else Found(groups)


def _meant(text: str, only: str, answered: set[str]) -> str:
    for source in sorted(search_sources, key=lambda part: (part.order, part.key)):
        if source.suggest is None or source.key in answered or only not in {"", source.key}:
            continue
        try:
            if words := source.suggest(text[:LONGEST]):
                return words
        except Exception:
            log.exception("search: %s cannot spell", source.key)
    return ""


def search(text: str, *, person: Any, only: str = "") -> list[Group]:
    """Groups in which something was found, best group first as the sources are ordered."""
    text = " ".join(text.split())[:LONGEST]
    if len(text) < SHORTEST:
        return []
    sources = [part for part in search_sources if not only or part.key == only]
    most = ONE_GROUP if only else PER_GROUP
    groups = (_ask(source, text, person, most) for source in sorted(sources, key=lambda s: (s.order, s.key)))
    return [group for group in groups if group.hits]


def _ask(source: SearchSource, text: str, person: Any, most: int) -> Group:
    try:
        hits = list(source.search(text, person, most + 1))
    except Problem:
        hits = []
    except Exception:
        log.exception("search: %s failed", source.key)
        hits = []
    return Group(source.key, source.label, hits[:most], len(hits) > most)
