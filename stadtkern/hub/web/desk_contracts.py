"""The desk's pages about data contracts and the access log."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from stadtkern.core import clock
from stadtkern.core.models import ApiKey
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.domain import access_log, contracts
from stadtkern.hub.models import Datastream, Thing
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach
from stadtkern.people.web.desk import needs

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST = 500


class ContractForm(forms.Form):
    """One subject, one holder, a purpose, a last day."""

    datastream = forms.IntegerField(label=gettext_lazy("Nummer der Messreihe"), required=False, min_value=1)
    thing = forms.IntegerField(
        label=gettext_lazy("oder Nummer des Objekts"),
        help_text=gettext_lazy("Alle Messreihen daran."),
        required=False,
        min_value=1,
    )
    email = forms.EmailField(label=gettext_lazy("Person (E-Mail)"), required=False)
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("oder Stelle"), queryset=Organisation.objects.filter(is_active=True), required=False
    )
    key_prefix = forms.ChoiceField(label=gettext_lazy("oder API-Schlüssel"), required=False)
    purpose = forms.CharField(label=gettext_lazy("Zweck"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))
    last_day = forms.DateField(
        label=gettext_lazy("Letzter Tag"), help_text=gettext_lazy("Leer: bis auf Weiteres."), required=False, widget=DAY
    )
    may_write = forms.BooleanField(label=gettext_lazy("Darf auch Werte senden"), required=False)

    def __init__(self, *args: Any, person: Person, **given: Any) -> None:
        super().__init__(*args, **given)
        self.mine = reach(person, MANAGE)
        keys = ApiKey.objects.filter(revoked_at=None).order_by("name").values_list("prefix", "name")
        self.fields["key_prefix"].choices = [("", "—"), *((prefix, f"{name} ({prefix})") for prefix, name in keys)]

    def clean_email(self) -> Person | None:
        email = self.cleaned_data.get("email")
        if not email:
            return None
        person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise forms.ValidationError(_("Zu dieser Adresse gibt es kein Konto."))
        return person

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = [self._subject(model, data.get(name)) for name, model in (("datastream", Datastream), ("thing", Thing))]
        subjects = [one for one in found if one is not None]
        if len(subjects) != 1:
            self.add_error("datastream", _("Wählen Sie genau eines: eine Messreihe oder ein Objekt Ihrer Stelle."))
        return data | {"subject": subjects[0] if subjects else None}

    def _subject(self, model: Any, id: int | None) -> Any:
        return model.objects.filter(self.mine.q("organisation"), pk=id).first() if id else None


class LastDayForm(forms.Form):
    last_day = forms.DateField(label=gettext_lazy("Neuer letzter Tag"), required=False, widget=DAY)


def end_of(day: Any) -> datetime | None:
    """The last moment of a day of the city; None for ever."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) - timedelta(seconds=1)


@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """Who may use what, those that end first on top; ended ones below."""
    mine = contracts.contracts_for(request.user)
    now = clock.now()
    holding = list(mine.filter(contracts.holding())[:MOST])
    rows = [
        {"contract": one, "subject": contracts.subject_of(one), "ends_soon": _ends_soon(one.until, now)}
        for one in holding
    ]
    names = dict(ApiKey.objects.values_list("prefix", "name"))
    ended = [
        {"contract": one, "subject": contracts.subject_of(one)}
        for one in mine.exclude(contracts.holding()).order_by("-until", "-pk")[:100]
    ]
    return render(request, "hub/desk/contracts.html", {"rows": rows, "ended": ended, "key_names": names})


def _ends_soon(until: datetime | None, now: datetime) -> bool:
    return until is not None and until - now < contracts.SOON


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    given = {name: request.GET[name] for name in ("datastream", "thing") if name in request.GET}
    form = ContractForm(request.POST or None, person=request.user, initial=given)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            contracts.grant_contract(
                subject=data["subject"],
                person=data["email"],
                organisation=data["organisation"],
                key_prefix=data["key_prefix"],
                purpose=data["purpose"],
                until=end_of(data["last_day"]),
                may_write=data["may_write"],
                by=request.user,
            )
        except BadInput as error:
            blame(form, error, holder="email", until="last_day")
        else:
            messages.success(request, _("Der Vertrag gilt ab jetzt."))
            return redirect("hub-care:contracts")
    return render(request, "hub/desk/contract.html", {"form": form}, status=422 if form.errors else 200)


@needs(MANAGE)
def extend(request: HttpRequest, contract_id: int) -> HttpResponse:
    """Another last day."""
    contract = contracts.contracts_for(request.user).filter(pk=contract_id).first()
    if contract is None:
        raise NotFound
    form = LastDayForm(request.POST or None, initial={"last_day": contract.until})
    if request.method == "POST" and form.is_valid():
        try:
            contracts.extend_contract(contract_id, until=end_of(form.cleaned_data["last_day"]), by=request.user)
        except BadInput as error:
            blame(form, error, until="last_day")
        else:
            messages.success(request, _("Der Vertrag ist verlängert."))
            return redirect("hub-care:contracts")
    shown = {"form": form, "contract": contract, "subject": contracts.subject_of(contract)}
    return render(request, "hub/desk/contract_extend.html", shown, status=422 if form.errors else 200)


@require_POST
@needs(MANAGE)
def end(request: HttpRequest, contract_id: int) -> HttpResponse:
    contracts.end_contract(contract_id, by=request.user)
    messages.success(request, _("Der Vertrag ist beendet."))
    return redirect("hub-care:contracts")


class AccessFilter(forms.Form):
    messreihe = forms.IntegerField(label=gettext_lazy("Nummer der Messreihe"), required=False, min_value=1)


@needs(MANAGE)
def access(request: HttpRequest) -> HttpResponse:
    """Who read what is not public."""
    form = AccessFilter(request.GET)
    wanted = form.cleaned_data["messreihe"] if form.is_valid() else None
    page, lines = access_log.look_up(by=request.user, datastream_id=wanted, after=request.GET.get("after"))
    return render(
        request,
        "hub/desk/access.html",
        {"form": form, "page": page, "lines": lines},
        status=422 if form.errors else 200,
    )
