"""Values that stay away. A feed that falls silent is seen by the people who own it within an hour.

Every datastream with an interval that has ever been up to date is watched by the one rule of the house, unless it has
a silence rule of its own (a switched-off one says: never). How long is too long: an interval and a bit more, at most
55 minutes more, so that the first missing value is told of within the hour. What was only loaded from old files was
never alive and cannot fall silent. While the hub itself stood still nobody is blamed: the time counts from its return.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import raising, targets
from stadtkern.hub.domain.connection import cursor, here
from stadtkern.hub.models import AlertRule, AlertState

AT_ONCE = 1_000
# The last time something new was measured and had come. A clock that runs ahead does not make a feed alive.
LAST = "least(coalesce(l.last_end, l.phenomenon_start), l.received_at)"
ALLOWED = """make_interval(secs => coalesce(r.seconds,
    d.interval_seconds + least(greatest(2 * d.interval_seconds, 600), 3300)))"""
OWN_RULE = """exists (select 1 from hub_alertstate s2 join hub_alertrule r2 on r2.id = s2.rule_id
    where s2.datastream_id = d.id and r2.kind = 'silence' and not r2.is_default
      and (not s2.is_old or not r2.is_active))"""
WATCH = f"""
insert into hub_alertstate (rule_id, datastream_id, state, is_old)
select r.id, d.id, 'quiet', false
from hub_alertrule r cross join hub_datastream d join hub_latest l on l.datastream_id = d.id
where r.id = %(rule)s and d.interval_seconds is not null and {LAST} > %(now)s - {ALLOWED}
  and not exists (select 1 from hub_alertstate s where s.rule_id = r.id and s.datastream_id = d.id)
  and not {OWN_RULE}
on conflict do nothing
"""  # noqa: S608  constants
MISFITS = f"""
select s.id from hub_alertstate s join hub_datastream d on d.id = s.datastream_id
where s.rule_id = %(rule)s and s.is_old <> (d.interval_seconds is null or {OWN_RULE})
"""  # noqa: S608  constants
CHANGED = f"""
select s.id, coalesce({LAST}, r.created_at)
from hub_alertstate s
join hub_alertrule r on r.id = s.rule_id
join hub_datastream d on d.id = s.datastream_id
join hub_latest l on l.datastream_id = s.datastream_id
where r.kind = 'silence' and r.is_active and not s.is_old and case
    when s.state in ('raised', 'acknowledged') then {LAST} > %(now)s - {ALLOWED}
    else greatest(coalesce({LAST}, r.created_at), %(running_since)s) < %(now)s - {ALLOWED}
end
order by s.id limit {AT_ONCE} for update of s skip locked
"""  # noqa: S608  constants


def default_rule() -> AlertRule:
    """The one rule of the house; made when it is first needed."""
    found = AlertRule.objects.filter(is_default=True).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return AlertRule.objects.create(is_default=True, kind=AlertRule.Kind.SILENCE, name="silence")
    except IntegrityError:  # another worker made it just now
        return AlertRule.objects.get(is_default=True)


@transaction.atomic
def watch() -> None:
    """Watch what is alive and has no rule of its own."""
    rule = default_rule()
    asked = {"rule": rule.pk, "now": clock.now()}
    cursor(here()).execute(WATCH, asked)
    ids = [row[0] for row in cursor(here()).execute(MISFITS, asked).fetchall()]
    states = list(AlertState.objects.filter(pk__in=ids).select_for_update())
    back = [state.pk for state in states if state.is_old]
    targets.drop([state for state in states if not state.is_old])
    AlertState.objects.filter(pk__in=back).update(is_old=False)


def look(running_since: datetime) -> set[int]:
    """Find what fell silent and what is back; returns the rules of which there is news."""
    news: set[int] = set()
    while rules := _look_at_some(running_since):
        news |= rules
    return news


@transaction.atomic
def _look_at_some(running_since: datetime) -> set[int]:
    asked = {"now": clock.now(), "running_since": running_since}
    last = dict(cursor(here()).execute(CHANGED, asked).fetchall())
    states = list(AlertState.objects.filter(pk__in=last).select_related("rule").order_by("pk"))
    for state in states:
        standing = raising.standing_of(state)
        told = standing.silent(state.state not in raising.OPEN, last[state.pk])
        raising.take(state, standing, told, value=None)
    raising.save(states)
    return {state.rule_id for state in states}
