"""Close a category at the desk: with a reason for everybody, and who is in charge instead. The pack keeps its word."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.city import city
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.people.models import Organisation, Person
from stadtkern.reports.domain import catalogue
from stadtkern.reports.models import Category, Closing

LONGEST_REASON = 500


@transaction.atomic
def close_category(key: str, *, reason: Mapping[str, str], by: Person, referral: Organisation | None = None) -> Closing:
    """From now on nothing new is filed under it; what is filed goes on. Closing again changes the words."""
    category = _held(key)
    told = {language: text.strip() for language, text in reason.items() if text.strip()}
    if not told.get("de"):
        raise BadInput(fields={"reason_de": _("Bitte schreiben Sie, warum hier nichts mehr gemeldet werden kann.")})
    if strange := set(told) - set(city().languages):
        raise BadInput(_("Diese Sprache gibt es hier nicht: %(name)s") % {"name": ", ".join(sorted(strange))})
    if any(len(text) > LONGEST_REASON for text in told.values()):
        raise BadInput(_("Bitte fassen Sie sich kürzer (höchstens %(most)s Zeichen).") % {"most": LONGEST_REASON})
    given = {"reason": told, "referral": referral, "by": by}
    closing, _made = Closing.objects.update_or_create(category=category, defaults=given)
    detail = {"reason": told["de"], "referral": referral.key if referral else ""}
    audit.record("reports.category_closed", actor=by, subject=("category", key), detail=detail)
    catalogue.tell_all()
    return closing


@transaction.atomic
def open_category(key: str, *, by: Person) -> None:
    """It is again as the pack says."""
    category = _held(key)
    gone, _kinds = Closing.objects.filter(category=category).delete()
    if gone:
        audit.record("reports.category_opened", actor=by, subject=("category", key))
        catalogue.tell_all()


def _held(key: str) -> Category:
    category = Category.objects.select_for_update().filter(pk=key).first()
    if category is None:
        raise NotFound(_("Diese Kategorie gibt es nicht."))
    return category
