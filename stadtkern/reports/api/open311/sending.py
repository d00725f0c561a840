"""What a caller sends to GeoReport v2: a new request or an update, parsed once into a frozen message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from stadtkern.reports.api.open311.errors import Refused
from stadtkern.reports.api.open311.grammar import STATUSES, Given, degrees, moment

LONGEST = {
    "service_code": 60,
    "address_string": 200,
    "address_id": 80,
    "email": 254,
    "device_id": 200,
    "account_id": 200,
    "first_name": 60,
    "last_name": 59,
    "phone": 40,
    "description": 4_000,
    "media_url": 1_000,
    "update_id": 120,
}
ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,80})\](?:\[\])?")
SKEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A service request as it was sent; which answers a category needs is not known here."""

    service_code: str
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    address_id: str = ""
    description: str = ""
    email: str = ""
    name: str = ""
    phone: str = ""
    media_url: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Given) -> "NewRequest":
        faults: list[str] = []
        texts = _texts(given, faults)
        lat, lon = _point(given, faults)
        if not texts["service_code"]:
            faults.insert(0, _("service_code fehlt."))
        if lat is None and not (texts["address_string"] or texts["address_id"] or faults):
            faults.append(_("Der Ort fehlt: bitte lat und long, address_string oder address_id angeben."))
        _check_email(texts["email"], faults)
        _check_link(texts["media_url"], faults)
        if faults:
            raise Refused(400, *faults)
        return cls(
            service_code=texts["service_code"],
            lat=lat,
            lon=lon,
            address=texts["address_string"],
            address_id=texts["address_id"],
            description=texts["description"],
            email=texts["email"],
            name=f"{texts['first_name']} {texts['last_name']}".strip(),
            phone=texts["phone"],
            media_url=texts["media_url"],
            attributes=_attributes(given),
        )

    def answers(self, questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The attributes as the questions of the category want them; those nobody asked for are left out."""
        found: dict[str, Any] = {}
        for question in questions:
            values = self.attributes.get(question["code"], ())
            if question["type"] == "multivaluelist":
                found[question["code"]] = list(values)
            elif values:
                found[question["code"]] = values[-1]
        return found

    def plain(self) -> dict[str, Any]:
        """Everything sent, for the fingerprint of an Idempotency-Key."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpdate:
    """News about a request from another system (extension as FixMyStreet has it)."""

    request_id: str
    update_id: str
    status: str
    updated: datetime
    description: str
    media_url: str = ""

    @classmethod
    def parse(cls, given: Given, *, now: datetime, zone: tzinfo) -> "NewUpdate":
        faults = [
            _("%(name)s fehlt.") % {"name": name}
            for name in ("service_request_id", "update_id", "updated_datetime", "description")
            if not given.one(name)
        ]
        texts = _texts(given, faults)
        status = given.one("status").lower() or "open"
        if status not in STATUSES:
            faults.append(_("status kann open oder closed sein."))
        _check_link(texts["media_url"], faults)
        if faults:
            raise Refused(400, *faults)
        updated = moment(given.one("updated_datetime"), name="updated_datetime", zone=zone)
        if updated > now + SKEW:
            raise Refused(400, _("updated_datetime liegt in der Zukunft."))
        return cls(
            request_id=given.one("service_request_id"),
            update_id=texts["update_id"],
            status=status,
            updated=updated,
            description=texts["description"],
            media_url=texts["media_url"],
        )

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def _texts(given: Given, faults: list[str]) -> dict[str, str]:
    """The plain fields; too long ones are named with their limit."""
    texts = {name: given.one(name) for name in LONGEST}
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            faults.append(_("%(name)s darf höchstens %(most)s Zeichen haben.") % {"name": name, "most": most})
    return texts


def _point(given: Given, faults: list[str]) -> tuple[float | None, float | None]:
    lat, lon = given.one("lat"), given.one("long")
    if not lat and not lon:
        return None, None
    point = degrees(lat, 90.0), degrees(lon, 180.0)
    if None in point:
        faults.append(_("lat und long müssen beide da sein, in Grad (WGS84), z. B. lat=51.4818&long=7.2162."))
        return None, None
    return point


def _attributes(given: Given) -> dict[str, tuple[str, ...]]:
    """attribute[CODE]=value, attribute[CODE][]=value&attribute[CODE][]=value"""
    found: dict[str, tuple[str, ...]] = {}
    for name, values in given.lists.items():
        if match := ATTRIBUTE.fullmatch(name):
            said = tuple(value for value in values if value)
            found[match[1]] = found.get(match[1], ()) + said
    return found


def _check_email(email: str, faults: list[str]) -> None:
    if not email:
        return
    try:
        validate_email(email)
    except ValidationError:
        faults.append(_("email ist keine gültige E-Mail-Adresse."))


def _check_link(url: str, faults: list[str]) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in url
    except ValueError:
        fine = False
    if not fine:
        faults.append(_("media_url muss eine Adresse mit http:// oder https:// sein."))
