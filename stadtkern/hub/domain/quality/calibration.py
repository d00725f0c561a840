"""When an instrument was cared for: periods that stand beside the values of their time."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from stadtkern.core import audit
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.hub.models import CalibrationPeriod, Datastream
from stadtkern.hub.rights import MANAGE
from stadtkern.people.models import Person
from stadtkern.people.rights import require


@transaction.atomic
def note_calibration(
    datastream: Datastream, *, since: datetime, until: datetime | None, note: str, who: str = "", by: Person
) -> CalibrationPeriod:
    """Write down a period; without `until` it goes on. Raises BadInput, NotAllowed."""
    require(by, MANAGE, datastream.organisation_id or 0)
    if until is not None and until < since:
        raise BadInput(fields={"until": _("Das Ende liegt vor dem Anfang.")})
    period = CalibrationPeriod.objects.create(datastream=datastream, since=since, until=until, note=note, who=who)
    audit.record("hub.calibration_noted", actor=by, subject=("datastream", datastream.pk), detail={"id": period.pk})
    return period


@transaction.atomic
def forget_calibration(period_id: int, *, by: Person) -> None:
    period = CalibrationPeriod.objects.select_related("datastream").filter(pk=period_id).first()
    if period is None:
        raise NotFound
    require(by, MANAGE, period.datastream.organisation_id or 0)
    audit.record("hub.calibration_forgotten", actor=by, subject=("datastream", period.datastream_id))
    period.delete()


def calibrations(datastream_id: int, *, since: datetime, until: datetime) -> QuerySet[CalibrationPeriod]:
    """The periods that touch this time, oldest first; for who may read the datastream."""
    touching = Q(since__lt=until) & (Q(until=None) | Q(until__gte=since))
    return CalibrationPeriod.objects.filter(touching, datastream=datastream_id).order_by("since", "pk")
