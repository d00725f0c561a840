"""What the desk of reports adds to the house: menu entries and the topic of its clocks."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, Topic, menu, topics
from stadtkern.media.models import Image
from stadtkern.media.reviewers import Reviewer, reviewers
from stadtkern.people.rights import may
from stadtkern.reports.models import Photo

ENTRIES = [
    ("desk.reports", _("Meldungen"), "reports-desk:inbox", "inbox", 10, "reports.read"),
    ("desk.reports.field", _("Unterwegs"), "reports-desk:field", "pin", 12, "reports.work"),
    ("desk.reports.clocks", _("Übergaben"), "reports-desk:clocks", "clock", 14, "reports.figures"),
    ("desk.reports.blocks", _("Textbausteine"), "reports-desk:blocks", "text", 15, "reports.blocks"),
    ("desk.reports.categories", _("Kategorien"), "reports-desk:categories", "lock", 18, "reports.rules"),
    ("desk.reports.rules", _("Wer bekommt was?"), "reports-desk:simulator", "forward", 16, "reports.rules"),
]


def may_review(person: Any, image: Image) -> bool:
    """Whoever may moderate the report may correct what is blurred on its photos."""
    photo = Photo.objects.filter(image=image).select_related("report").first()
    return photo is not None and may(person, "reports.moderate", photo.report.owner_id)


def back_to_report(image: Image) -> str:
    photo = Photo.objects.filter(image=image).first()
    return reverse("reports-desk:report", args=[photo.report_id]) if photo else ""


def register_desk_parts() -> None:
    reviewers.add(Reviewer(key="report", may=may_review, back_url=back_to_report))
    topics.add(Topic(key="reports.clock", label=_("Uhren und Fristen an meinem Arbeitsplatz"), audience="staff"))
    for key, label, url_name, icon, order, action in ENTRIES:
        item = MenuItem(
            key=key, label=label, url_name=url_name, icon=icon, order=order, audience="staff", action=action
        )
        menu.add(item)
