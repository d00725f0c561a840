"""Carry a matter to a body outside and bring home what becomes of it ("not for us, but here is who is").

forward_report writes the hand-over into the history; a job sends it (Open311 or e-mail), other jobs ask what the
other side says and put each news into our thread as "Bei <organisation>: …". The matter stays followable here.
A forwarding is waiting until it is sent or failed: tries that may still succeed leave it waiting (with the error),
the last one fails it. Only send_again brings a failed one back to waiting, so there is never a second one.
No personal data of the reporter goes along: the other side gets the public words, the place and our address.
"""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.core.jobs import every, job
from stadtkern.core.problems import BadInput, Conflict
from stadtkern.media.domain.addresses import image_url
from stadtkern.media.words import Size, State
from stadtkern.people.models import Organisation, Person
from stadtkern.people.words import OrganisationKind
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.forwarders import (
    TOKEN,
    News,
    Open311Forwarder,
    Parcel,
    forwarders,
    server_of,
    way_to,
)
from stadtkern.reports.domain.holding import hold, keep
from stadtkern.reports.domain.remote311 import SaysNo, Unreachable
from stadtkern.reports.domain.workflow import write_step
from stadtkern.reports.events import ReportAnswered, ReportForwarded
from stadtkern.reports.models import Forwarding, Report
from stadtkern.reports.words import ForwardState, Status
from stadtkern.threads.domain.conversation import add_entry
from stadtkern.threads.words import EntryKind, ShownTo

log = logging.getLogger(__name__)

ASKED_AT_ONCE = 50
TRIES, TRIES_FOR_NUMBER = 6, 8
PAUSE = (
    4  # seconds; the pause after try n is PAUSE**n: 4 s, 16 s ... 17 minutes before the sixth, 4.5 h before the eighth
)
OPEN, CLOSED = "open", "closed"


@transaction.atomic
def forward_report(report_id: int, *, to: Organisation, by: Person | None, words: str = "") -> Forwarding:
    """Carry the report to `to`; `words` go along and stand in the public history.

    The status stays as it is: a "no" with referral is a step of its own (workflow.move_report).
    One that failed is sent again instead of a second one. Raises BadInput when there is no way there, Conflict when
    it is already on its way or there.
    """
    report = hold(report_id)
    way = way_to(to)
    if way is None:
        raise BadInput(fields={"to": _("Für diese Stelle kennen wir weder Open311 noch eine E-Mail-Adresse.")})
    if earlier := report.forwardings.filter(to=to).first():
        if earlier.state != ForwardState.FAILED:
            raise Conflict(_("Diese Meldung wurde dorthin schon weitergegeben."))
        return send_again(earlier.pk, words=words.strip())
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


@transaction.atomic
def send_again(forwarding_id: int, *, words: str = "") -> Forwarding:
    """Try a failed forwarding once more, at the wish of staff; without new words with those of the first time."""
    forwarding = Forwarding.objects.select_for_update().get(pk=forwarding_id)
    if forwarding.state != ForwardState.FAILED:
        raise Conflict(_("Diese Weitergabe läuft noch oder ist angekommen."))
    forwarding.state = ForwardState.WAITING
    forwarding.error = ""
    forwarding.save(update_fields=["state", "error"])
    if forwarding.remote_id.startswith(TOKEN):  # it is there; only its number is missing
        ask_for_number.defer(forwarding_id=forwarding_id)
    else:
        send.defer(forwarding_id=forwarding_id, words=words or _first_words(forwarding))
    return forwarding


def _first_words(forwarding: Forwarding) -> str:
    steps = forwarding.report.thread.entries.filter(code="forwarded", data__referred_to=forwarding.to_id)
    step = steps.order_by("-pk").first()
    return step.text.partition("\n\n")[2] if step else ""


@job("reports.forward")
def send(forwarding_id: int, words: str, tried: int = 1) -> None:
    """Hand one matter over. A final no fails it at once, anything else is tried again, TRIES times."""
    forwarding = Forwarding.objects.select_related("to", "report__category", "report__thread").get(pk=forwarding_id)
    if forwarding.state != ForwardState.WAITING or forwarding.remote_id:
        return
    try:
        remote_id = forwarders[forwarding.way].send(_parcel(forwarding, words), to=forwarding.to)
    except SaysNo as error:
        _failed(forwarding, error)
    except Exception as error:  # whatever it was: it must end as sent or failed, never wait forever
        if tried >= TRIES:
            _failed(forwarding, error)
        else:
            _still_waits(forwarding, error)
            later = send.configure(schedule_in={"seconds": PAUSE**tried})
            later.defer(forwarding_id=forwarding_id, words=words, tried=tried + 1)
    else:
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
    log.error("forwarding %s to %s failed: %s", forwarding.pk, forwarding.to.key, error)
    forwarding.state = ForwardState.FAILED
    forwarding.error = str(error)[:300]
    forwarding.save(update_fields=["state", "error"])


def _still_waits(forwarding: Forwarding, error: Exception) -> None:
    log.warning("forwarding %s to %s waits: %s", forwarding.pk, forwarding.to.key, error)
    forwarding.error = str(error)[:300]
    forwarding.save(update_fields=["error"])


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
        forwarding.remote_url = f"{server_of(forwarding.to).url}/requests/{remote_id}.json"[:200]
    forwarding.save()
    if waits:
        ask_for_number.defer(forwarding_id=forwarding.pk)
    else:
        emit(ReportForwarded(report_id=forwarding.report_id, forwarding_id=forwarding.pk))


@job("reports.forward_number")
def ask_for_number(forwarding_id: int, tried: int = 1) -> None:
    """Ask for the number behind a token, TRIES_FOR_NUMBER times with growing pauses (4 s to 4.5 h)."""
    forwarding = Forwarding.objects.select_related("to").get(pk=forwarding_id)
    if forwarding.state != ForwardState.WAITING or not forwarding.remote_id.startswith(TOKEN):
        return
    try:
        number = forwarders[forwarding.way].number(forwarding.remote_id, to=forwarding.to)
        if not number:
            raise Unreachable(_("Dort gibt es noch keine Nummer."))
    except SaysNo as error:
        _failed(forwarding, error)
    except Exception as error:  # as in send
        if tried >= TRIES_FOR_NUMBER:
            _failed(forwarding, error)
        else:
            _still_waits(forwarding, error)
            later = ask_for_number.configure(schedule_in={"seconds": PAUSE**tried})
            later.defer(forwarding_id=forwarding_id, tried=tried + 1)
    else:
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
