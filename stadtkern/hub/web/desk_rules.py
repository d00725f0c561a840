"""The desk's pages about quality: which datastreams have rules, what a rule would find, how a datastream is doing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stadtkern.core import clock
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.quality import calibration, outliers, queries, reevaluating
from stadtkern.hub.domain.quality.checking import Kind
from stadtkern.hub.domain.quality.completeness import TOLERANCE
from stadtkern.hub.domain.quality.rules import end_rule, keep_rule
from stadtkern.hub.models import Datastream, QualityRule
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_rules_forms import CalibrationForm, RuleFilter, RuleForm, blame
from stadtkern.people.web.desk import needs

TRIED_DAYS = 30
KNOWN_AT_ARRIVAL = {Kind.DUPLICATE, Kind.DRIFT, Kind.LATE}
CARED_DAYS = 2 * 366


@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """All datastreams of my organisations with the number of their rules."""
    form = RuleFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    page = queries.desk_list(
        request.user, text=given.get("q", "").strip(), state=given.get("stand", ""), after=request.GET.get("after")
    )
    return render(request, "hub/desk/rules.html", {"form": form, "page": page})


@needs(MANAGE)
def stream(request: HttpRequest, datastream_id: int) -> HttpResponse:
    """One datastream: its rules, a new one (tried out before it is kept), its last days, its care."""
    found = queries.stream_for(request.user, datastream_id)
    form = RuleForm(request.POST or None)
    trial = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "try":
            trial = _tried(found, form)
        elif _kept(request, found, form):
            messages.success(request, _("Die Regel gilt ab dem nächsten Wert."))
            return redirect("hub-care:stream", found.pk)
    shown = _shown(request, found) | {"form": form, "trial": trial}
    return render(request, "hub/desk/stream_rules.html", shown, status=422 if form.errors else 200)


def _kept(request: HttpRequest, found: Datastream, form: RuleForm) -> bool:
    data = form.cleaned_data
    try:
        keep_rule(
            found,
            kind=data["kind"],
            severity=data["severity"],
            note=data["note"],
            again_days=data["again_days"] or 0,
            by=request.user,
            **form.limits(),
        )
    except BadInput as error:
        blame(form, error)
        return False
    return True


def _tried(found: Datastream, form: RuleForm) -> dict[str, Any]:
    """How many values of the last days the rule would flag; some it can only see when they come."""
    kind = form.cleaned_data["kind"]
    if kind in KNOWN_AT_ARRIVAL:
        return {"only_at_arrival": True}
    rule = form.rule()
    if kind == Kind.GAP and rule.seconds is None and found.interval_seconds:
        rule = replace(rule, seconds=found.interval_seconds * TOLERANCE)
    if kind == Kind.OUTLIER:
        result = outliers.try_out(found.pk, rule, days=TRIED_DAYS)
    else:
        result = reevaluating.try_out(found.pk, [rule], days=TRIED_DAYS)
    return {"result": result, "days": TRIED_DAYS}


def _shown(request: HttpRequest, found: Datastream) -> dict[str, Any]:
    now = clock.now()
    periods = calibration.calibrations(found.pk, since=now - timedelta(days=CARED_DAYS), until=now)
    return {
        "stream": found,
        "rules": QualityRule.objects.filter(datastream=found).select_related("changed_by").order_by("kind", "severity"),
        "health": queries.health(request.user, found),
        "calibrations": periods.reverse(),
        "care_form": CalibrationForm(prefix="care"),
    }


@require_POST
@needs(MANAGE)
def end(request: HttpRequest, datastream_id: int, rule_id: int) -> HttpResponse:
    end_rule(rule_id, by=request.user, again_days=30 if request.POST.get("again") else 0)
    messages.success(request, _("Die Regel gilt nicht mehr."))
    return redirect("hub-care:stream", datastream_id)


@require_POST
@needs(MANAGE)
def judge_again(request: HttpRequest, datastream_id: int) -> HttpResponse:
    """Have the last 30 days judged anew."""
    found = queries.stream_for(request.user, datastream_id)
    reevaluating.judge_last_days(found.pk, TRIED_DAYS)
    messages.success(request, _("Die letzten 30 Tage werden neu geprüft."))
    return redirect("hub-care:stream", found.pk)


@require_POST
@needs(MANAGE)
def care(request: HttpRequest, datastream_id: int) -> HttpResponse:
    """Write down that the instrument was cared for."""
    found = queries.stream_for(request.user, datastream_id)
    form = CalibrationForm(request.POST, prefix="care")
    if form.is_valid():
        try:
            calibration.note_calibration(found, by=request.user, **form.cleaned_data)
        except BadInput as error:
            blame(form, error)
        else:
            messages.success(request, _("Die Wartung ist notiert."))
            return redirect("hub-care:stream", found.pk)
    shown = _shown(request, found) | {"form": RuleForm(), "trial": None, "care_form": form}
    return render(request, "hub/desk/stream_rules.html", shown, status=422)


@require_POST
@needs(MANAGE)
def forget_care(request: HttpRequest, datastream_id: int, period_id: int) -> HttpResponse:
    calibration.forget_calibration(period_id, by=request.user)
    messages.success(request, _("Der Eintrag ist gelöscht."))
    return redirect("hub-care:stream", datastream_id)
