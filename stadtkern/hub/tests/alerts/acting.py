"""What the tests of alerts do again and again."""

from datetime import datetime
from typing import Any

from stadtkern.core import clock
from stadtkern.hub.domain.alerts import clock as alerts_clock
from stadtkern.hub.domain.alerts import judging
from stadtkern.hub.domain.alerts.rules import keep_alert_rule
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import record
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.models import AlertRule, Datastream, Latest
from stadtkern.hub.tests.quality.values import moment
from stadtkern.people.models import Person
from stadtkern.threads.models import Notification


def rule_for(stream: Datastream, by: Person, *, made: float = 0, **wishes: Any) -> AlertRule:
    usual = {"name": "Hoch", "kind": "threshold", "datastream_id": stream.pk}
    if wishes.get("kind") != "silence":
        usual["threshold"] = 10.0
    with clock.at(moment(made)):
        return keep_alert_rule(None, by=by, **(usual | wishes))[0]


def bring(stream: Datastream, minutes: float, number: float | None, *, flags: int = 0) -> None:
    """A value is measured and comes, so many minutes after noon."""
    sample = Sample(datastream_id=stream.pk, phenomenon_start=moment(minutes), number=number, flags=flags)
    with clock.at(moment(minutes)), writing() as connection:
        record(connection, [sample])
    Latest.objects.filter(pk=stream.pk).update(received_at=moment(minutes))


def judge(minutes: float) -> None:
    """The job that a value has put on its way is done at this minute."""
    with clock.at(moment(minutes)):
        judging.judge_due.func()


def value(stream: Datastream, minutes: float, number: float | None, **more: Any) -> None:
    bring(stream, minutes, number, **more)
    judge(minutes)


def turn(at: float | datetime) -> None:
    """The clock of the alerts goes."""
    with clock.at(at if isinstance(at, datetime) else moment(at)):
        alerts_clock.turn.func(timestamp=0)


def turns(start: float, end: float, step: float = 1) -> None:
    minutes = start
    while minutes <= end:
        turn(minutes)
        minutes += step


def told(person: Person) -> list[str]:
    """The titles of all messages to a person, oldest first."""
    rows = Notification.objects.filter(contact__person=person).order_by("pk")
    return list(rows.values_list("title", flat=True))
