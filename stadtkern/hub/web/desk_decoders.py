"""The desk's pages about decoders: which there are, who uses them, try one out, write one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from stadtkern.core.problems import BadInput, Conflict, NotFound
from stadtkern.hub.domain.decoders import keeping
from stadtkern.hub.domain.decoders.builtin import example_of
from stadtkern.hub.domain.decoders.trying import Trial, try_out
from stadtkern.hub.models import Decoder
from stadtkern.hub.rights import MANAGE
from stadtkern.hub.web.desk_decoders_forms import DecoderFilter, DecoderForm, TrialForm
from stadtkern.hub.web.desk_rules_forms import blame
from stadtkern.people.domain.auditing import lines
from stadtkern.people.web.desk import needs

MOST_USERS = 100
STARTS = {
    Decoder.Language.LAYOUT: """{
  "order": "big",
  "messages": [
    {
      "ports": [1],
      "fields": [
        {"name": "temperature", "at": 0, "length": 2, "type": "int", "factor": 0.1},
        {"name": "humidity", "at": 2, "length": 1}
      ]
    }
  ]
}
""",
    Decoder.Language.SCRIPT: """function decodeUplink(input) {
  const bytes = input.bytes;
  return {
    data: {
      temperature: ((bytes[0] << 8) | bytes[1]) / 10,
      humidity: bytes[2],
    },
  };
}
""",
}


@require_GET
@needs(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """All decoders with the number of devices that use them."""
    form = DecoderFilter(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    page = keeping.desk_list(text=text, after=request.GET.get("after"))
    return render(request, "hub/desk/decoders.html", {"form": form, "page": page})


@needs(MANAGE)
def show(request: HttpRequest, decoder_id: int) -> HttpResponse:
    """One decoder: try it out, who uses it, who changed it when."""
    decoder = keeping.decoder_for(decoder_id)
    form = TrialForm(request.POST or None, initial=_message_of(request, decoder), prefix="probe")
    trial = None
    if request.method == "POST" and form.is_valid():
        trial = _tried(decoder, form)
    users, others = keeping.users_of(decoder, request.user)
    shown = {
        "decoder": decoder,
        "text": keeping.text_of(decoder),
        "version": keeping.digest_of(decoder),
        "form": form,
        "trial": trial,
        "users": users[:MOST_USERS],
        "others": others,
        "versions": lines(keeping.versions_of(decoder)),
        "may_change": keeping.may_change(decoder, request.user),
    }
    return render(request, "hub/desk/decoder.html", shown, status=422 if form.errors else 200)


@needs(MANAGE)
def new(request: HttpRequest, language: str) -> HttpResponse:
    """A new one, from an example or as a copy (?von=NUMBER)."""
    if language not in Decoder.Language.values:
        raise NotFound
    pattern = _pattern(request, language)
    form = DecoderForm(request.POST or None, initial=pattern, language=language)
    probe = _probe(request, Decoder(language=language))
    trial = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "try":
            trial = _tried_draft(language, form, probe)
        elif made := _added(request, language, form):
            messages.success(request, _("„%(name)s“ ist gespeichert.") % {"name": made.name})
            return redirect("hub-devices:decoder", made.pk)
    shown = {"form": form, "probe": probe, "trial": trial, "language": language, "decoder": None}
    return render(request, "hub/desk/decoder_edit.html", shown, status=422 if _is_wrong(form, probe) else 200)


@needs(MANAGE)
def edit(request: HttpRequest, decoder_id: int) -> HttpResponse:
    """Another text, tried out before it is kept."""
    decoder = keeping.decoder_for(decoder_id)
    if not keeping.may_change(decoder, request.user):
        messages.info(request, _("Diesen Dekodierer können Sie nicht ändern; machen Sie eine Kopie."))
        return redirect("hub-devices:decoder", decoder.pk)
    begun = {"name": decoder.name, "text": keeping.text_of(decoder), "seen": keeping.digest_of(decoder)}
    form = DecoderForm(request.POST or None, initial=begun, language=decoder.language)
    probe, trial = _probe(request, decoder), None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "try":
            trial = _tried_draft(decoder.language, form, probe)
        elif _changed(request, decoder, form):
            messages.success(request, _("Gespeichert. Die nächste Nachricht wird so gelesen."))
            return redirect("hub-devices:decoder", decoder.pk)
    shown = {"form": form, "probe": probe, "trial": trial, "language": decoder.language, "decoder": decoder}
    return render(request, "hub/desk/decoder_edit.html", shown, status=422 if _is_wrong(form, probe) else 200)


@needs(MANAGE)
def leave(request: HttpRequest, decoder_id: int) -> HttpResponse:
    """Asks first; one that is used stays."""
    decoder = keeping.decoder_for(decoder_id)
    if request.method == "POST":
        try:
            keeping.drop_decoder(decoder.pk, by=request.user)
        except Conflict as reason:
            messages.error(request, str(reason))
            return redirect("hub-devices:decoder", decoder.pk)
        messages.success(request, _("Der Dekodierer ist gelöscht."))
        return redirect("hub-devices:decoders")
    return render(request, "hub/desk/decoder_leave.html", {"decoder": decoder, "count": decoder.devices.count()})


def _tried(decoder: Decoder, form: TrialForm) -> Trial:
    return try_out(decoder, form.cleaned_data["data"], port=form.cleaned_data["port"] or 0)


def _tried_draft(language: str, form: DecoderForm, probe: TrialForm) -> Trial | None:
    """None when the text or the message is wrong; the forms say why then."""
    try:
        draft = keeping.drawn_up(language, form.cleaned_data["text"])
    except BadInput as error:
        blame(form, error)
        return None
    return _tried(draft, probe) if probe.is_valid() else None


def _added(request: HttpRequest, language: str, form: DecoderForm) -> Decoder | None:
    data = form.cleaned_data
    try:
        return keeping.add_decoder(name=data["name"], language=language, text=data["text"], by=request.user)
    except BadInput as error:
        blame(form, error)
        return None


def _changed(request: HttpRequest, decoder: Decoder, form: DecoderForm) -> bool:
    try:
        keeping.change_decoder(decoder.pk, by=request.user, **form.cleaned_data)
    except BadInput as error:
        blame(form, error)
    except Conflict as error:
        form.add_error(None, str(error))
    return not form.errors


def _probe(request: HttpRequest, decoder: Decoder) -> TrialForm:
    """The message beside the text; only looked at when it is tried."""
    is_tried = request.method == "POST" and request.POST.get("do") == "try"
    given = _message_of(request, decoder)
    if request.method == "POST" and not is_tried:
        given |= {name: request.POST.get(f"probe-{name}", "") for name in ("payload", "coding", "port")}
    return TrialForm(request.POST if is_tried else None, initial=given, prefix="probe")


def _is_wrong(form: DecoderForm, probe: TrialForm) -> bool:
    return bool(form.errors or probe.errors)


def _message_of(request: HttpRequest, decoder: Decoder) -> dict[str, Any]:
    """The message that a link brings along, or the maker's example."""
    if payload := request.GET.get("payload", "")[:4_000]:
        return {"payload": payload, "port": request.GET.get("port", "1")}
    example = example_of(decoder.key)
    return {"payload": example[0], "port": example[1]} if example else {}


def _pattern(request: HttpRequest, language: str) -> dict[str, str]:
    number = request.GET.get("von", "")
    if not number:
        return {"text": STARTS[Decoder.Language(language)]}
    if not number.isdecimal() or len(number) > 18:
        raise NotFound
    pattern = keeping.decoder_for(int(number))
    return {"name": _("%(name)s (Kopie)") % {"name": pattern.name[:110]}, "text": keeping.text_of(pattern)}
