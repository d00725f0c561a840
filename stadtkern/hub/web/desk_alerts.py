"""The desk's pages about alerts: what is raised, who takes care of it, what is watched."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from stadtkern.core.paging import keyset
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain.alerts import rules, webhooks, wording
from stadtkern.hub.models import Alert, AlertDelivery, AlertRule
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_alerts_forms import AlertFilter, AlertRuleForm, as_it_is
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.people.web.desk import needs

PER_PAGE, SHOWN_DELIVERIES = 50, 50
MOST_AT_ONCE = 500
GIVEN = ("datastream_id", "thing_id", "observed_property_id")


@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """What is raised now, the newest first; with a wish also what is over."""
    form = AlertFilter(request.GET)
    found = rules.alerts_for(request.user)
    if not (form.is_valid() and form.cleaned_data["stand"]):
        found = found.filter(over_at=None)
    page = keyset(found, order=("-raised_at", "-pk"), after=request.GET.get("after"), limit=PER_PAGE)
    return render(request, "hub/desk/alerts.html", {"form": form, "page": page, "lines": _lines(page.items)})


def _lines(alerts: list[Alert]) -> list[dict[str, Any]]:
    return [
        {"alert": alert, "name": wording.name_of(alert.rule), "text": wording.line(alert.rule, alert)}
        for alert in alerts
    ]


@needs(MANAGE)
def show(request: HttpRequest, alert_id: int) -> HttpResponse:
    alert = rules.alert_for(request.user, alert_id)
    return render(request, "hub/desk/alert.html", _lines([alert])[0])


@require_POST
@needs(MANAGE)
def acknowledge(request: HttpRequest) -> HttpResponse:
    """I take care of these."""
    ids = [int(id) for id in request.POST.getlist("alert") if id.isdecimal()][:MOST_AT_ONCE]
    count = rules.acknowledge(ids, by=request.user, note=request.POST.get("note", ""))
    said = ngettext("%(count)s Warnung übernommen.", "%(count)s Warnungen übernommen.", count) % {"count": count}
    if count:
        messages.success(request, said)
    else:
        messages.info(request, _("Keine offene Warnung war ausgewählt."))
    return redirect("hub-care:alerts")


@needs(MANAGE)
def watched(request: HttpRequest) -> HttpResponse:
    """The rules I may change."""
    mine = rules.rules_of(request.user).order_by("name", "pk")
    page = keyset(mine, order=("name", "pk"), after=request.GET.get("after"), limit=PER_PAGE)
    return render(request, "hub/desk/alert_rules.html", {"page": page})


@needs(MANAGE)
def edit(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """A new rule, or one that changes. The secret of a new webhook is shown on the next page, just once."""
    rule = _mine(request, rule_id) if rule_id is not None else None
    initial = as_it_is(rule) if rule else {name: request.GET[name] for name in GIVEN if name in request.GET}
    form = AlertRuleForm(request.POST or None, person=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept, secret = rules.keep_alert_rule(rule, by=request.user, **form.wishes())
        except BadInput as error:
            blame(form, error)
        else:
            return _kept(request, kept, secret)
    shown = {"form": form, "rule": rule} | _deliveries(rule)
    return render(request, "hub/desk/alert_rule.html", shown, status=422 if form.errors else 200)


def _kept(request: HttpRequest, rule: AlertRule, secret: str) -> HttpResponse:
    messages.success(request, _("Die Warnung ist gespeichert."))
    if secret:
        return render(request, "hub/desk/webhook_secret.html", {"rule": rule, "secret": secret})
    return redirect("hub-care:alert-rule", rule.pk)


def _deliveries(rule: AlertRule | None) -> dict[str, Any]:
    if rule is None:
        return {}
    sent = AlertDelivery.objects.filter(rule=rule).order_by("-created_at", "-pk")[:SHOWN_DELIVERIES]
    return {"deliveries": sent, "watched": rule.states.filter(is_old=False).count()}


@require_POST
@needs(MANAGE)
def end(request: HttpRequest, rule_id: int) -> HttpResponse:
    rules.end_alert_rule(_mine(request, rule_id), by=request.user)
    messages.success(request, _("Die Warnung gibt es nicht mehr."))
    return redirect("hub-care:alert-rules")


@require_POST
@needs(MANAGE)
def new_secret(request: HttpRequest, rule_id: int) -> HttpResponse:
    rule = _mine(request, rule_id)
    return render(
        request, "hub/desk/webhook_secret.html", {"rule": rule, "secret": rules.renew_secret(rule, by=request.user)}
    )


@require_POST
@needs(MANAGE)
def replay(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Send these messages to the webhook once more."""
    rule = _mine(request, rule_id)
    ids = [int(id) for id in request.POST.getlist("delivery") if id.isdecimal()][:MOST_AT_ONCE]
    mine = list(AlertDelivery.objects.filter(rule=rule, pk__in=ids).values_list("pk", flat=True))
    count = webhooks.replay(mine)
    said = ngettext(
        "%(count)s Nachricht geht noch einmal hinaus.", "%(count)s Nachrichten gehen noch einmal hinaus.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("hub-care:alert-rule", rule.pk)


def _mine(request: HttpRequest, rule_id: int) -> AlertRule:
    rule = rules.rules_of(request.user).filter(pk=rule_id).first()
    if rule is None:
        raise NotFound
    return rule
