"""Reports in /api/v1: read without a key, file without an account, repeat any write with an Idempotency-Key."""

from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Header, Path, Query, Router, Schema, Status

from stadtkern.core import apikeys, idempotency
from stadtkern.core.languages import pick
from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput, BadQuery, NotAllowed, NotFound
from stadtkern.media.domain.addresses import image_url
from stadtkern.media.models import Image
from stadtkern.media.words import Size, State
from stadtkern.people.sign_in import client_address
from stadtkern.reports.api import listing
from stadtkern.reports.api.open311.catalogue import answered
from stadtkern.reports.api.schemas import (
    NO_NUL,
    CategoryOut,
    FiledOut,
    NewReportIn,
    ReportDetailOut,
    ReportsOut,
    also,
)
from stadtkern.reports.domain import reading
from stadtkern.reports.domain.catalogue import Catalogue, catalogue
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.receipts import queue_receipt
from stadtkern.reports.models import Category
from stadtkern.reports.words import Source, Visibility
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.links import absolute, secret_path

router = Router(tags=["reports"])

HOUR = timedelta(hours=1)
MOST_WITHOUT_KEY, MOST_WITH_KEY = 40, 1_000
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
Text = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Moment = Annotated[datetime, Field(description="with a zone, e.g. 2026-01-31T12:00:00Z")]
Id = Annotated[int, Path(ge=1, le=2**62)]


class ReportsIn(Schema):
    """Filters of the lists; all of them may be combined."""

    category: Text = ""
    group: Text = ""
    kind: Text = Field("", description="defect, idea or praise")
    status: Text = Field("", description="open, closed, or one status")
    district: Text = ""
    q: Text = Field("", description="words, as typed into the search")
    bbox: Text = Field("", description="west,south,east,north in degrees")
    since: Moment | None = Field(None, description="filed since")
    changed_since: Moment | None = None
    after: Text = Field("", description="`next` of the page before")
    limit: Annotated[int, Field(ge=1, le=listing.MOST)] = 50

    def query(self) -> listing.ReportsQuery:
        plain = {
            name: getattr(self, name) for name in ("category", "group", "kind", "status", "district", "q", "limit")
        }
        times = {name: _aware(name, getattr(self, name)) for name in ("since", "changed_since")}
        return listing.ReportsQuery(
            **plain, **times, box=listing.box_of(self.bbox), after=listing.cursor_of(self.after)
        ).prove()


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None or not EARLIEST.year <= moment.year < 9999:
        raise BadQuery(_("%(name)s braucht Datum, Uhrzeit und Zeitzone, z. B. 2026-01-31T12:00:00Z.") % {"name": name})
    return moment


