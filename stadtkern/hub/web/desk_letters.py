"""Letters that failed: what devices sent and nobody could read; read again after the cause is gone, or given up."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from stadtkern.core.paging import keyset
from stadtkern.hub.domain.letters import desk
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.rights import MANAGE
from stadtkern.people.web.desk import needs

PER_PAGE = 50
MOST_AT_ONCE = 500


@require_GET
@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    found = desk.waiting_and_failed(reader_of(request.user))
    page = keyset(found, order=("-received_at", "-pk"), after=request.GET.get("after"), limit=PER_PAGE)
    return render(request, "hub/desk/letters.html", {"page": page})


@require_POST
@needs(MANAGE)
def act(request: HttpRequest) -> HttpResponse:
    """Read the chosen letters again, or give them up."""
    do_with(request, [int(id) for id in request.POST.getlist("brief") if id.isdecimal()][:MOST_AT_ONCE])
    return redirect("hub-sources:letters")


def do_with(request: HttpRequest, ids: Sequence[int]) -> None:
    """What the form asks for, and a message that says what became of it."""
    reader = reader_of(request.user)
    if request.POST.get("was") == "weg":
        count = desk.drop(ids, reader=reader, actor=request.user)
        said = ngettext("%(count)d Nachricht verworfen.", "%(count)d Nachrichten verworfen.", count)
    else:
        count = desk.replay(ids, reader=reader, actor=request.user)
        said = ngettext("%(count)d Nachricht wird neu gelesen.", "%(count)d Nachrichten werden neu gelesen.", count)
    if count:
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("Keine Nachricht war ausgewählt, die neu gelesen werden kann."))
