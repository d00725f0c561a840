"""The inbox of a citizen, with or without account: all that the city has told, and how it should tell."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stadtkern.core.problems import BadInput, NotFound
from stadtkern.threads.domain import choosing, inbox, links, merging, vapid
from stadtkern.threads.domain.choosing import CHOSEN
from stadtkern.threads.models import Contact, Follow
from stadtkern.threads.web.forms import Rhythm
from stadtkern.threads.web.parts import (
    CONTACT,
    browser_contact,
    contact_of,
    contact_or_new,
    forget_browser,
    person_of,
    threads_of,
)


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Grouped by matter, newest first."""
    contact = contact_of(request)
    page = inbox.page(contact, after=request.GET.get("after")) if contact else None
    context = {
        "contact": contact,
        "page": page,
        "groups": inbox.by_matter(page.items) if page else [],
        "unread": inbox.unread_count(contact) if contact else 0,
        "matters": inbox.matters(contact, threads_of(request)),
        "has": choosing.channels_of(contact),
        "now": timezone.now(),
        "adoptable": _adoptable(request, contact),
        **_own_links(contact),
    }
    return render(request, "threads/inbox.html", context)


def _own_links(contact: Contact | None) -> dict[str, str]:
    if contact is None:
        return {}
    own = "" if contact.person_id else links.absolute(links.contact_path(contact))
    return {"own_url": own, "feed_url": links.feed_path(contact)}


def _adoptable(request: HttpRequest, mine: Contact | None) -> Contact | None:
    """Somebody signed in whose browser also knows a contact without account may take it over."""
    if person_of(request) is None:
        return None
    other = browser_contact(request)
    if other is None or other.person_id is not None or (mine is not None and other.pk == mine.pk):
        return None
    return other


@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    person, other = person_of(request), _adoptable(request, contact_of(request))
    if person is None or other is None:
        raise NotFound()
    merging.adopt(other, person)
    request.session.pop(CONTACT, None)
    messages.success(request, _("Ihre Vorgänge und Mitteilungen gehören jetzt zu Ihrem Konto."))
    return redirect("threads:inbox")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark the named notifications as read, or all that this page could show."""
    contact = contact_of(request)
    if contact is None:
        return redirect("threads:inbox")
    if ids := request.POST.getlist("id"):
        inbox.mark_read(contact, ids=[_whole(id) for id in ids[:500]])
    else:
        inbox.mark_read(contact, until=_moment(request.POST.get("until", "")))
        messages.success(request, _("Alles ist als gelesen markiert."))
    return redirect("threads:inbox")


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise BadInput(fields={"id": _("Das ist keine Nummer einer Mitteilung.")})
    return int(text)


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return found if found and found.tzinfo else timezone.now()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Channels per topic, rhythm, follows."""
    contact = contact_of(request)
    form = Rhythm(initial=_rhythm_of(contact))
    if request.method == "POST":
        form = Rhythm(request.POST)
        if form.is_valid():
            contact = contact_or_new(request)
            choosing.set_rhythm(contact, **form.cleaned_data)
            choosing.choose(contact, _ticked(request))
            messages.success(request, _("Gespeichert."))
            return redirect("threads:settings")
    return render(request, "threads/settings.html", _settings(request, contact, form), status=_status(form))


def _status(form: Rhythm) -> int:
    return 422 if form.errors else 200


def _rhythm_of(contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {"pace": "now"}
    return {"pace": contact.pace, "quiet_from": contact.quiet_from, "quiet_until": contact.quiet_until}


def _ticked(request: HttpRequest) -> dict[tuple[str, str], bool]:
    """The boxes of the table; a box that was shown and is not ticked is a no."""
    shown = [name.partition(":")[::2] for name in request.POST.getlist("shown") if ":" in name]
    ticked = set(request.POST.getlist("wanted"))
    return {(topic, channel): f"{topic}:{channel}" in ticked for topic, channel in shown}


def _settings(request: HttpRequest, contact: Contact | None, form: Rhythm) -> dict[str, Any]:
    return {
        "contact": contact,
        "form": form,
        "table": choosing.table(contact),
        "channels": CHOSEN,
        "has": choosing.channels_of(contact),
        "follows": list(contact.follows.order_by("-pk")) if contact else [],
        "push_key": vapid.public_key(),
        **_own_links(contact),
    }


@require_POST
def unfollow(request: HttpRequest, follow_id: int) -> HttpResponse:
    """One tap and it ends."""
    contact = contact_of(request)
    wish = Follow.objects.filter(pk=follow_id, contact=contact).first() if contact else None
    if wish is None:
        raise NotFound(_("Das verfolgen Sie nicht (mehr)."))
    wish.delete()
    messages.success(request, _("Beendet: %(label)s") % {"label": wish.label or wish.value})
    return redirect("threads:settings")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """On somebody else's device: this browser forgets the contact and the secret links."""
    forget_browser(request)
    messages.success(request, _("Dieser Browser zeigt Ihre Vorgänge nicht mehr. Ihre Links gelten weiter."))
    return redirect("threads:inbox")
