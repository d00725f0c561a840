"""The filing form as read from a request, and as a page: one form in three steps.

Without JavaScript each step is a page of its own and the address carries what was chosen; with it the same page
shows one step after the other, also without a network.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core import signing
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.problems import BadInput
from stadtkern.places.domain import geocoding
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.filing import Draft, check
from stadtkern.reports.models import Category, Group, Photo
from stadtkern.reports.web import assets, linked, phone, wording
from stadtkern.reports.web.forms import FilingForm, QuestionsForm, most_photos
from stadtkern.reports.web.fragments import Shelf
from stadtkern.reports.words import Kind, Source

STEP_OF = {"lat": 1, "lon": 1, "address": 1, "place_note": 1, "asset": 1, "category": 2}
KEPT_SALT, STARTED_SALT = "reports.photos", "reports.started"
KEPT_SECONDS = 24 * 3600
LEAST_SECONDS = 2.0
FIELD_OF_FAULT = {"place": "address", "filed_at": "text"}
_details: Shelf[SafeString] = Shelf(24)


@dataclass
class Filled:
    """What a request says: the bound forms and what is wrong with them."""

    kind: str
    form: FilingForm
    questions: QuestionsForm | None = None
    hits: list[geocoding.Hit] = field(default_factory=list)
    kiosk: bool = False
    by_phone: bool = False

    @property
    def address(self) -> str:
        """Where the form stands: on everybody's page or on the kiosk's."""
        return reverse("reports:kiosk" if self.kiosk else "reports:file")

    @property
    def category(self) -> Category | None:
        return catalogue().categories.get(str(self.form["category"].value() or ""))

    def first_wrong_step(self) -> int:
        """The earliest step with a fault; 4 when there is none."""
        steps = [STEP_OF.get(name, 3) for name in self.form.errors]
        return min(steps, default=3 if self.questions and self.questions.errors else 4)

    def add_faults(self, faults: dict[str, Any]) -> None:
        """Show the domain's faults at their fields."""
        for name, reason in faults.items():
            if name.startswith("answers."):
                if self.questions and name in self.questions.fields and not self.questions.has_error(name):
                    self.questions.add_error(name, str(reason))
                continue
            shown = FIELD_OF_FAULT.get(name, name)
            self.form.add_error(shown if shown in self.form.fields else None, str(reason))

    def keep_only(self, before: int) -> None:
        """Forget faults of this step and later ones: nobody is told of a field they have not seen."""
        for name in [name for name in self.form.errors if STEP_OF.get(name, 3) >= before]:
            del self.form.errors[name]


def kind_of(request: HttpRequest) -> str:
    asked = request.POST.get("art") or request.GET.get("art") or ""
    return asked if asked in Kind.values else Kind.DEFECT


def read(request: HttpRequest, data: Any, files: Any = None) -> Filled:
    """Bind the forms; an address without a point is looked up."""
    kind = kind_of(request)
    data = assets.with_their_place(data)
    at_kiosk = request.path.startswith(reverse("reports:kiosk"))
    by_phone = not at_kiosk and phone.is_by_phone(request)
    form = (phone.PhoneForm if by_phone else FilingForm)(data, files, kind=kind)
    form.full_clean()
    filled = Filled(kind, form, kiosk=at_kiosk, by_phone=by_phone)
    filled.add_faults(assets.identify(form.cleaned_data))
    category = filled.category
    if category is not None and category.questions:
        sent = request.method == "POST"  # on the way through the steps nothing is judged before it was seen
        filled.questions = QuestionsForm(category, data) if sent else QuestionsForm(category, initial=data)
        filled.questions.full_clean()
    _look_up(filled)
    return filled


def _look_up(filled: Filled) -> None:
    given = filled.form.cleaned_data
    if given.get("lat") is not None and given.get("lon") is not None:
        return
    given["lat"] = given["lon"] = None
    if address := given.get("address"):
        filled.hits = geocoding.search(address, limit=5)
        if len(filled.hits) == 1:
            given["lat"], given["lon"] = filled.hits[0].lat, filled.hits[0].lon


