"""The operators' list of deliveries that failed."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stadtkern.people.models import Person
from stadtkern.people.rights import require
from stadtkern.threads.domain import failures
from stadtkern.threads.domain.failures import masked
from stadtkern.threads.models import Delivery
from stadtkern.threads.parts import SEE_DELIVERIES


@require_safe
@login_required
def deliveries(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_DELIVERIES)
    page = failures.failures(after=request.GET.get("after"))
    rows = [{"delivery": delivery, "whom": _whom(delivery)} for delivery in page.items]
    return render(request, "threads/deliveries.html", {"page": page, "rows": rows, "state": failures.state()})


def _whom(delivery: Delivery) -> str:
    contact = delivery.notification.contact
    address = contact.person.email if contact.person else contact.email
    return masked(address) or _("Gerät %(number)d") % {"number": contact.pk}


@require_POST
@login_required
def retry(request: HttpRequest) -> HttpResponse:
    require(request.user, SEE_DELIVERIES)
    ids = [int(id) for id in request.POST.getlist("id") if id.isdecimal() and len(id) < 19]
    by = cast(Person, request.user)
    count = failures.retry(ids, by=by) if ids else failures.retry_all(by=by)
    messages.success(
        request,
        ngettext("%(count)d Zustellung geht noch einmal raus.", "%(count)d Zustellungen gehen noch einmal raus.", count)
        % {"count": count},
    )
    return redirect("threads:deliveries")
