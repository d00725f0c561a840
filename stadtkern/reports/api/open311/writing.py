"""What callers send becomes a report or a line in its history, through the same verbs as on our own pages."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import idempotency, secrets
from stadtkern.core.city import city
from stadtkern.core.events import emit
from stadtkern.core.limits import spend
from stadtkern.core.models import ApiKey
from stadtkern.media.domain.storing import store_image
from stadtkern.places.domain.geocoding import search
from stadtkern.places.domain.geometry import locate
from stadtkern.places.words import Precision
from stadtkern.reports.api.open311.errors import Refused
from stadtkern.reports.api.open311.sending import NewRequest, NewUpdate
from stadtkern.reports.api.open311.store import NUMBER, filed_through
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.receipts import queue_receipt
from stadtkern.reports.domain.workflow import move_report, stop_clock, write_note
from stadtkern.reports.events import ReportAnswered
from stadtkern.reports.models import Category, Report
from stadtkern.reports.words import CLOSED, Source, Status, Visibility
from stadtkern.threads.domain.conversation import add_entry, contact_for
from stadtkern.threads.models import Entry
from stadtkern.threads.words import EntryKind, ShownTo

HOUR = timedelta(hours=1)
MOST_PER_HOUR = 1_000
TOKEN = "open311-request"  # noqa: S105  a purpose, not a secret


def file(
    new: NewRequest, photos: Sequence[UploadedFile], *, key: ApiKey, once: str, language: str
) -> tuple[int, Category]:
    """File the request and return its number. The same Idempotency-Key (`once`) files it once."""
    category = catalogue().categories.get(new.service_code)
    if category is None:
        raise Refused(404, _("service_code %(code)s gibt es nicht.") % {"code": new.service_code})
    most = int(city().facts.get("limits", {}).get("photos", 3))
    if len(photos) > most:
        raise Refused(400, _("Höchstens %(most)s Fotos (media).") % {"most": most})
    spend("open311.file", key.prefix, most=MOST_PER_HOUR, per=HOUR)
    sent = {"request": new.plain(), "photos": [idempotency.digest_of(photo) for photo in photos]}
    number = _once(
        once, scope=f"open311.file:{key.prefix}", sent=sent, run=lambda: _file(new, photos, category, key, language)
    )
    return int(number), category


@transaction.atomic
def _file(new: NewRequest, photos: Sequence[UploadedFile], category: Category, key: ApiKey, language: str) -> int:
    known = new.email or new.name or new.phone
    contact = contact_for(email=new.email, name=new.name, phone=new.phone, language=language) if known else None
    lat, lon = (new.lat, new.lon) if new.lat is not None else _point_of(new.address)
    report = file_report(
        Draft(
            category=category.key,
            text=new.description,
            lat=lat,
            lon=lon,
            address=new.address or new.address_id,
            asset_id=new.address_id,
            answers=new.answers(category.questions),
            source=Source.OPEN311,
            photos=[store_image(photo.file or photo, purpose="report").pk for photo in photos],
            contact=contact,
            external_source=filed_through(key),
        )
    )
    if contact is not None:
        queue_receipt(report, contact)
    if new.media_url:
        write_note(report, _("Bild beim Absender: %(url)s") % {"url": new.media_url}, by=None)
    return report.pk


def _point_of(address: str) -> tuple[float | None, float | None]:
    """The point of an address in the city that the gazetteer knows for sure; else none, and staff will look."""
    hits = search(address, limit=2) if address else []
    if len(hits) != 1 or hits[0].precision == Precision.DISTRICT:
        return None, None
    lat, lon = hits[0].lat, hits[0].lon
    return (lat, lon) if locate(lat, lon, with_address=False).inside else (None, None)


def token_of(number: int) -> str:
    """A token that leads to the request; for callers who asked for one (Prefer: respond-async)."""
    return secrets.token(TOKEN, number, "")


def request_of(token: str) -> int | None:
    """The number of the request a token speaks of; None when it is none of ours."""
    number = secrets.id_in(token)
    fine = number is not None and secrets.matches(token, purpose=TOKEN, id=number, nonce="")
    return number if fine else None


def notice(category: Category) -> str:
    """What the sender may expect, in one or two sentences."""
    words = _("Danke. Wir prüfen Ihre Meldung und kümmern uns in der Regel innerhalb von %(days)s Arbeitstagen.")
    return words % {"days": category.due_working_days}


def update(new: NewUpdate, *, key: ApiKey, once: str) -> int:
    """Write the news into the history of the request and return the number of the line.

    The same update_id of the same sender is written once.
    """
    spend("open311.update", key.prefix, most=MOST_PER_HOUR, per=HOUR)
    report = _reachable(new.request_id, key)
    name = once or f"update:{report.pk}:{new.update_id}"
    run = _as_owner if key.organisation and report.owner.key == key.organisation else _as_outsider
    scope = f"open311.update:{key.prefix}"
    return int(_once(name, scope=scope, sent=new.plain(), run=lambda: run(report.pk, new, key).pk))


def _reachable(text: str, key: ApiKey) -> Report:
    """The report, when it is public, came through this key or is in the hands of the key's organisation."""
    number = int(text) if NUMBER.fullmatch(text) else 0
    report = Report.objects.select_related("owner").filter(pk=number).first()
    if report is None or not _may_see(report, key):
        raise Refused(404, _("service_request_id %(id)s gibt es nicht.") % {"id": text[:40]})
    return report


def _may_see(report: Report, key: ApiKey) -> bool:
    if report.visibility == Visibility.PUBLIC:
        return True
    if key.organisation and report.owner.key == key.organisation:
        return True
    return report.visibility == Visibility.CHECKING and report.external_source == filed_through(key)


@transaction.atomic
def _as_owner(report_id: int, new: NewUpdate, key: ApiKey) -> Entry:
    """The organisation in charge speaks: its words are public, and it may close or reopen its report."""
    report = hold(report_id)
    stop_clock(report)
    is_closed = report.status in CLOSED
    if (new.status == "closed") != is_closed:
        move_report(
            report_id, to=Status.DONE if new.status == "closed" else Status.REOPENED, by=None, told=new.description
        )
        return report.thread.entries.filter(kind=EntryKind.STEP).order_by("-pk")[0]
    entry = _line(report, new, key, shown_to=ShownTo.PUBLIC, by_owner=True)
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="staff", shown_to=ShownTo.PUBLIC))
    return entry


@transaction.atomic
def _as_outsider(report_id: int, new: NewUpdate, key: ApiKey) -> Entry:
    """Anybody else: staff read it first."""
    report = hold(report_id)
    entry = _line(report, new, key, shown_to=ShownTo.STAFF, by_owner=False)
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="citizen", shown_to=ShownTo.STAFF))
    return entry


def _line(report: Report, new: NewUpdate, key: ApiKey, *, shown_to: ShownTo, by_owner: bool) -> Entry:
    text = "\n".join(part for part in (new.description, new.media_url) if part)
    entry = add_entry(
        report.thread,
        kind=EntryKind.MESSAGE,
        code="open311",
        text=text,
        shown_to=shown_to,
        organisation=report.owner if by_owner else None,
        data={"key": key.prefix, "update_id": new.update_id, "status": new.status},
    )
    keep(report)
    return entry


def _once(name: str, *, scope: str, sent: Any, run: Callable[[], int]) -> int:
    if not name:
        return run()
    return int(idempotency.remember(name, scope=scope, fingerprint=idempotency.fingerprint(sent), run=run))
