"""The desk's pages about sources: how they are, what each run did, run now, pause, fill a gap."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stadtkern.core import clock
from stadtkern.core.paging import keyset
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.connecting.imports.found import found_in
from stadtkern.hub.domain.connecting.port import connectors
from stadtkern.hub.domain.connecting.schedule import last_news
from stadtkern.hub.domain.connecting.stewarding import (
    fill_gap,
    give_up,
    pause,
    run_now,
    source_for,
    sources_of,
    switch_on,
)
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.hub.web.desk_sources_forms import GapForm
from stadtkern.people.web.desk import needs

PER_PAGE, RUNS_PER_PAGE = 50, 25


@require_GET
@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """Every source with its state; two statements however many there are."""
    page = keyset(sources_of(request.user), order=("name", "pk"), after=request.GET.get("after"), limit=PER_PAGE)
    runs = Run.objects.defer("rejects", "reasons").in_bulk([one.run_id for one in page.items if one.run_id])
    rows = [_row(one, runs.get(one.run_id)) for one in page.items]
    return render(request, "hub/desk/sources.html", {"rows": rows, "page": page})


@require_GET
@needs(MANAGE)
def show(request: HttpRequest, source_id: int) -> HttpResponse:
    return _shown(request, source_for(request.user, source_id), GapForm())


@require_POST
@needs(MANAGE)
def gap(request: HttpRequest, source_id: int) -> HttpResponse:
    source = source_for(request.user, source_id)
    form = GapForm(request.POST)
    if form.is_valid():
        try:
            fill_gap(source, by=request.user, **form.cleaned_data)
        except BadInput as error:
            blame(form, error)
        else:
            messages.success(request, _("Der Zeitraum wird noch einmal abgerufen."))
            return redirect("hub-sources:source", source.pk)
    return _shown(request, source, form)


@require_POST
@needs(MANAGE)
def run(request: HttpRequest, source_id: int) -> HttpResponse:
    source = source_for(request.user, source_id)
    if run_now(source, by=request.user):
        messages.success(request, _("Der Lauf beginnt gleich."))
    else:
        messages.info(request, _("Ein Lauf wartet schon."))
    return redirect("hub-sources:source", source.pk)


@require_POST
@needs(MANAGE)
def stop(request: HttpRequest, source_id: int) -> HttpResponse:
    source = source_for(request.user, source_id)
    pause(source, by=request.user)
    messages.success(request, _("„%(name)s“ ist angehalten.") % {"name": source.name})
    return redirect("hub-sources:source", source.pk)


@require_POST
@needs(MANAGE)
def go_on(request: HttpRequest, source_id: int) -> HttpResponse:
    source = source_for(request.user, source_id)
    switch_on(source, interval_minutes=source.interval_minutes, expect_minutes=source.expect_minutes, by=request.user)
    messages.success(request, _("„%(name)s“ läuft wieder.") % {"name": source.name})
    return redirect("hub-sources:source", source.pk)


@needs(MANAGE)
def leave(request: HttpRequest, source_id: int) -> HttpResponse:
    """Asks first; what it brought stays."""
    source = source_for(request.user, source_id)
    if request.method == "POST":
        give_up(source, by=request.user)
        messages.success(request, _("Die Quelle ist gelöscht. Ihre Messwerte sind noch da."))
        return redirect("hub-sources:index")
    return render(request, "hub/desk/source_leave.html", {"source": source})


@require_GET
@needs(MANAGE)
def one_run(request: HttpRequest, source_id: int, run_id: int) -> HttpResponse:
    """What one run did, with the first hundred rows it rejected."""
    source = source_for(request.user, source_id)
    found = source.runs.filter(pk=run_id).first()
    if found is None:
        raise NotFound(_("Diesen Lauf gibt es nicht (mehr)."))
    reasons = sorted(found.reasons.items(), key=lambda pair: -pair[1])
    return render(request, "hub/desk/run.html", {"source": source, "run": found, "reasons": reasons})


def _shown(request: HttpRequest, source: Connector, form: GapForm) -> HttpResponse:
    runs = source.runs.defer("rejects", "reasons")
    page = keyset(runs, order=("-started_at", "-pk"), after=request.GET.get("after"), limit=RUNS_PER_PAGE)
    kind = connectors.get(source.kind)
    shown = _row(source, Run.objects.filter(pk=source.run_id).first() if source.run_id else None)
    has_address = bool(source.config.get("url"))  # without one its files come by hand
    context = shown | {"page": page, "gap_form": form, "found": found_in(source), "has_address": has_address}
    context["fills_gaps"] = has_address and kind is not None and kind.fills_gaps
    return render(request, "hub/desk/source.html", context, status=422 if form.errors else 200)


def _row(source: Connector, last: Run | None) -> dict[str, Any]:
    kind = connectors.get(source.kind)
    return {
        "source": source,
        "kind": kind.label if kind else source.kind,
        "run": last,
        "state": state_of(source, last),
        "news": last_news(source) if source.fresh_at else None,
        "is_overdue": bool(source.next_at and source.next_at < clock.now()),
    }


def state_of(source: Connector, last: Run | None) -> dict[str, str]:
    """A word and a tone: the worst that is true of the source now."""
    if source.state == Connector.State.DRAFT:
        return {"label": _("Entwurf"), "tone": "calm"}
    if source.state == Connector.State.PAUSED:
        return {"label": _("angehalten"), "tone": "calm"}
    if last is not None and last.state == Run.State.RUNNING:
        return {"label": _("läuft gerade"), "tone": "info"}
    if source.failures or (last is not None and last.state in (Run.State.FAILED, Run.State.BROKEN_OFF)):
        return {"label": _("Fehler"), "tone": "bad"}
    if source.silent_since:
        return {"label": _("stumm"), "tone": "bad"}
    return {"label": _("in Ordnung") if last else _("wartet auf den ersten Lauf"), "tone": "good" if last else "warn"}
