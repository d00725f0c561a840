"""Which datastreams a rule reaches: its subject, as far as the person whose rule it is may read it now."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import raising
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.domain.watched import mark
from stadtkern.hub.models import AlertDue, AlertRule, AlertState, Latest

MOST = 5_000
MOMENT = timedelta(microseconds=1)
REACHED = """
select d.id from hub_datastream d
where (d.id = %(datastream)s or d.thing_id = %(thing)s or d.observed_property_id = %(property)s) and {sees}
order by d.id limit %(most)s
"""


@transaction.atomic
def refresh(rule: AlertRule) -> None:
    """New datastreams of the subject are watched; those that are gone or out of reach are not any more.

    The states of a rule that is switched off are old, but there: a silence rule then says that nobody need watch.
    """
    wanted = reached(rule)
    held = AlertState.objects.filter(rule=rule).select_for_update().order_by("datastream_id", "pk")  # as who judges
    states = {state.datastream_id: state for state in held}
    new = wanted - states.keys()
    watched = wanted if rule.is_active else set()
    back = {id for id in watched & states.keys() if states[id].is_old}
    gone = [id for id in states.keys() - watched if not states[id].is_old]
    _begin(rule, new | back)
    drop([states[id] for id in gone])
    mark({*new, *back, *gone})


def _begin(rule: AlertRule, datastream_ids: Iterable[int]) -> None:
    """The newest value there is now is the first that counts, also where the rule comes back; it is judged soon."""
    now = clock.now()
    newest = dict(Latest.objects.filter(pk__in=datastream_ids).values_list("pk", "phenomenon_start"))
    rows = [
        AlertState(rule=rule, datastream_id=id, is_old=not rule.is_active, seen_until=_before(newest.get(id), now))
        for id in sorted(datastream_ids)
    ]
    AlertState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["rule", "datastream"], update_fields=["is_old", "seen_until"]
    )
    AlertDue.objects.bulk_create(AlertDue(datastream_id=row.datastream_id) for row in rows)


def _before(newest: datetime | None, now: datetime) -> datetime | None:
    return min(newest, now) - MOMENT if newest is not None else None


def reached(rule: AlertRule) -> set[int]:
    """The datastreams that the rule's person may read; at most MOST."""
    reader = reader_of(rule.person)
    asked = {
        "datastream": rule.datastream_id,
        "thing": rule.thing_id,
        "property": rule.observed_property_id,
        "most": MOST,
        **reader.parameters,
    }
    statement = REACHED.format(sees=reader.sees_datastream("d"))
    return {row[0] for row in cursor(here()).execute(statement, asked).fetchall()}


def drop(states: Iterable[AlertState]) -> None:
    """Watched no longer; what was raised is over without a word."""
    for state in states:
        raising.end(state, quietly=True)
        state.is_old, state.state, state.pending_since = True, AlertState.State.QUIET, None
        state.save(update_fields=["is_old", "state", "pending_since"])


def refresh_all() -> None:
    """Rights, contracts and datastreams change: every active rule of a person is looked at again."""
    for rule in AlertRule.objects.filter(is_default=False, is_active=True).select_related("person").order_by("pk"):
        refresh(rule)
