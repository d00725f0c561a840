"""A new source in steps: kind, address, mapping, preview and schedule. The same pages change one later."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput, Problem
from stadtkern.hub.domain.connecting.config import opened
from stadtkern.hub.domain.connecting.port import ConnectorKind, Look, SourceFault, connectors
from stadtkern.hub.domain.connecting.previewing import first_look, preview
from stadtkern.hub.domain.connecting.stewarding import draft_source, remember, settle, source_for, switch_on
from stadtkern.hub.domain.connecting.uploads import forget_upload, keep_upload
from stadtkern.hub.models import Connector
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.hub.web.desk_sources_forms import NewSourceForm, ScheduleForm, SourceForm
from stadtkern.hub.web.desk_sources_mapping import MappingPage
from stadtkern.people.web.desk import needs


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    form = NewSourceForm(_sent(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            source = draft_source(by=request.user, **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("hub-sources:address", source.pk)
    context = {"form": form, "steps": _steps(None, 0)}
    return render(request, "hub/desk/source_new.html", context, status=422 if form.errors else 200)


@needs(MANAGE)
def address(request: HttpRequest, source_id: int) -> HttpResponse:
    """Where to ask, or the file; a kind that needs a mapping is looked at next, another is settled at once."""
    source = source_for(request.user, source_id)
    kind = connectors[source.kind]
    kept = {"kind": kind, "sealed": list(opened(source.sealed))}
    form = SourceForm(_sent(request), request.FILES or None, initial=source.config, **kept)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        upload = given.pop("upload", None)
        try:
            _keep_address(source, kind, given, upload, request.user)
            if given.get("url"):
                forget_upload(source)
        except BadInput as error:
            blame(form, error)
        else:
            return redirect("hub-sources:mapping" if kind.look else "hub-sources:preview", source.pk)
    context = {"form": form, "source": source, "kind": kind, "steps": _steps(source, 1)}
    return render(request, "hub/desk/source_address.html", context, status=422 if form.errors else 200)


@needs(MANAGE)
def mapping(request: HttpRequest, source_id: int) -> HttpResponse:
    """Which column is what. The source is looked at, and what is not settled yet is suggested."""
    source = source_for(request.user, source_id)
    if connectors[source.kind].look is None:
        return redirect("hub-sources:preview", source.pk)
    seen, fault = _seen(source)
    page = MappingPage(source, seen, _sent(request))
    if request.method == "POST" and page.is_valid():
        try:
            settle(source, page.wishes(), by=request.user)
        except BadInput as error:
            blame(page.form, error)
        else:
            return redirect("hub-sources:preview", source.pk)
    context = {"page": page, "form": page.form, "seen": seen, "fault": fault, "source": source}
    context |= {"values": page.values, "conditions": page.conditions, "steps": _steps(source, 2)}
    return render(request, "hub/desk/source_mapping.html", context, status=422 if page.has_errors else 200)


@needs(MANAGE)
def look_before(request: HttpRequest, source_id: int) -> HttpResponse:
    """The first rows as they would be stored; from here the source is switched on."""
    source = source_for(request.user, source_id)
    initial = {"interval_minutes": source.interval_minutes, "expect_minutes": source.expect_minutes}
    form = ScheduleForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            switch_on(source, by=request.user, **form.cleaned_data)
        except BadInput as error:
            blame(form, error)
        else:
            messages.success(
                request, _("„%(name)s“ ist eingeschaltet; der erste Lauf beginnt gleich.") % {"name": source.name}
            )
            return redirect("hub-sources:source", source.pk)
    context = {"form": form, "source": source, "shown": preview(source), "steps": _steps(source, 3)}
    return render(request, "hub/desk/source_preview.html", context, status=422 if form.errors else 200)


def _keep_address(source: Connector, kind: ConnectorKind, given: dict[str, Any], upload: Any, person: Any) -> None:
    """Without a mapping the settings are whole now; with one they are only typed so far. Raises BadInput."""
    if kind.takes_file:
        _check_one_way_in(given.get("url"), upload, source.file)
    if kind.look is None or source.state != Connector.State.DRAFT:
        settle(source, given, by=person, upload=upload)
        return
    remember(source, given)
    if upload is not None:
        keep_upload(source, upload)


def _check_one_way_in(url: str | None, upload: Any, file: str) -> None:
    if not (url or upload or file):
        words = _("Geben Sie eine Adresse an, oder laden Sie eine Datei hoch.")
        raise BadInput(words, fields={"url": words})
    if url and upload:
        words = _("Eine Adresse oder eine Datei, nicht beides.")
        raise BadInput(words, fields={"upload": words})


def _sent(request: HttpRequest) -> Any:
    """What was sent, also when it was nothing."""
    return request.POST if request.method == "POST" else None


def _seen(source: Connector) -> tuple[Look, str]:
    try:
        return first_look(source), ""
    except (SourceFault, BadInput) as fault:
        return Look(), str(fault)


def _steps(source: Connector | None, now: int) -> list[dict[str, str]]:
    """For the stepper; a kind without a mapping has one step less."""
    names = [
        ("", _("Art")),
        ("address", _("Adresse oder Datei")),
        ("mapping", _("Zuordnung")),
        ("preview", _("Vorschau")),
    ]
    has_mapping = source is None or connectors[source.kind].look is not None
    shown = [(place, *pair) for place, pair in enumerate(names) if has_mapping or pair[0] != "mapping"]
    return [
        {
            "label": label,
            "state": "done" if place < now else "now" if place == now else "next",
            "url": reverse(f"hub-sources:{name}", args=[source.pk]) if source and name else "",
        }
        for place, name, label in shown
    ]