def _open(response: HttpResponse, seconds: int) -> None:
    """Public answers may be read by pages of other sites and kept for a moment."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={seconds}"


@router.get("/reports", response=ReportsOut, summary="Public reports, newest first", openapi_extra=also(400, 422))
def reports(request: HttpRequest, filters: Query[ReportsIn]) -> HttpResponse:
    """Bounded and keyset-paged: follow `next` until it is null; no report is skipped or told twice."""
    rows, following = listing.list_reports(filters.query())
    book = catalogue()
    return _told({"items": [listing.shown(row, book) for row in rows], "next": following}, "application/json")


def _told(body: dict[str, Any], kind: str) -> HttpResponse:
    """A list as it is: our own plain rows need no second look by pydantic; tests hold them to the schema."""
    text = dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type=kind)
    _open(response, 30)
    return response


@router.get("/reports.geojson", summary="The same as GeoJSON", openapi_extra=also(400, 422, geojson=True))
def reports_geojson(request: HttpRequest, filters: Query[ReportsIn]) -> HttpResponse:
    """A FeatureCollection (RFC 7946) with the foreign member `next`; reports without a place have a null geometry."""
    rows, following = listing.list_reports(filters.query())
    book = catalogue()
    body = {"type": "FeatureCollection", "next": following, "features": [_feature(row, book) for row in rows]}
    return _told(body, "application/geo+json")


def _feature(row: listing.Row, book: Catalogue) -> dict[str, Any]:
    facts = listing.shown(row, book)
    lat, lon = facts.pop("lat"), facts.pop("lon")
    place = {"type": "Point", "coordinates": [lon, lat]} if lat is not None else None
    return {"type": "Feature", "id": facts.pop("id"), "geometry": place, "properties": facts}


@router.get(
    "/reports/{int:report_id}", response=ReportDetailOut, summary="One public report", openapi_extra=also(404, 422)
)
def report(request: HttpRequest, response: HttpResponse, report_id: Id) -> dict[str, Any]:
    """With its public history, its answers and its pictures."""
    row, found = listing.one_report(report_id), reading.facts(report_id)
    if row is None or found is None:
        raise NotFound(_("Diese Meldung gibt es nicht, oder sie ist nicht öffentlich."))
    _open(response, 30)
    return listing.shown(row, catalogue()) | _detail(found, catalogue())


def _detail(found: reading.Facts, book: Catalogue) -> dict[str, Any]:
    lines = [line for line in reading.history(found.thread_id, for_participants=False) if not line.by_citizen]
    house = book.organisations.get(found.referred_to_id or 0)
    public = book.reasons[found.reason].public if found.reason in book.reasons else {}
    return {
        "answers": answered(book.categories[found.category], found.answers, get_language() or "de"),
        "timeline": [_step(line, book) for line in lines],
        "photos": [_photo(one) for one in reading.pictures(found.id) if one.state == State.PUBLIC and one.base],
        "reason": found.reason,
        "reason_text": pick(public).replace("{organisation}", house.name if house else "") if public else None,
        "referred_to": house.key if house else None,
        "duplicate_of": found.duplicate_of,
    }


def _step(line: reading.Line, book: Catalogue) -> dict[str, Any]:
    house = book.organisations.get(line.organisation_id or 0)
    return {
        "at": line.at,
        "kind": line.kind,
        "code": line.code,
        "text": line.text,
        "organisation": house.key if house else None,
    }


def _photo(one: reading.Picture) -> dict[str, Any]:
    address = image_url(Image(pk=one.id, base=one.base, state=State.PUBLIC), Size.LARGE)
    return {"url": absolute(address), "alt": one.alt, "width": one.width, "height": one.height, "part": one.part}


@router.post(
    "/reports",
    response={201: FiledOut},
    summary="File a report",
    openapi_extra=also(400, 403, 409, 413, 422, 429),
)
def file(
    request: HttpRequest,
    new: NewReportIn,
    once: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
    key: Annotated[str, Header(alias="X-Api-Key", max_length=200)] = "",
) -> Status[dict[str, Any]]:
    """No account is needed. With an Idempotency-Key (8 to 200 characters) the same report can be sent again safely."""
    source, sender = _sender(request, key)
    content = new.dict()
    if not once:
        return Status(201, _file(new, source))
    scope = f"api.reports:{sender}"
    mark = idempotency.fingerprint(content)
    return Status(201, idempotency.remember(once, scope=scope, fingerprint=mark, run=lambda: _file(new, source)))


def _sender(request: HttpRequest, key: str) -> tuple[str, str]:
    """Who sends, with the limit that goes with it: a machine with a key, or somebody at an address."""
    if not key:
        spend("reports.file", client_address(request), most=MOST_WITHOUT_KEY, per=HOUR)
        return "", "anonymous"
    known = apikeys.key_for(key, scope="reports.file")
    if known is None:
        raise NotAllowed(_("Dieser Schlüssel gilt hier nicht."))
    spend("reports.file.key", known.prefix, most=MOST_WITH_KEY, per=HOUR)
    return f"key:{known.prefix}", known.prefix


@transaction.atomic
def _file(new: NewReportIn, source: str) -> dict[str, Any]:
    if (new.lat is None) != (new.lon is None):
        raise BadInput(fields={"lat": _("lat und lon gehören zusammen.")})
    language = new.language or get_language() or "de"
    known = new.email or new.name or new.phone
    contact = contact_for(email=_email(new.email), name=new.name, phone=new.phone, language=language) if known else None
    draft = Draft(
        **new.dict(include={"category", "text", "lat", "lon", "address", "place_note", "answers", "language"}),
        source=Source.WEB,
        contact=contact,
        external_source=source,
    )
    made = file_report(draft)
    if contact is not None:
        queue_receipt(made, contact)
    return {
        "id": made.pk,
        "status": made.status,
        "is_public": made.visibility == Visibility.PUBLIC,
        "due_at": made.due_at.isoformat() if made.due_at else None,
        "url": listing.address_of(made.pk),
        "follow_url": absolute(secret_path(made.thread)),
    }


def _email(text: str) -> str:
    try:
        if text:
            validate_email(text)
    except ValidationError as error:
        raise BadInput(fields={"email": _("Das ist keine gültige E-Mail-Adresse.")}) from error
    return text


@router.get("/categories", response=list[CategoryOut], summary="What can be reported")
def categories(request: HttpRequest, response: HttpResponse) -> list[dict[str, Any]]:
    """All categories with their extra questions, in every language of the city; closed ones say why and who is."""
    book = catalogue()
    _open(response, 300)
    return [_category(row, book) for row in book.categories.values()]


def _category(row: Category, book: Catalogue) -> dict[str, Any]:
    names = ("key", "kind", "name", "hint", "due_working_days", "is_active", "closed_reason", "referral")
    return {name: getattr(row, name) for name in names} | {
        "group": row.group_id,
        "group_name": book.groups[row.group_id].name,
        "owner": book.organisations[row.owner_id].key,
        "questions": [_question(one) for one in row.questions],
    }


def _question(question: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": question["code"],
        "type": question["type"],
        "required": bool(question.get("required")),
        "label": question["label"],
        "help": question.get("help", {}),
        "values": question.get("values", []),
    }
