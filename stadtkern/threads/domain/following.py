"""Following: wishes to hear of a report, a place, a district, a topic, an area."""

import math
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.threads.models import Contact, Follow
from stadtkern.threads.words import Pace

AREA = "area"
LEAST_RADIUS_M, MOST_RADIUS_M = 50, 5_000
MOST_FOLLOWS = 200
EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
BOXES_AROUND = """
select * from threads_follow
where south is not null and box(point(east, north), point(west, south)) @> box(point(%s, %s), point(%s, %s))
"""


def follow(contact: Contact, topic: str, *, value: str = "", label: str = "", pace: Pace = Pace.NOW) -> Follow:
    """Wish to hear of the topic; wishing again changes label and pace.

    The value of topic "area" is "lat,lon,radius_m" (WGS84 degrees, metres).
    """
    box = _box(*area_in(value)) if topic == AREA else {}
    if not is_following(contact, topic, value) and contact.follows.count() >= MOST_FOLLOWS:
        raise BadInput(_("Sie folgen schon sehr vielem. Bitte beenden Sie erst etwas davon."))
    wish = Follow(contact=contact, topic=topic, value=value, label=label[:200], pace=pace, **box)
    Follow.objects.bulk_create(
        [wish],
        update_conflicts=True,
        unique_fields=["contact", "topic", "value"],
        update_fields=["label", "pace"],
    )
    return Follow.objects.get(contact=contact, topic=topic, value=value)


def unfollow(contact: Contact, topic: str, *, value: str = "") -> bool:
    """End the wish; False when there was none."""
    return bool(Follow.objects.filter(contact=contact, topic=topic, value=value).delete()[0])


def is_following(contact: Contact, topic: str, value: str = "") -> bool:
    return Follow.objects.filter(contact=contact, topic=topic, value=value).exists()


def followers(topic: str, values: Sequence[str]) -> QuerySet[Contact]:
    """The contacts that follow one of these values."""
    follows = Follow.objects.filter(topic=topic, value__in=list(values))
    return Contact.objects.filter(pk__in=follows.values("contact"))


def follows_around(lat: float, lon: float) -> list[Follow]:
    """The area follows whose circle holds the point: boxes from the index, the circle exactly."""
    boxes = Follow.objects.raw(BOXES_AROUND, [lon, lat, lon, lat])
    return [wish for wish in boxes if _holds(wish, lat, lon)]


def area_in(value: str) -> tuple[float, float, int]:
    """Read "lat,lon,radius_m"; BadInput when it is none."""
    try:
        lat, lon, radius = (float(part) for part in value.split(","))
    except ValueError:
        lat = lon = radius = math.nan
    if not (abs(lat) <= 85 and abs(lon) <= 180 and LEAST_RADIUS_M <= radius <= MOST_RADIUS_M):
        limits = {"least": LEAST_RADIUS_M, "most": MOST_RADIUS_M}
        raise BadInput(
            fields={"value": _("Ein Umkreis braucht einen Ort und einen Radius von %(least)d bis %(most)d m.") % limits}
        )
    return lat, lon, int(radius)


def _box(lat: float, lon: float, radius_m: int) -> dict[str, float]:
    high = math.degrees(radius_m / EARTH_RADIUS_M) * 1.001  # never smaller than the circle
    wide = high / math.cos(math.radians(lat))
    return {"south": lat - high, "north": lat + high, "west": lon - wide, "east": lon + wide}


def _holds(wish: Follow, lat: float, lon: float) -> bool:
    middle_lat, middle_lon, radius = area_in(wish.value)
    return distance_m(middle_lat, middle_lon, lat, lon) <= radius


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great circle distance in metres (haversine)."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))
