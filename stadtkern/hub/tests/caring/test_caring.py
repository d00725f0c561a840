"""People who look after trees: adopting, watering, being told once when a tree is dry, and being forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stadtkern.core import clock
from stadtkern.core.problems import BadInput, NotAllowed, TooMany
from stadtkern.hub.domain import caring, caring_privacy
from stadtkern.hub.domain.thirst import AGAIN_AFTER, judge_all, thirsty_since
from stadtkern.hub.models import Latest, Thing, Watering
from stadtkern.hub.tests.caring.conftest import JULY, seen
from stadtkern.hub.tests.cast import measured, thing
from stadtkern.hub.words import Flag, Visibility
from stadtkern.people.domain.erasing import erase_person
from stadtkern.threads.domain.conversation import contact_for, device_contact
from stadtkern.threads.models import Contact, Notification

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(contact: Contact) -> int:
    return Notification.objects.filter(contact=contact, topic="hub.tree").count()


class TestAdopting:
    def test_who_has_adopted_a_tree_cares_for_it_until_they_give_it_up(self, linden: Thing, carer: Contact) -> None:
        assert caring.is_carer(carer, linden.pk)
        assert caring.adopted_by(carer) == [linden.pk]
        assert caring.care_of([linden.pk])[linden.pk].carers == 1
        assert caring.give_up(carer, linden.pk)
        assert not caring.give_up(carer, linden.pk)
        assert caring.care_of([linden.pk])[linden.pk].carers == 0
        assert caring.cared_for() == []

    def test_adopting_twice_is_one_adoption(self, linden: Thing, carer: Contact) -> None:
        caring.adopt(carer, seen(linden))
        assert caring.care_of([linden.pk])[linden.pk].carers == 1

    def test_a_tree_without_a_sensor_cannot_call_and_is_not_adopted(self, city: Any) -> None:
        bare = thing(name="Eiche", properties={"kind": "tree"})
        with pytest.raises(BadInput):
            caring.adopt(device_contact(language="de"), seen(bare))

    def test_an_address_nobody_has_confirmed_does_not_count(self, linden: Thing) -> None:
        caring.adopt(Contact.objects.create(email="vera@stadtkern.example", language="de"), seen(linden))
        assert caring.care_of([linden.pk])[linden.pk].carers == 0


class TestWatering:
    def test_it_is_noted_and_seen_by_all(self, linden: Thing, carer: Contact) -> None:
        caring.water(carer, linden.pk, now=JULY)
        assert caring.waterings_of(linden.pk, since=JULY - HOUR) == [JULY]
        assert caring.care_of([linden.pk])[linden.pk].watered_at == JULY

    def test_again_only_after_six_hours(self, linden: Thing, carer: Contact) -> None:
        caring.water(carer, linden.pk, now=JULY)
        with pytest.raises(TooMany) as refused:
            caring.water(carer, linden.pk, now=JULY + 4 * HOUR)
        assert refused.value.retry_after == 2 * 3600
        caring.water(carer, linden.pk, now=JULY + 6 * HOUR)
        assert Watering.objects.count() == 2

    def test_only_carers_can_say_so(self, linden: Thing) -> None:
        for stranger in (None, device_contact(language="de")):
            with pytest.raises(NotAllowed):
                caring.water(stranger, linden.pk)


class TestThirst:
    def test_carers_of_a_dry_tree_are_told_once(self, linden: Thing, carer: Contact) -> None:
        measured(linden, 42, JULY)
        assert judge_all(now=JULY) == 1
        assert judge_all(now=JULY + timedelta(minutes=10)) == 0
        notice = Notification.objects.get(contact=carer)
        assert "Linde 1" in notice.title
        assert "42 %" in notice.body
        assert notice.url == f"/daten/vor-ort/{linden.pk}/"
        assert thirsty_since([linden.pk]) == {linden.pk: JULY}

    def test_between_the_limits_nothing_changes(self, linden: Thing, carer: Contact) -> None:
        for hour, percent in enumerate((42, 55, 49, 55)):
            measured(linden, percent, JULY + hour * HOUR)
            judge_all(now=JULY + hour * HOUR)
        assert told(carer) == 1

    def test_well_again_and_dry_again_is_told_again(self, linden: Thing, carer: Contact) -> None:
        for hour, percent in enumerate((42, 65, 49)):
            measured(linden, percent, JULY + hour * HOUR)
            judge_all(now=JULY + hour * HOUR)
        assert told(carer) == 2

    def test_who_has_not_watered_for_days_is_reminded(self, linden: Thing, carer: Contact) -> None:
        measured(linden, 42, JULY)
        judge_all(now=JULY)
        later = JULY + AGAIN_AFTER
        measured(linden, 38, later)
        assert judge_all(now=later) == 1

    def test_a_watering_puts_the_reminder_off(self, linden: Thing, carer: Contact) -> None:
        measured(linden, 42, JULY)
        judge_all(now=JULY)
        caring.water(carer, linden.pk, now=JULY + 48 * HOUR)
        later = JULY + AGAIN_AFTER
        measured(linden, 38, later)
        assert judge_all(now=later) == 0

    def test_nobody_is_woken(self, linden: Thing, carer: Contact) -> None:
        night = JULY.replace(hour=1)
        measured(linden, 42, night)
        assert judge_all(now=night) == 0
        assert judge_all(now=night + 5 * HOUR) == 1

    def test_a_value_that_is_too_old_or_bad_says_nothing(self, linden: Thing, carer: Contact) -> None:
        measured(linden, 42, JULY)
        assert judge_all(now=JULY + 7 * HOUR) == 0
        Latest.objects.filter(datastream__thing=linden).update(flags=int(Flag.BAD))
        assert judge_all(now=JULY) == 0

    def test_in_winter_trees_rest(self, linden: Thing, carer: Contact) -> None:
        winter = datetime(2026, 1, 20, 11, tzinfo=UTC)
        measured(linden, 42, winter)
        assert judge_all(now=winter) == 0

    def test_a_tree_that_is_not_public_any_more_tells_nobody(self, linden: Thing, carer: Contact) -> None:
        measured(linden, 42, JULY)
        Thing.objects.filter(pk=linden.pk).update(visibility=Visibility.ORGANISATION)
        assert judge_all(now=JULY) == 0

    def test_a_tree_that_nobody_has_adopted_is_not_judged(self, linden: Thing) -> None:
        measured(linden, 42, JULY)
        assert judge_all(now=JULY) == 0


class TestForgetting:
    def test_after_a_while_nobody_knows_who_watered(self, linden: Thing, carer: Contact) -> None:
        caring.water(carer, linden.pk, now=JULY)
        assert caring_privacy.forget_carers(JULY + HOUR) == 1
        assert Watering.objects.get().contact is None
        assert caring.waterings_of(linden.pk, since=JULY - HOUR) == [JULY]

    def test_an_account_takes_its_waterings_along_and_then_goes(self, linden: Thing, aylin: Any) -> None:
        contact = contact_for(person=aylin)
        caring.adopt(contact, seen(linden))
        caring.water(contact, linden.pk, now=JULY)
        assert [row["tree"] for row in caring_privacy.export_of(aylin.pk)] == ["Linde 1"]
        erase_person(aylin)
        assert Watering.objects.get().contact is None
        assert caring.cared_for() == []


class TestThePage:
    def test_of_a_dry_tree_it_says_what_to_do_and_how_old_the_value_is(self, visitor: Any, linden: Thing) -> None:
        measured(linden, 42, JULY)
        with clock.at(JULY + HOUR):
            page = visitor.get(f"/daten/vor-ort/{linden.pk}/").content.decode()
        assert "42" in page
        assert "60 bis 100 Liter" in page
        assert "gemessen " in page

    def test_of_a_value_that_is_too_old_nothing_is_said(self, visitor: Any, linden: Thing) -> None:
        measured(linden, 42, JULY)
        Latest.objects.filter(datastream__thing=linden).update(received_at=JULY)  # it came when it was measured
        with clock.at(JULY + timedelta(days=2)):
            page = visitor.get(f"/daten/vor-ort/{linden.pk}/").content.decode()
        assert "60 bis 100 Liter, langsam" not in page
        assert "Der Fühler meldet sich nicht" in page
