"""The operators' page: does background work happen, and what of it has failed for good?"""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stadtkern.config import upkeep
from stadtkern.config.health import SILENT_WORKER, queue
from stadtkern.config.parts import MANAGE, READ
from stadtkern.core import audit
from stadtkern.people.models import Person
from stadtkern.people.rights import may, require


@require_safe
@login_required
def monitor(request: HttpRequest) -> HttpResponse:
    require(request.user, READ)
    state = queue()
    context = {
        "queue": state,
        "silent": state.worker_seconds is None or state.worker_seconds > SILENT_WORKER,
        "oldest_minutes": int(state.oldest_seconds // 60),
        "jobs": upkeep.failed(upkeep.MOST_SHOWN),
        "may_retry": may(request.user, MANAGE),
        "may_see_deliveries": may(request.user, "threads.deliveries"),
    }
    return render(request, "config/monitor.html", context)


@require_POST
@login_required
def retry(request: HttpRequest) -> HttpResponse:
    """Do the named failed jobs again, or all of them when none is named."""
    require(request.user, MANAGE)
    named = request.POST.getlist("id")
    ids = [int(id) for id in named if id.isdecimal() and len(id) < 19]
    count = upkeep.retry(ids if named else [job.id for job in upkeep.failed()])
    audit.record("operation.jobs_retried", actor=cast(Person, request.user), detail={"jobs": count})
    text = ngettext("%(count)d Aufgabe wartet wieder.", "%(count)d Aufgaben warten wieder.", count)
    messages.success(request, text % {"count": count})
    return redirect("operation:monitor")
