"""Likely duplicates: open reports near by, of the same or a similar kind, told in similar words."""

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from stadtkern.core import clock
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.likeness import likeness
from stadtkern.reports.domain.queries import Row, reports_by_id
from stadtkern.reports.models import Category
from stadtkern.reports.words import Visibility

METRES_PER_DEGREE = 111_320.0
SAME_GROUP_SHARE = 0.5  # another kind of the same group must lie twice as near
CLOSED_LATELY = timedelta(days=14)
MOST = 5
MOST_LOOKED_AT = 200
MOST_COMPARED = 40  # the nearest; those farther away are compared by their stems alone
WORD = re.compile(r"[^\W\d_]{3,}")
MOST_WORDS = 30
_NEAR = """
select r.id, r.category_id, r.lat, r.lon, r.filed_at, r.status,
 case when %(words)s = '' then 0 else ts_rank(r.search, to_tsquery('german', %(words)s), 32) end,
 left(coalesce(nullif(r.public_text, ''), r.text), 600)
from reports_report r
where r.visibility = any(%(seen)s) and r.id <> %(but_not)s
 and r.category_id = any(%(categories)s) and r.duplicate_of_id is null
 and r.lat between %(south)s and %(north)s and r.lon between %(west)s and %(east)s
 and (r.closed_at is null or (r.status = 'done' and r.closed_at > %(lately)s))
order by (r.lat - %(lat)s) ^ 2 + ((r.lon - %(lon)s) * %(squeeze)s) ^ 2 limit %(most)s
"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A report that may be the same matter: how far away, how alike (0 to 1)."""

    row: Row
    distance_m: int
    score: float
    same_kind: bool


def likely_duplicates(
    category: Category, *, lat: float, lon: float, text: str = "", for_staff: bool = False, but_not: int = 0
) -> list[Likeness]:
    """The best few, most alike first. Distances on a plane: within some hundred metres that is exact enough.

    `for_staff` looks at reports that wait for their release, too; `but_not` is the report that is compared.
    """
    radius = category.duplicate_radius_m
    near = {}
    for place, row in enumerate(_rows(category, lat, lon, text, for_staff=for_staff, but_not=but_not)):
        id, kind, north, east, filed_at, _status, rank, told = row
        metres = _metres(lat, lon, north, east)
        reach = radius if kind == category.key else radius * SAME_GROUP_SHARE
        if metres <= reach:
            age = max(0.0, (clock.now() - filed_at).days)
            words = min(1.0, float(rank) * 4)
            if place < MOST_COMPARED:
                words = max(words, likeness(text, told, _keywords(category)))
            near[id] = (_score(metres / max(reach, 1), kind == category.key, words, age), metres, kind)
    best = sorted(near, key=lambda id: -near[id][0])[:MOST]
    found = [
        Likeness(one, round(near[one.id][1]), near[one.id][0], near[one.id][2] == category.key)
        for one in reports_by_id(best, also_unpublished=for_staff)
    ]
    return sorted(found, key=lambda one: -one.score)


def _keywords(category: Category) -> list[list[str]]:
    """What people call the things of this group, category by category."""
    return [one.keywords for one in catalogue().of_group(category.group_id)]


def _rows(
    category: Category, lat: float, lon: float, text: str, *, for_staff: bool, but_not: int
) -> list[tuple[Any, ...]]:
    high = category.duplicate_radius_m / METRES_PER_DEGREE
    squeeze = max(0.01, math.cos(math.radians(lat)))
    wide = high / squeeze
    alike = [one.key for one in catalogue().of_group(category.group_id) if one.kind == category.kind]
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAR,
            {
                "seen": [Visibility.PUBLIC, Visibility.CHECKING] if for_staff else [Visibility.PUBLIC],
                "but_not": but_not, "words": any_of_the_words(text), "categories": alike,
                "lat": lat, "lon": lon, "squeeze": squeeze,
                "south": lat - high, "north": lat + high, "west": lon - wide, "east": lon + wide,
                "lately": clock.now() - CLOSED_LATELY, "most": MOST_LOOKED_AT,
            },
        )  # fmt: skip
        return list(cursor.fetchall())


def any_of_the_words(text: str) -> str:
    """A tsquery that any word satisfies: "poller | rathaus". Letters only, so nothing in it can be syntax."""
    words = dict.fromkeys(word.lower() for word in WORD.findall(text))
    return " | ".join(list(words)[:MOST_WORDS])


def _metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    across = (other_lon - lon) * math.cos(math.radians(lat))
    return float(math.hypot(other_lat - lat, across) * METRES_PER_DEGREE)


def _score(share_of_radius: float, same_kind: bool, words: float, age_days: float) -> float:
    """Near counts most, then the kind, then the words; half a year makes it half as likely."""
    likeness = 0.5 * (1 - share_of_radius) + (0.3 if same_kind else 0.0) + 0.2 * words
    return likeness * 0.5 ** (age_days / 180)
