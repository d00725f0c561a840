"""The desk's pages about devices: which there are, what they have sent, where their values go."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stadtkern.core.paging import keyset
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.letters import devices
from stadtkern.hub.domain.letters.looking import letters_from, look_into
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.models import Device, Letter
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_devices_forms import DeviceFilter, DeviceForm, FieldsPage, NewDeviceForm
from stadtkern.hub.web.desk_letters import do_with
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.people.web.desk import needs

LETTERS_PER_PAGE, MOST_AT_ONCE = 25, 500


@require_GET
@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """My devices; two statements however many there are."""
    form = DeviceFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    page = devices.desk_list(
        request.user, text=given.get("q", "").strip(), state=given.get("stand", ""), after=request.GET.get("after")
    )
    failed = devices.failed_counts(page.items)
    rows = [{"device": one, "state": state_of(one), "failed": failed.get(one.key, 0)} for one in page.items]
    return render(request, "hub/desk/devices.html", {"form": form, "page": page, "rows": rows})


@needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    given = {"thing": request.GET.get("station", ""), "key": request.GET.get("key", "")}
    form = NewDeviceForm(request.POST or None, person=request.user, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            device = devices.add_device(by=request.user, **form.cleaned_data)
        except BadInput as error:
            blame(form, error)
        else:
            messages.success(request, _("Das Gerät ist angelegt. Ordnen Sie jetzt seine Felder zu."))
            return redirect("hub-devices:fields", device.pk)
    return render(request, "hub/desk/device_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@needs(MANAGE)
def show(request: HttpRequest, device_id: int) -> HttpResponse:
    """One device: how it is, its newest message as it is read now, all messages that are kept."""
    device = devices.device_for(request.user, device_id)
    letters = letters_from(device, reader=reader_of(request.user))
    page = keyset(letters, order=("-received_at", "-pk"), after=request.GET.get("after"), limit=LETTERS_PER_PAGE)
    newest = page.items[0] if page.items and not request.GET.get("after") else _newest(letters)
    shown = {
        "device": device,
        "state": state_of(device),
        "page": page,
        "newest": newest,
        "trial": look_into(newest, device) if newest else None,
        "failed": letters.filter(state=Letter.State.FAILED).count(),
        "targets": devices.targets_of(device, request.user),
    }
    return render(request, "hub/desk/device.html", shown)


@needs(MANAGE)
def change(request: HttpRequest, device_id: int) -> HttpResponse:
    """Name, decoder and station."""
    device = devices.device_for(request.user, device_id)
    known = {"name": device.name, "decoder": device.decoder_id, "thing": _typed(device)}
    form = DeviceForm(request.POST or None, person=request.user, initial=known)
    if request.method == "POST" and form.is_valid():
        devices.change_device(device.pk, by=request.user, **form.cleaned_data)
        messages.success(request, _("Gespeichert. Die nächste Nachricht wird so gelesen."))
        return redirect("hub-devices:device", device.pk)
    shown = {"form": form, "device": device}
    return render(request, "hub/desk/device_change.html", shown, status=422 if form.errors else 200)


@needs(MANAGE)
def fields(request: HttpRequest, device_id: int) -> HttpResponse:
    """Which field of the messages goes into which datastream; the newest message says which there are."""
    device = devices.device_for(request.user, device_id)
    newest = _newest(letters_from(device, reader=reader_of(request.user)))
    trial = look_into(newest, device) if newest else None
    sent = request.POST if request.method == "POST" else None
    page = FieldsPage(device, devices.targets_of(device, request.user), trial, sent)
    if sent is not None and page.is_valid():
        try:
            devices.map_fields(device.pk, by=request.user, **page.wishes())
        except BadInput as error:
            blame(page.paths, error)
        else:
            messages.success(request, _("Die Felder sind zugeordnet."))
            return redirect("hub-devices:device", device.pk)
    shown = {"device": device, "trial": trial, "mapping": page, "form": page.paths}
    is_wrong = sent is not None and page.has_errors
    return render(request, "hub/desk/device_fields.html", shown, status=422 if is_wrong else 200)


@require_POST
@needs(MANAGE)
def turn(request: HttpRequest, device_id: int) -> HttpResponse:
    """On or off."""
    device = devices.switch(device_id, is_active=request.POST.get("an") == "ja", by=request.user)
    if device.is_active:
        messages.success(request, _("Das Gerät ist wieder an."))
    else:
        messages.success(request, _("Das Gerät ist abgeschaltet. Aus seinen Nachrichten werden keine Werte mehr."))
    return redirect("hub-devices:device", device.pk)


@require_POST
@needs(MANAGE)
def act(request: HttpRequest, device_id: int) -> HttpResponse:
    """Read messages of the device again (the chosen ones, or all that failed), or give them up."""
    letters = letters_from(devices.device_for(request.user, device_id), reader=reader_of(request.user))
    do_with(request, _wanted(request, letters))
    return redirect("hub-devices:device", device_id)


def state_of(device: Device) -> dict[str, str]:
    """A word and a tone: the worst that is true of the device now."""
    if not device.is_active:
        return {"label": _("abgeschaltet"), "tone": "calm"}
    if device.seen_at is None:
        return {"label": _("noch nie gehört"), "tone": "warn"}
    if devices.is_silent(device):
        return {"label": _("stumm"), "tone": "bad"}
    return {"label": _("meldet sich"), "tone": "good"}


def _newest(letters: Any) -> Letter | None:
    return letters.order_by("-received_at", "-pk").first()


def _wanted(request: HttpRequest, letters: Any) -> list[int]:
    if request.POST.get("was") == "alle":
        found = letters.filter(state=Letter.State.FAILED)
    else:
        chosen = [int(id) for id in request.POST.getlist("brief") if id.isdecimal() and len(id) < 19]
        found = letters.filter(pk__in=chosen[:MOST_AT_ONCE])
    return list(found.order_by("-pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _typed(device: Device) -> str:
    return f"{device.thing_id} {device.thing.name}" if device.thing else ""
