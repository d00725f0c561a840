"""Demo reports of the pack: told, worked on and answered as real ones, at moments counted back from today."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stadtkern.core import clock
from stadtkern.core.city import CityPack
from stadtkern.people.models import Organisation, Person
from stadtkern.people.rights import may
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.talking import answer_report, confirm_solution
from stadtkern.reports.domain.workflow import assign_report, hand_over, move_report, stop_clock
from stadtkern.reports.models import Report
from stadtkern.reports.words import Source, Status, next_steps
from stadtkern.threads.domain.conversation import contact_for
from stadtkern.threads.models import Contact

SOURCE = "demo"
WORKING_HOUR = 10


def load_demo(pack: CityPack) -> int:
    """File the demo reports that are not there yet; returns how many were new."""
    told = pack.read("demo.toml")
    people = {row["key"]: Person.objects.filter(email__iexact=row["email"]).first() for row in told.get("person", [])}
    known = set(Report.objects.filter(external_source=SOURCE).values_list("external_id", flat=True))
    fresh = [row for row in told.get("report", []) if row["key"] not in known]
    for row in fresh:
        _Story(row, people, pack).tell()
    return len(fresh)


class _Story:
    """One report from its first word to the citizen's verdict."""

    def __init__(self, row: Mapping[str, Any], people: Mapping[str, Person | None], pack: CityPack) -> None:
        self.row = row
        self.people = people
        self.zone = ZoneInfo(pack.timezone)
        self.last = self._moment(row["days_ago"], row.get("hour", 9))

    def tell(self) -> None:
        with clock.at(self.last):
            report = file_report(self._draft())
        for number, step in enumerate(self.row.get("steps", [])):
            with clock.at(self._after(step["days_ago"], WORKING_HOUR + number)):
                self._step(report.pk, step)
        if verdict := self.row.get("verdict"):
            with clock.at(self._after(verdict["days_ago"], 18)):
                confirm_solution(
                    report.pk, solved=verdict["solved"], words=verdict.get("words", ""), contact=self._contact()
                )
        Report.objects.filter(pk=report.pk).update(support_count=self.row.get("supports", 0))

    def _draft(self) -> Draft:
        names = ("category", "text", "lat", "lon", "address", "answers", "language")
        given = {name: self.row[name] for name in names if name in self.row}
        return Draft(
            **given,
            source=Source.IMPORT if self._contact() is None else Source.WEB,
            filed_at=self.last,
            contact=self._contact(),
            external_source=SOURCE,
            external_id=self.row["key"],
        )

    def _contact(self) -> Contact | None:
        person = self.people.get(self.row.get("reporter", ""))
        return contact_for(person=person) if person else None

    def _step(self, report_id: int, step: Mapping[str, Any]) -> None:
        by = self.people.get(step.get("by", ""))
        owner = Report.objects.get(pk=report_id).owner
        house = _house(step.get("organisation"))
        if house and house.pk != owner.pk:
            hand_over(report_id, to=house, by=by, words=step.get("note") or step["public"])
        self._move(report_id, step, by)

    def _move(self, report_id: int, step: Mapping[str, Any], by: Person | None) -> None:
        to = Status(step["to"])
        report = Report.objects.get(pk=report_id)
        if to == report.status:
            stop_clock(report)
            return
        if by is not None and to not in next_steps(report.kind, report.status):  # nobody "works on" an idea
            answer_report(report_id, text=step["public"], by=by)
            return
        given = {"told": step["public"], "note": step.get("note", ""), "reason": step.get("reason", "")}
        move_report(report_id, to=to, by=by, referred_to=_house(step.get("referral")), **given)
        if by is not None and to in {Status.ASSIGNED, Status.IN_WORK} and may(by, "reports.work", report.owner_id):
            assign_report(report_id, to=by, by=by)

    def _moment(self, days_ago: int, hour: int) -> datetime:
        day = clock.local(clock.now()).date() - timedelta(days=days_ago)
        return min(datetime.combine(day, time(hour, 12), self.zone), clock.now())

    def _after(self, days_ago: int, hour: int) -> datetime:
        """The moment of a step, never before the one that came before it."""
        moment = self._moment(days_ago, min(hour, 20))
        self.last = min(max(moment, self.last + timedelta(minutes=25)), clock.now())
        return self.last


def _house(key: str | None) -> Organisation | None:
    if not key:
        return None
    return next((house for house in catalogue().organisations.values() if house.key == key), None)
