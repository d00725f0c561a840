"""What the desk of reports adds to the house: menu entries and the topic of its clocks."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import MenuItem, Topic, menu, topics

ENTRIES = [
    ("desk.reports", _("Meldungen"), "reports-desk:inbox", "inbox", 10, "reports.read"),
    ("desk.reports.field", _("Unterwegs"), "reports-desk:field", "pin", 12, "reports.work"),
    ("desk.reports.clocks", _("Übergaben"), "reports-desk:clocks", "clock", 14, "reports.figures"),
    ("desk.reports.rules", _("Wer bekommt was?"), "reports-desk:simulator", "forward", 16, "reports.rules"),
]


def register_desk_parts() -> None:
    topics.add(Topic(key="reports.clock", label=_("Uhren und Fristen an meinem Arbeitsplatz"), audience="staff"))
    for key, label, url_name, icon, order, action in ENTRIES:
        item = MenuItem(
            key=key, label=label, url_name=url_name, icon=icon, order=order, audience="staff", action=action
        )
        menu.add(item)
