"""The ways to another house, Open311 or a letter: both take the same parcel and tell failures apart alike."""

import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from stadtkern.core import mail
from stadtkern.people.models import Organisation
from stadtkern.reports.domain.fitting import fit_answers, fit_service
from stadtkern.reports.domain.remote311 import SaysNo, Server, Unreachable

TOKEN = "token:"  # noqa: S105  remote_id starts so until the other side has a number
SMTP_FINAL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What the other side gets of a report."""

    report_id: int
    once: str
    category: str
    category_names: Mapping[str, str]
    keywords: tuple[str, ...]
    text: str
    words: str
    lat: float | None
    lon: float | None
    address: str
    answers: Mapping[str, Any]
    picture_url: str
    page_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the other side says of one matter now."""

    remote_id: str
    is_closed: bool
    words: str


class Forwarder(Protocol):
    """A way to another house. `send` raises SaysNo (final) or Unreachable (again later)."""

    way: str

    def send(self, parcel: Parcel, *, to: Organisation) -> str:
        """Hand the matter over; the number it has there, "token:…" while it waits for one, or ""."""

    def number(self, remote_id: str, *, to: Organisation) -> str:
        """The number behind a token, or "" while there is none."""

    def ask(self, remote_ids: Sequence[str], *, to: Organisation) -> list[News]:
        """What became of these matters; ways that cannot tell give nothing."""


class Open311Forwarder:
    """POST to the other server's GeoReport v2, with its service and answers that fit best."""

    way = "open311"

    def send(self, parcel: Parcel, *, to: Organisation) -> str:
        server = server_of(to)
        service = fit_service(
            server.services(),
            code=parcel.category,
            names=parcel.category_names,
            keywords=parcel.keywords,
            usual=server.usual_service,
        )
        form: dict[str, Any] = {
            "service_code": service.code,
            "description": _description(parcel)[:4000],
            "lat": parcel.lat,
            "long": parcel.lon,
            "address_string": parcel.address,
            "media_url": parcel.picture_url,
        }
        if service.has_questions:
            form |= fit_answers(server.questions(service.code), parcel.answers)
        posted = server.file({name: _plain(value) for name, value in form.items()}, once=parcel.once)
        return posted.id or f"{TOKEN}{posted.token}"

    def number(self, remote_id: str, *, to: Organisation) -> str:
        return server_of(to).resolve(remote_id.removeprefix(TOKEN))

    def ask(self, remote_ids: Sequence[str], *, to: Organisation) -> list[News]:
        found = server_of(to).requests(service_request_id=",".join(remote_ids))
        return [News(remote_id=row.id, is_closed=row.is_closed, words=row.status_notes) for row in found]


class MailForwarder:
    """A letter to the address of the organisation; what becomes of it only people can tell us."""

    way = "email"

    def send(self, parcel: Parcel, *, to: Organisation) -> str:
        context = {
            "number": parcel.report_id,
            "category": parcel.category_names.get("de", parcel.category),
            "text": parcel.text,
            "words": parcel.words,
            "place": parcel.address,
            "point": f"{parcel.lat}, {parcel.lon}" if parcel.lat is not None else "",
            "picture": parcel.picture_url,
            "page": parcel.page_url,
        }
        letter = mail.compose("reports/mail/forwarded", to=to.email, context=context, language="de", headers={})
        try:
            letter.send()
        except (smtplib.SMTPException, OSError) as error:
            raise (SaysNo if _is_final(error) else Unreachable)(f"{type(error).__name__}: {error}"[:300]) from error
        return ""

    def number(self, remote_id: str, *, to: Organisation) -> str:
        return ""

    def ask(self, remote_ids: Sequence[str], *, to: Organisation) -> list[News]:
        return []


def _is_final(error: Exception) -> bool:
    """The mail server refuses this letter and will do so tomorrow (RFC 5321: 5yz)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= SMTP_FINAL for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= SMTP_FINAL


forwarders: dict[str, Forwarder] = {maker.way: maker for maker in (Open311Forwarder(), MailForwarder())}


def server_of(to: Organisation) -> Server:
    return Server(to.open311_url, api_key=to.open311_key)


def _plain(value: Any) -> Any:
    return "" if value is None else value


def _description(parcel: Parcel) -> str:
    """Our words first, then the citizen's, then where to look."""
    return "\n\n".join(part for part in (parcel.words, parcel.text, parcel.page_url) if part)


def way_to(to: Organisation) -> str | None:
    """How a matter can be carried there: "open311", "email", or not at all."""
    if to.open311_url:
        return Open311Forwarder.way
    return MailForwarder.way if to.email else None
