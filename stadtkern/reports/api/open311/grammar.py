"""What a caller of GeoReport v2 asks, parsed once into frozen questions; nothing here knows HTTP or tables.

Empty parameters count as absent and unknown ones are ignored, as the standard says.
Every function raises `Refused` with a sentence for each thing that is wrong.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.translation import gettext as _

from stadtkern.reports.api.open311.errors import Refused

Box = tuple[float, float, float, float]
Lists = Mapping[str, Sequence[str]]

FORMATS = ("xml", "json")
STATUSES = frozenset({"open", "closed"})
SORTS = frozenset({"requested_datetime", "-requested_datetime", "updated_datetime", "-updated_datetime"})
SPAN = timedelta(days=90)
NEWS = timedelta(days=7)
MOST = 1_000
DEEPEST = 100_000
EARLIEST, LATEST = 1900, 2199

# Characters that XML 1.0 cannot carry, not even escaped, and lone surrogates.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+ -]\d{2}:\d{2})")


class Given:
    """The parameters of a request: trimmed, without characters that no XML can carry."""

    def __init__(self, lists: Lists) -> None:
        self.lists = {name: [clean(value) for value in values] for name, values in lists.items()}
        if any("\ufffd" in text for values in self.lists.values() for text in values):
            raise Refused(400, _("Die Anfrage ist nicht in UTF-8."))

    def one(self, name: str) -> str:
        """The last value of this name that says something, or an empty text."""
        return next((value for value in reversed(self.lists.get(name, [])) if value), "")

    def comma(self, name: str) -> tuple[str, ...]:
        """A list: separated by commas, or the name given several times."""
        parts = (part.strip() for value in self.lists.get(name, []) for part in value.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def yes(self, name: str) -> bool:
        return self.one(name).lower() in {"true", "1", "yes"}


def clean(text: str) -> str:
    return NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def check_jurisdiction(given: Given, served: frozenset[str]) -> None:
    """404 for one that is not served; 400 when none is named although several are served."""
    name = given.one("jurisdiction_id")
    if name and name not in served:
        raise Refused(404, _("jurisdiction_id %(name)s gibt es hier nicht.") % {"name": name[:80]})
    if not name and len(served) > 1:
        raise Refused(400, _("jurisdiction_id fehlt."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A share of a list: `page` counts from 1."""

    page: int = 1
    page_size: int = MOST

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size

    @classmethod
    def parse(cls, given: Given) -> "Window":
        window = cls(page=_whole(given, "page", 1), page_size=min(_whole(given, "page_size", MOST), MOST))
        if window.offset > DEEPEST:
            raise Refused(400, _("So tief kann nicht geblättert werden. Bitte engen Sie den Zeitraum ein."))
        return window


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsQuery:
    """Which requests are wanted. With `ids` nothing else counts."""

    ids: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: frozenset[str] = STATUSES
    since: datetime | None = None
    until: datetime | None = None
    changed_since: datetime | None = None
    changed_until: datetime | None = None
    box: Box | None = None
    words: str = ""
    sort: str = "-requested_datetime"
    window: Window = Window()
    extensions: bool = False

    @classmethod
    def parse(cls, given: Given, *, now: datetime, zone: tzinfo) -> "RequestsQuery":
        if ids := given.comma("service_request_id"):
            return cls(ids=_at_most(ids, "service_request_id"), extensions=given.yes("extensions"))
        changed_since = _moment(given, "updated_after", zone)
        changed_until = _moment(given, "updated_before", zone, ends=True)
        since, until = _span(given, zone, now=None if changed_since else now)
        return cls(
            codes=_at_most(given.comma("service_code"), "service_code"),
            statuses=_statuses(given),
            since=since,
            until=until,
            changed_since=changed_since,
            changed_until=changed_until,
            box=_box(given),
            words=given.one("q")[:200],
            sort=_sort(given),
            window=Window.parse(given),
            extensions=given.yes("extensions"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesQuery:
    """Which updates are wanted (extension as FixMyStreet has it); with nothing said, those of the last 7 days."""

    ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    window: Window = Window()

    @classmethod
    def parse(cls, given: Given, *, now: datetime, zone: tzinfo) -> "UpdatesQuery":
        ids = _at_most(given.comma("service_request_id"), "service_request_id")
        since, until = _span(given, zone, now=None)
        if not (ids or since or until):
            since = now - NEWS
        return cls(ids=ids, since=since, until=until, window=Window.parse(given))


def _whole(given: Given, name: str, usual: int) -> int:
    text = given.one(name)
    if not text:
        return usual
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) < 1:
        raise Refused(400, _("%(name)s muss eine ganze Zahl ab 1 sein.") % {"name": name})
    return int(text)


def _at_most(values: tuple[str, ...], name: str) -> tuple[str, ...]:
    if len(values) > MOST:
        raise Refused(400, _("%(name)s darf höchstens %(most)s Werte haben.") % {"name": name, "most": MOST})
    return values


def _statuses(given: Given) -> frozenset[str]:
    wanted = frozenset(word.lower() for word in given.comma("status"))
    if wanted - STATUSES:
        raise Refused(400, _("status kann open oder closed sein, auch beides mit Komma."))
    return wanted or STATUSES


def _sort(given: Given) -> str:
    sort = given.one("sort") or "-requested_datetime"
    if sort not in SORTS:
        raise Refused(400, _("sort kann sein: %(sorts)s.") % {"sorts": ", ".join(sorted(SORTS))})
    return sort


def _box(given: Given) -> Box | None:
    """west,south,east,north in degrees (EPSG:4326)."""
    text = given.one("bbox")
    if not text:
        return None
    numbers = [degrees(part, 180.0) for part in text.split(",")]
    if len(numbers) != 4 or None in numbers:
        raise Refused(400, _("bbox braucht vier Zahlen: west,süd,ost,nord in Grad."))
    west, south, east, north = (number or 0.0 for number in numbers)
    if west > east or south > north or max(abs(south), abs(north)) > 90:
        raise Refused(400, _("bbox braucht vier Zahlen: west,süd,ost,nord in Grad."))
    return west, south, east, north


def degrees(text: str, most: float) -> float | None:
    """A number between -most and most; None when the text is none."""
    if not re.fullmatch(r"\s*[+-]?\d{1,3}(\.\d{0,20})?\s*", text, re.ASCII):
        return None
    number = float(text)
    return number if math.isfinite(number) and abs(number) <= most else None


def _span(given: Given, zone: tzinfo, *, now: datetime | None) -> tuple[datetime | None, datetime | None]:
    """start_date and end_date, at most 90 days apart; with none given the last 90 days before `now`."""
    since = _moment(given, "start_date", zone)
    until = _moment(given, "end_date", zone, ends=True)
    if since and until and since > until:
        raise Refused(400, _("start_date liegt nach end_date."))
    if since and until and until - since > SPAN + timedelta(days=1):
        raise Refused(400, _("Zwischen start_date und end_date dürfen höchstens 90 Tage liegen."))
    if since:
        return since, until or since + SPAN
    if until:
        return until - SPAN, until
    return (now - SPAN, None) if now else (None, None)


def _moment(given: Given, name: str, zone: tzinfo, *, ends: bool = False) -> datetime | None:
    text = given.one(name)
    return moment(text, name=name, zone=zone, ends=ends) if text else None


def moment(text: str, *, name: str, zone: tzinfo, ends: bool = False) -> datetime:
    """A W3C date and time with its zone, or a day of the city (its first or last moment).

    A plus sign that arrived as a blank, because the caller did not escape it, is understood.
    """
    try:
        found = _day(text, zone, ends=ends) if DAY.fullmatch(text, 0) else _with_zone(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or not EARLIEST < found.year < LATEST:
        raise Refused(
            400, _("%(name)s braucht Datum, Uhrzeit und Zeitzone, z. B. 2026-01-31T12:00:00Z.") % {"name": name}
        )
    return found


def _with_zone(text: str) -> datetime | None:
    match = MOMENT.fullmatch(text)
    if match is None or not text.isascii():
        return None
    return datetime.fromisoformat(match[1] + match[2].replace(" ", "+"))


def _day(text: str, zone: tzinfo, *, ends: bool) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.max if ends else time.min, zone)
