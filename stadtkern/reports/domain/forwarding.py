"""Carry a matter to a body outside and bring home what becomes of it ("not for us, but here is who is").

forward_report writes the hand-over into the history; a job sends it (Open311 or e-mail), other jobs ask what the
other side says and put each news into our thread as "Bei <organisation>: …". The matter stays followable here.
No personal data of the reporter goes along: the other side gets the public words, the place and our address.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock, mail
from stadtkern.core.events import emit
from stadtkern.core.jobs import every, job
from stadtkern.core.problems import BadInput, Conflict
from stadtkern.media.domain.addresses import image_url
from stadtkern.media.words import Size, State
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import OrganisationKind
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.fitting import fit_answers, fit_service
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.remote311 import SaysNo, Server, Unreachable
from stadtkern.reports.domain.workflow import write_step
from stadtkern.reports.events import ReportAnswered, ReportForwarded
from stadtkern.reports.models import Forwarding, Report
from stadtkern.reports.words import ForwardState, Status
from stadtkern.threads.domain.conversation import add_entry
from stadtkern.threads.words import EntryKind, ShownTo

log = logging.getLogger(__name__)

TOKEN = "token:"  # noqa: S105  remote_id starts so until the other side has a number
ASKED_AT_ONCE = 50
OPEN, CLOSED = "open", "closed"


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
        server = _server(to)
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
        return _server(to).resolve(remote_id.removeprefix(TOKEN))

    def ask(self, remote_ids: Sequence[str], *, to: Organisation) -> list[News]:
        found = _server(to).requests(service_request_id=",".join(remote_ids))
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
        mail.send("reports/mail/forwarded", to=to.email, context=context)
        return ""

    def number(self, remote_id: str, *, to: Organisation) -> str:
        return ""

    def ask(self, remote_ids: Sequence[str], *, to: Organisation) -> list[News]:
        return []


forwarders: dict[str, Forwarder] = {maker.way: maker for maker in (Open311Forwarder(), MailForwarder())}


def _server(to: Organisation) -> Server:
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


@transaction.atomic
def forward_report(report_id: int, *, to: Organisation, by: Person | None, words: str = "") -> Forwarding:
    """Carry the report to `to`; `words` go along and stand in the public history.

    The status stays as it is: a "no" with referral is a step of its own (workflow.move_report).
    Raises BadInput when there is no way there, Conflict when it is already on its way or there.
    """
    report = hold(report_id)
    way = way_to(to)
    if way is None:
        raise BadInput(fields={"to": _("Für diese Stelle kennen wir weder Open311 noch eine E-Mail-Adresse.")})
    if report.forwardings.filter(to=to).exclude(state=ForwardState.FAILED).exists():
        raise Conflict(_("Diese Meldung wurde dorthin schon weitergegeben."))
    forwarding = Forwarding.objects.create(report=report, to=to, way=way)
    told = _("Weitergegeben an: %(name)s") % {"name": to.name}
    entry = write_step(
        report,
        code="forwarded",
        told="\n\n".join(part for part in (told, words.strip()) if part),
        by=by,
        referred_to=to,
    )
    keep(report)
    send.defer(forwarding_id=forwarding.pk, words=words.strip())
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="staff", shown_to=ShownTo.PUBLIC))
    return forwarding


def carry_along(report_id: int) -> Forwarding | None:
    """After a "no" that names who is in charge: carry the matter there, once, if there is a way and it is outside.

    For a follower of ReportMoved; the step of the "no" has told the citizen already.
    """
    report = Report.objects.select_related("referred_to").get(pk=report_id)
    to = report.referred_to
    if report.status != Status.REJECTED or to is None or to.kind != OrganisationKind.EXTERNAL:
        return None
    if way_to(to) is None or report.forwardings.filter(to=to).exists():
        return None
    return forward_report(report_id, to=to, by=None)


def send_again(forwarding_id: int) -> None:
    """Try a failed forwarding once more, at the wish of staff."""
    with transaction.atomic():
        forwarding = Forwarding.objects.select_for_update().get(pk=forwarding_id)
        if forwarding.state != ForwardState.FAILED:
            raise Conflict(_("Diese Weitergabe läuft noch oder ist angekommen."))
        forwarding.state = ForwardState.WAITING
        forwarding.error = ""
        forwarding.save(update_fields=["state", "error"])
        step = forwarding.report.thread.entries.filter(code="forwarded").order_by("-pk").first()
        words = step.text.partition("\n\n")[2] if step else ""
        send.defer(forwarding_id=forwarding_id, words=words)


@job("reports.forward", retry=6)
def send(forwarding_id: int, words: str) -> None:
    """Hand one matter over. A final no is kept with its reason; anything else is tried again."""
    forwarding = Forwarding.objects.select_related("to", "report__category", "report__thread").get(pk=forwarding_id)
    if forwarding.state == ForwardState.SENT:
        return
    try:
        remote_id = forwarders[forwarding.way].send(_parcel(forwarding, words), to=forwarding.to)
    except SaysNo as error:
        _failed(forwarding, error)
        return
    except Unreachable as error:
        _failed(forwarding, error)
        raise
    _arrived(forwarding, remote_id)


def _parcel(forwarding: Forwarding, words: str) -> Parcel:
    report = forwarding.report
    category = catalogue().category(report.category_id)
    photo = report.photos.select_related("image").filter(image__state=State.PUBLIC).first()
    return Parcel(
        report_id=report.pk,
        once=f"stadtkern-forwarding-{forwarding.pk}-{forwarding.at:%Y%m%d%H%M%S}",
        category=category.key,
        category_names=category.name,
        keywords=tuple(category.keywords),
        text=report.shown_text,
        words=words,
        lat=report.lat,
        lon=report.lon,
        address=report.address,
        answers=report.answers,
        picture_url=f"{settings.BASE_URL}{image_url(photo.image, Size.LARGE)}" if photo else "",
        page_url=f"{settings.BASE_URL}/meldungen/{report.pk}/",
    )


def _failed(forwarding: Forwarding, error: Exception) -> None:
    log.warning("forwarding %s to %s: %s", forwarding.pk, forwarding.to.key, error)
    forwarding.state = ForwardState.FAILED
    forwarding.error = str(error)[:300]
    forwarding.save(update_fields=["state", "error"])


@transaction.atomic
def _arrived(forwarding: Forwarding, remote_id: str) -> None:
    """The other side has it: keep its number (or the token that will lead to one)."""
    forwarding.remote_id = remote_id[:120]
    forwarding.error = ""
    waits = remote_id.startswith(TOKEN)
    forwarding.state = ForwardState.WAITING if waits else ForwardState.SENT
    forwarding.sent_at = clock.now()
    if forwarding.way == Open311Forwarder.way and not waits:
        forwarding.remote_status = OPEN
        forwarding.remote_url = f"{_server(forwarding.to).url}/requests/{remote_id}.json"[:200]
    forwarding.save()
    if waits:
        ask_for_number.defer(forwarding_id=forwarding.pk)
    else:
        emit(ReportForwarded(report_id=forwarding.report_id, forwarding_id=forwarding.pk))


class NoNumberYet(Unreachable):
    """The other side still works on the number."""


@job("reports.forward_number", retry=8)
def ask_for_number(forwarding_id: int) -> None:
    """Ask for the number behind a token, again and again with growing pauses (4 s to 18 h)."""
    forwarding = Forwarding.objects.select_related("to").get(pk=forwarding_id)
    if not forwarding.remote_id.startswith(TOKEN):
        return
    number = forwarders[forwarding.way].number(forwarding.remote_id, to=forwarding.to)
    if not number:
        raise NoNumberYet(f"no number yet for forwarding {forwarding_id}")
    _arrived(forwarding, number)


@every("*/15 * * * *", "reports.ask_forwarded")
def ask_everybody() -> None:
    """What became of everything that is elsewhere? A house that does not answer holds up no other."""
    wanted = Forwarding.objects.filter(state=ForwardState.SENT, way=Open311Forwarder.way).exclude(remote_status=CLOSED)
    for house in wanted.order_by("to_id").values_list("to_id", flat=True).distinct():
        mine = list(wanted.filter(to_id=house).select_related("to").order_by("polled_at", "pk")[:1000])
        for start in range(0, len(mine), ASKED_AT_ONCE):
            _ask(mine[start : start + ASKED_AT_ONCE])


def _ask(forwardings: Sequence[Forwarding]) -> None:
    """One question about up to 50 matters of the same house."""
    house = forwardings[0].to
    try:
        told = Open311Forwarder().ask([row.remote_id for row in forwardings], to=house)
    except (SaysNo, Unreachable) as error:
        log.warning("asking %s: %s", house.key, error)
        Forwarding.objects.filter(pk__in=[row.pk for row in forwardings]).update(error=str(error)[:300])
        return
    by_id = {news.remote_id: news for news in told}
    for row in forwardings:
        if row.remote_id in by_id:
            bring_home(row.pk, by_id[row.remote_id])


@transaction.atomic
def bring_home(forwarding_id: int, news: News) -> bool:
    """Write the news into our thread, once; True when it was news."""
    forwarding = Forwarding.objects.select_for_update(of=("self",)).select_related("to").get(pk=forwarding_id)
    status = CLOSED if news.is_closed else OPEN
    report = hold(forwarding.report_id)
    forwarding.polled_at, forwarding.error = clock.now(), ""
    is_news = _is_news(report, forwarding, status, news.words)
    forwarding.remote_status = status
    forwarding.save(update_fields=["polled_at", "error", "remote_status"])
    if not is_news:
        return False
    said = news.words or (_("erledigt") if news.is_closed else _("in Bearbeitung"))
    entry = add_entry(
        report.thread,
        kind=EntryKind.STEP,
        code="remote",
        text=_("Bei %(name)s: %(said)s") % {"name": forwarding.to.name, "said": said[:4000]},
        shown_to=ShownTo.PUBLIC,
        organisation=forwarding.to,
        data={"forwarding": forwarding.pk, "status": status, "words": news.words[:4000]},
    )
    keep(report)
    emit(ReportAnswered(report_id=report.pk, entry_id=entry.pk, by="staff", shown_to=ShownTo.PUBLIC))
    return True


def _is_news(report: Report, forwarding: Forwarding, status: str, words: str) -> bool:
    """Compare with what was brought home last; an open matter without words is no news."""
    lines = report.thread.entries.filter(code="remote", data__forwarding=forwarding.pk)
    last = lines.order_by("-at", "-pk").first()
    if last is None:
        return status == CLOSED or bool(words)
    return bool((last.data["status"], last.data["words"]) != (status, words[:4000]))
