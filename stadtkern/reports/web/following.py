"""Following a report, and being told of what is reported around a place."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.limits import spend
from stadtkern.core.problems import BadInput
from stadtkern.people.sign_in import client_address
from stadtkern.places.domain import geocoding
from stadtkern.places.domain.geometry import district_names, locate
from stadtkern.reports.domain import reading, wishes
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.web import wording
from stadtkern.reports.web.forms import ONLY_STREET, AreaForm
from stadtkern.reports.web.frame import page
from stadtkern.reports.web.origin import same_origin
from stadtkern.reports.web.public import Typed, show
from stadtkern.threads.domain import following
from stadtkern.threads.domain.confirming import ask_to_confirm
from stadtkern.threads.models import Contact
from stadtkern.threads.web.parts import contact_or_new, person_of
from stadtkern.threads.words import Pace

SECTION = "/meldungen/"
MOST_AN_HOUR = 30


@same_origin
@require_POST
def follow_report(request: HttpRequest, report_id: int) -> HttpResponse:
    """By e-mail (confirmed first), or with the account."""
    found = reading.facts(report_id)
    if found is None or not found.is_public:
        return show(request, report_id)
    email = request.POST.get("email", "").strip()
    if person_of(request) is None and not _is_email(email):
        fault = _("Bitte geben Sie eine E-Mail-Adresse an, zum Beispiel name@beispiel.de.")
        return show(request, report_id, typed=Typed(values={"email": email}, faults={"email": fault}), status=422)
    label = f"{wording.category_name(found.category)}, {found.address}".strip(", ")
    _keep(request, email, topic="report", value=str(report_id), label=label, pace=Pace.NOW)
    url = reverse("reports:report", kwargs={"report_id": report_id})
    return HttpResponseRedirect(f"{url}?danke=gefolgt")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


@transaction.atomic
def _keep(request: HttpRequest, email: str, *, topic: str, value: str, label: str, pace: Pace) -> None:
    """A typed address proves nothing: it is a contact of its own until its owner confirms it."""
    spend("reports.follow", client_address(request), most=MOST_AN_HOUR, per=timedelta(hours=1))
    known = contact_or_new(request) if person_of(request) else None
    contact = known or Contact.objects.create(email=email.lower(), language=get_language() or "de")
    following.follow(contact, topic, value=value, label=label, pace=pace)
    if known is None:
        ask_to_confirm(contact)


@same_origin
def area(request: HttpRequest) -> HttpResponse:
    """The area alert: place, radius, how often."""
    if request.method != "POST":
        place = {"lat": request.GET.get("lat"), "lon": request.GET.get("lon"), "address": request.GET.get("adresse")}
        return _area_page(request, AreaForm(initial=place), done=request.GET.get("danke") == "1")
    form = AreaForm(request.POST)
    form.full_clean()
    wish = _wish(form)
    if wish and not form.cleaned_data.get("email") and person_of(request) is None:
        form.add_error("email", _("Wohin dürfen wir schreiben?"))
    if form.errors or not wish:
        return _area_page(request, form, status=422)
    given = form.cleaned_data
    try:
        _keep(request, given.get("email", ""), **wish, pace=Pace(given["pace"]))
    except BadInput as error:
        form.add_error(None, str(next(iter(error.fields.values()), error)))
        return _area_page(request, form, status=422)
    return HttpResponseRedirect(f"{reverse('reports:area')}?danke=1")


def _wish(form: AreaForm) -> dict[str, str]:
    """Topic, value and label of what shall be followed; nothing, and a fault at the field, when there is no place."""
    point = _point(form)
    given = form.cleaned_data
    if point is None or "radius" not in given:
        return {}
    if given["radius"] != ONLY_STREET:
        value = f"{point[0]:.5f},{point[1]:.5f},{given['radius']}"
        return {"topic": following.AREA, "value": value, "label": given.get("address") or _("Mein Umkreis")}
    address = given.get("address") or locate(*point).address
    if not wishes.street_key(address):
        form.add_error("address", _("Welche Straße meinen Sie? Bitte schreiben Sie ihren Namen."))
        return {}
    return {"topic": wishes.STREET, "value": wishes.street_key(address), "label": wishes.street_in(address)}


def _point(form: AreaForm) -> tuple[float, float] | None:
    """The chosen point, or the one of the address; a fault at the field when there is none in the city."""
    given = form.cleaned_data
    lat, lon = given.get("lat"), given.get("lon")
    if (lat is None or lon is None) and given.get("address"):
        hits = geocoding.search(given["address"], limit=1)
        lat, lon = (hits[0].lat, hits[0].lon) if hits else (None, None)
    if lat is None or lon is None:
        form.add_error("address", _("Diesen Ort kennen wir nicht. Bitte nennen Sie Straße und Hausnummer."))
        return None
    if not locate(lat, lon).inside:
        form.add_error("address", _("Dieser Ort liegt außerhalb der Stadt."))
        return None
    return lat, lon


def _area_page(request: HttpRequest, form: AreaForm, *, done: bool = False, status: int = 200) -> HttpResponse:
    shows = {
        "city": city(),
        "form": form,
        "done": done,
        "is_person": person_of(request) is not None,
        "districts": sorted(district_names().items(), key=lambda pair: pair[1]),
        "groups": [(group.key, pick(group.name)) for group in catalogue().groups.values()],
    }
    slots = {
        "title": _("Meine Gegend verfolgen"),
        "head": render_to_string("reports/_area_head.html", shows),
        "body": render_to_string("reports/_area_body.html", shows),
    }
    return page(request, slots, section=SECTION, status=status)
