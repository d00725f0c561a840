"""Text blocks of an organisation: written and switched off at its own desk. Those of the city come with the pack."""

import re
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.problems import BadInput
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import reach, require
from stadtkern.reports.models import CannedAnswer

RIGHT = "reports.blocks"
FACTS = ("{nummer}", "{kategorie}", "{ort}", "{organisation}", "{tage}")
MARK = re.compile(r"\{[^{}\s]*\}")


def own_blocks(person: Person) -> QuerySet[CannedAnswer]:
    """The blocks this person may change, also those that are switched off."""
    mine = reach(person, RIGHT).q("organisation")
    return CannedAnswer.objects.filter(mine, organisation__isnull=False).select_related("organisation")


@transaction.atomic
def keep_block(
    block: CannedAnswer | None,
    *,
    by: Person,
    organisation: Organisation,
    title: str,
    text: str,
    categories: Sequence[str] = (),
    groups: Sequence[str] = (),
    status: Sequence[str] = (),
    is_active: bool = True,
) -> CannedAnswer:
    """Write a new block (None) or change one; raises BadInput for a placeholder nobody fills."""
    require(by, RIGHT, organisation.pk)
    strange = [mark for mark in MARK.findall(text) if mark not in FACTS]
    if strange:
        known = {"strange": ", ".join(strange), "known": ", ".join(FACTS)}
        raise BadInput(fields={"text": _("%(strange)s wird nicht ausgefüllt. Es gibt: %(known)s.") % known})
    found = block or CannedAnswer(key=f"own-{organisation.pk}-{secrets.token_hex(6)}")
    found.organisation = organisation
    found.title, found.text, found.is_active = title.strip(), text.strip(), is_active
    found.categories, found.groups, found.status = list(categories), list(groups), list(status)
    found.save()
    audit.record("reports.block_kept", actor=by, subject=("block", found.pk), detail={"is_active": is_active})
    return found
