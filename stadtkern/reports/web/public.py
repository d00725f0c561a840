"""A report's own page, for everybody and for those who take part."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.problems import NotFound, Problem
from stadtkern.media.domain.storing import preview_url
from stadtkern.media.models import Image
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain import reading
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.figures import kept_times
from stadtkern.reports.domain.reading import Facts, Line, Picture
from stadtkern.reports.domain.supporting import may_withdraw
from stadtkern.reports.domain.times import span_for
from stadtkern.reports.models import Report
from stadtkern.reports.web import linked, skeleton, wording
from stadtkern.reports.web.cards import photo_url
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.web.frame import Slots, is_plain_reader, page, to_keep
from stadtkern.reports.words import Visibility

SECTION = "/meldungen/"
SLOW_CLOCK, QUICK_CLOCK = 3600, 120  # how long "vor 5 Minuten" may stay as it is, in seconds
THANKS = {"mich-auch", "gefolgt", "nachricht", "bestaetigt", "wieder-offen", "schon-gezaehlt"}
NO_SUCH = gettext_lazy("Diese Meldung gibt es nicht. Vielleicht stimmt die Nummer nicht ganz?")
_shelf: Shelf[Slots] = Shelf(1_500)


class Gone(Problem):
    status, kind = 410, "gone"
    title = gettext_lazy("Diese Meldung ist nicht mehr öffentlich.")


@dataclass(frozen=True)
class Reader:
    """What somebody may see and do beyond everybody."""

    takes_part: bool = False
    note: str = ""


@dataclass
class Typed:
    """What somebody typed into one of the page's forms that was refused, and why."""

    values: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    words: str = ""


def report(request: HttpRequest, report_id: int) -> HttpResponse:
    return show(request, report_id)


def show(request: HttpRequest, report_id: int, *, typed: Typed | None = None, status: int = 200) -> HttpResponse:
    """The page; with refused input it is drawn anew with all that was typed."""
    if typed is None and is_plain_reader(request):
        return _show_to_everybody(request, report_id)
    found = _there(report_id)
    reader = Reader(takes_part=takes_part(request, found), note=_note(request))
    _prove_visible(found.visibility, reader)
    return page(request, _draw(found, reader, typed), section=SECTION, status=status)


def _show_to_everybody(request: HttpRequest, report_id: int) -> HttpResponse:
    """One query tells whether the page drawn before still holds."""
    reader = Reader(note=_note(request))
    mark = reading.mark(report_id)
    if mark is None:
        raise NotFound(NO_SUCH)
    _prove_visible(mark.visibility, reader)
    stamp = f"{report_id}.{mark.stamp}.{reader.note}.{get_language()}.{_clock(mark.changed_at)}"
    drawn = _shelf.get(stamp, lambda: to_keep(_draw(_there(report_id), reader, None)))
    return page(request, drawn, stamp=stamp, section=SECTION)


def _note(request: HttpRequest) -> str:
    note = request.GET.get("danke", "")
    return note if note in THANKS else ""


def takes_part(request: HttpRequest, found: Facts) -> bool:
    """By a secret link opened in this browser, or as the person who reported."""
    from stadtkern.threads.models import Thread
    from stadtkern.threads.web.parts import may_take_part

    thread = Thread.objects.filter(pk=found.thread_id).first()
    return thread is not None and may_take_part(request, thread)


def _there(report_id: int) -> Facts:
    found = reading.facts(report_id)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def _prove_visible(visibility: str, reader: Reader) -> None:
    if visibility in {Visibility.HIDDEN, Visibility.INTERNAL} and not reader.takes_part:
        raise Gone(_("Wir haben sie von den öffentlichen Seiten genommen."))


def _clock(changed_at: datetime) -> str:
    """Pages with fresh news are drawn again every two minutes, older ones every hour and at midnight."""
    now = timezone.now()
    step = QUICK_CLOCK if (now - changed_at).total_seconds() < SLOW_CLOCK else SLOW_CLOCK
    return f"{timezone.localdate()}{int(now.timestamp()) // step}"


def _draw(found: Facts, reader: Reader, typed: Typed | None) -> dict[str, str]:
    lines = reading.history(found.thread_id, for_participants=reader.takes_part)
    shows = _shows(found, reader, lines) | {"typed": typed or Typed()}
    parts = skeleton.render(shows) if reader.takes_part or typed else skeleton.fill_in(found, shows)
    return parts | {"links": parts["links"] + linked.of_report(found, shows)}


def _shows(found: Facts, reader: Reader, lines: list[Line]) -> dict[str, Any]:
    category = catalogue().categories[found.category]
    readable = found.is_public or reader.takes_part
    return {
        "report": found,
        "reader": reader,
        "category": category,
        "icon": wording.group_icon(category.group.icon),
        "title": wording.category_name(found.category),
        "heading": wording.category_name(found.category),
        "badge": wording.badge(found.status),
        "readable": readable,
        "lies": wording.where_it_lies(found, lines),
        "times": _times(found),
        "reason": wording.reason_words(found.reason, found.referred_to_id),
        "other": catalogue().organisations.get(found.referred_to_id or 0),
        "owner": catalogue().organisations[found.owner_id],
        "district": district_names().get(found.district, ""),
        "steps": wording.steps(found, lines),
        "answers": wording.list_answers(found.category, found.answers),
        "url": reverse("reports:report", kwargs={"report_id": found.id}),
        "city": city(),
        **skeleton.words_of(found, found.text if readable else "", _photos(found, reader) if readable else []),
        **(_part(found, lines) if reader.takes_part else {}),
    }


def _times(found: Facts) -> str:
    if not (found.is_open and found.is_defect):
        return ""
    return wording.honest_times(span_for(found.category, found.owner_id, kept_times()), found.owner_id)


def _part(found: Facts, lines: list[Line]) -> dict[str, Any]:
    """What the person of the matter can do now."""
    from stadtkern.reports.domain.talking import may_reopen

    closed = not found.is_open
    return {
        "question": wording.open_question(lines) if found.is_open else None,
        "ask_solved": closed and found.is_defect and found.solved is None and found.status == "done",
        "may_reopen": closed and may_reopen(Report(closed_at=found.closed_at)),
        "may_withdraw": found.is_open and may_withdraw(status=found.status, support_count=found.support_count),
    }


def _photos(found: Facts, reader: Reader) -> list[dict[str, Any]]:
    if not found.photo_count:
        return []
    return [_photo(picture, found, reader) for picture in reading.pictures(found.id)]


def _photo(picture: Picture, found: Facts, reader: Reader) -> dict[str, Any]:
    """The public rendition; to those who take part also a preview of what waits; else a placeholder."""
    shown = {"alt": picture.alt or _alt(found), "width": picture.width, "height": picture.height, "part": picture.part}
    if picture.state == "public":
        name = f"{picture.id}/{picture.base}"
        return shown | {"src": photo_url(name, "card"), "full": photo_url(name, "large"), "waits": False}
    image = Image(pk=picture.id, base=picture.base, state=picture.state)
    preview = reader.takes_part and picture.base
    return shown | {"src": preview_url(image, "card") if preview else "", "full": "", "waits": True}


def _alt(found: Facts) -> str:
    return _("Foto zur Meldung „%(category)s“, %(place)s") % {
        "category": wording.category_name(found.category),
        "place": found.address or city().name,
    }
