"""A connector that brings nothing new: the stewards of its organisation hear of it once, and when it is back."""

from datetime import datetime

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import wording
from stadtkern.hub.domain.alerts.recipients import stewards_of
from stadtkern.hub.domain.alerts.telling import TOPIC
from stadtkern.hub.models import Connector
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.domain.notifying import notify

PAGE = "/desk/daten/quellen/"


def tell_silent(*, connector_id: int, organisation_id: int | None, since: str) -> int:
    """Returns how many people were told for the first time."""
    connector = Connector.objects.filter(pk=connector_id).first()
    if connector is None:
        return 0
    return notify(
        topic=TOPIC,
        happening=f"hub-feed:{connector_id}:silent:{since}",
        title=wording.in_each_language(lambda: _("Quelle schweigt: %(name)s") % {"name": connector.name}),
        body=wording.in_each_language(
            lambda: _("Seit %(since)s kam nichts Neues. Die Lücke kann später gefüllt werden.") % {"since": _at(since)}
        ),
        url=f"{PAGE}{connector_id}/",
        to=[contact_for(person=person) for person in stewards_of(organisation_id)],
    )


def tell_back(*, connector_id: int) -> int:
    connector = Connector.objects.filter(pk=connector_id).first()
    if connector is None:
        return 0
    return notify(
        topic=TOPIC,
        happening=f"hub-feed:{connector_id}:back:{clock.now():%Y%m%d%H%M}",
        title=wording.in_each_language(lambda: _("Quelle liefert wieder: %(name)s") % {"name": connector.name}),
        url=f"{PAGE}{connector_id}/",
        to=[contact_for(person=person) for person in stewards_of(connector.organisation_id)],
    )


def _at(since: str) -> str:
    return wording.at_clock(datetime.fromisoformat(since)) if since else "–"