def draft_of(filled: Filled, request: HttpRequest) -> Draft:
    """The draft without its photos and its contact. A remembered point that was never on the map is the first hit's."""
    given = filled.form.cleaned_data
    lat, lon = given.get("lat"), given.get("lon")
    if lat is None and filled.hits:
        lat, lon = filled.hits[0].lat, filled.hits[0].lon
    late = request.headers.get("X-Requested-With") == "outbox"
    return Draft(
        category=given.get("category", ""),
        text=given.get("text", ""),
        lat=lat,
        lon=lon,
        address=given.get("address", ""),
        place_note=given.get("place_note", ""),
        asset_id=given.get("asset_id", ""),
        answers=filled.questions.answers() if filled.questions else {},
        source=Source.PHONE if filled.by_phone else Source.OFFLINE if late else Source.WEB,
        by=request.user if filled.by_phone else None,
        language=get_language() or "de",
        filed_at=_moment(given.get("filed_at", "")) if late else None,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def prove(filled: Filled, draft: Draft, *, photos: int) -> bool:
    """Let the domain judge; its faults stand at the fields."""
    if photos > most_photos():
        filled.form.add_error("photos", _("Bitte wählen Sie höchstens %(most)s Fotos.") % {"most": most_photos()})
    try:
        check(replace(draft, photos=(uuid4(),) * photos))
    except BadInput as error:
        filled.add_faults({name: why for name, why in error.fields.items() if not filled.form.has_error(name)})
    return filled.first_wrong_step() == 4


def prove_place(filled: Filled, draft: Draft) -> None:
    """Judge the place alone, before a category is chosen: that of any category of the kind will do."""
    some = next((one.key for one in catalogue().categories.values() if one.kind == filled.kind and one.is_active), "")
    try:
        check(replace(draft, category=some, text=draft.text or "-"))
    except BadInput as error:
        filled.add_faults({name: why for name, why in error.fields.items() if name == "place"})


def is_hasty(filled: Filled) -> bool:
    """Nobody reads and fills in a form within two seconds; a missing stamp counts the same."""
    try:
        stamp = signing.loads(str(filled.form["started"].value() or ""), salt=STARTED_SALT)
    except signing.BadSignature:
        return True
    return timezone.now().timestamp() - float(stamp) < LEAST_SECONDS


def kept_photos(text: str) -> list[str]:
    """Photos that came with an earlier, refused sending of the same form and belong to no report yet."""
    if not text:
        return []
    try:
        ids = signing.loads(text, salt=KEPT_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return []
    used = {str(id) for id in Photo.objects.filter(image_id__in=ids).values_list("image_id", flat=True)}
    return [id for id in ids if id not in used]


def sign_photos(ids: list[str]) -> str:
    return signing.dumps(ids, salt=KEPT_SALT) if ids else ""


def render(filled: Filled, *, step: int, kept: list[str], words: str = "", signed_in: bool = False) -> dict[str, str]:
    """The slots of the page. Every page has a key of its own, with which its form is filed once."""
    shows = {
        "filled": filled,
        "here": filled.address,
        "form": filled.form,
        "kind": filled.kind,
        "kinds": _kinds(filled.kind),
        "step": step,
        "near_assets": assets.nearest(filled.form.cleaned_data) if step == 1 else [],
        "knows_assets": assets.are_known(),
        "asset_questions": assets.questions(),
        "steps": _steps(step, filled.kind),
        "groups": _groups(filled.kind),
        "chosen": filled.category,
        "alert": _alert(filled.category),
        "details": _questions(filled.questions),
        "every_details": _every_details(filled.kind),
        "started": signing.dumps(timezone.now().timestamp(), salt=STARTED_SALT),
        "key": secrets.token_urlsafe(18),
        "kept": kept,
        "kept_signed": sign_photos(kept),
        "most_photos": most_photos(),
        "words": words,
        "signed_in": signed_in,
        "intro": pick(city().read("texts.toml").get("reports", {}).get("intro", {})),
        "city": city(),
    }
    return {
        "title": _("Melden"),
        "description": _("Melden Sie der Stadt, was nicht stimmt, was besser geht und was Ihnen gefällt."),
        "links": linked.of_service(),
        "head": render_to_string("reports/_file_head.html", shows),
        "body": render_to_string("reports/_file_body.html", shows),
    }


def _kinds(chosen: str) -> list[dict[str, Any]]:
    words = {
        Kind.DEFECT: (_("Etwas stimmt nicht"), _("Mangel")),
        Kind.IDEA: (_("Ich habe eine Idee"), _("Idee")),
        Kind.PRAISE: (_("Das ist gut"), _("Lob")),
    }
    return [
        {"key": kind, "label": long, "short": short, "icon": wording.KIND_ICONS[kind], "on": kind == chosen}
        for kind, (long, short) in words.items()
    ]


def _steps(step: int, kind: str) -> list[dict[str, str]]:
    names = (_("Ort"), _("Worum geht es?"), _("Beschreiben"))
    states = ("done" if place < step else "now" if place == step else "next" for place in (1, 2, 3))
    return [{"label": name, "state": state} for name, state in zip(names, states, strict=True)]


def _groups(kind: str) -> list[tuple[Group, str, list[Category]]]:
    """Groups with their categories of this kind: open ones first, closed ones with their reason."""
    book = catalogue()
    made = []
    for group in book.groups.values():
        some = [category for category in book.of_group(group.key) if category.kind == kind]
        shown = [category for category in some if category.is_active or category.closed_reason]
        if shown:
            shown.sort(key=lambda category: not category.is_active)
            made.append((group, wording.group_icon(group.icon), shown))
    return made


def _every_details(kind: str) -> SafeString:
    """The questions and hints of all categories, for the page without a network; drawn once per language."""
    some = [one for one in catalogue().categories.values() if one.kind == kind and one.is_active]
    known = json.dumps([[one.key, one.questions, one.emergency, one.hint] for one in some], sort_keys=True)
    key = (hashlib.md5(known.encode(), usedforsecurity=False).hexdigest(), get_language())
    return _details.get(key, lambda: mark_safe("".join(_template(category) for category in some)))


def _template(category: Category) -> str:
    form = QuestionsForm(category, auto_id=f"id_{category.key}_%s") if category.questions else None
    return f'<template data-kind="{category.key}">{_alert(category)}{_questions(form)}</template>'


def _alert(category: Category | None) -> str:
    """When to call 112 instead."""
    if category is None or not category.emergency:
        return ""
    texts = city().read("texts.toml").get("emergency", {})
    emergency = pick(texts.get(category.emergency, {"de": ""}))
    return render_to_string("reports/_kind_alert.html", {"emergency": emergency}).strip()


def _questions(form: QuestionsForm | None) -> str:
    return render_to_string("reports/_kind_details.html", {"questions": form}).strip() if form else ""
