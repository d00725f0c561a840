"""From a dry value to a message: the clock tells everybody who has adopted the tree, once, in their own way."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain import caring
from stadtkern.hub.domain.thirst import look_after_trees
from stadtkern.hub.models import Thing
from stadtkern.hub.tests.caring.conftest import JULY
from stadtkern.hub.tests.cast import measured
from stadtkern.threads.models import Contact, Notification, PushSubscription
from stadtkern.threads.tests.servers import Browser, PushService, push_service

pytestmark = pytest.mark.django_db
Turn = Callable[[float], None]
HOUR = timedelta(hours=1)


@pytest.fixture
def summer() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(JULY, tick=False) as clock:
        yield clock


@pytest.fixture
def turn(linden: Thing, summer: time_machine.Traveller, run_jobs: Callable[..., int]) -> Turn:
    """An hour later the sensor says so much; the job of the clock looks at it twice."""

    def go_on(percent: float) -> None:
        summer.shift(HOUR)
        measured(linden, percent, timezone.now())
        for _ in range(2):
            look_after_trees.defer(timestamp=int(timezone.now().timestamp()))  # type: ignore[attr-defined]
            run_jobs()

    return go_on


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8")]
    with push_service() as made:
        yield made


def told(contact: Contact) -> list[str]:
    return list(Notification.objects.filter(contact=contact, topic="hub.tree").values_list("title", flat=True))


def adopted_by_mail(tree: Thing, address: str, run_jobs: Callable[..., int]) -> Contact:
    """As the link "Lieber per E-Mail" of the tree's page leads: the form, the mail, the button behind its link."""
    visitor = Visitor()
    page = visitor.get(f"/daten/vor-ort/{tree.pk}/").content.decode()
    assert f"/mitteilungen/folgen/?topic=tree&amp;value={tree.pk}" in page
    given = {"topic": "tree", "value": tree.pk, "label": f"Baum: {tree.name}", "pace": "now", "email": address}
    assert visitor.post("/mitteilungen/folgen/", given).status_code == 302
    run_jobs()
    letter = mail.outbox.pop()
    link = re.search(r"/mitteilungen/bestaetigen/\S+/", str(letter.body))
    assert link is not None
    assert f"Baum: {tree.name}" in visitor.get(link[0]).content.decode()
    assert visitor.post(link[0]).status_code == 302
    run_jobs()
    assert mail.outbox == []
    return Contact.objects.get(email=address, merged_into=None)


def test_a_push_comes_once_and_again_only_after_the_tree_was_well(
    linden: Thing, carer: Contact, turn: Turn, service: PushService
) -> None:
    browser = Browser()
    PushSubscription.objects.create(
        contact=carer, endpoint=f"{service.url}/one", p256dh=browser.p256dh, auth=browser.auth
    )
    for percent, pushes in [(65, 0), (42, 1), (41, 1), (55, 1), (49, 1), (61, 1), (48, 2), (47, 2)]:
        turn(percent)
        assert (len(service.requests), len(told(carer))) == (pushes, pushes), f"at {percent} %"
    message = browser.read(service.requests[0][2])
    assert message == {"title": "Linde 1 hat Durst", "url": f"/daten/vor-ort/{linden.pk}/"}


def test_who_adopted_by_mail_gets_a_mail_and_the_device_beside_keeps_its_own(
    linden: Thing, carer: Contact, turn: Turn, run_jobs: Callable[..., int]
) -> None:
    vera = adopted_by_mail(linden, "vera@stadtkern.example", run_jobs)
    assert caring.care_of([linden.pk])[linden.pk].carers == 2
    for percent, letters in [(65, 0), (42, 1), (41, 1), (61, 1), (48, 2)]:
        turn(percent)
        assert len(mail.outbox) == letters, f"at {percent} %"
        assert len(told(vera)) == len(told(carer)) == letters
    letter = mail.outbox[0]
    assert (letter.to, letter.subject) == (["vera@stadtkern.example"], "Linde 1 hat Durst")
    assert "42 %" in str(letter.body)
    assert f"/daten/vor-ort/{linden.pk}/" in str(letter.body)


def test_an_address_that_nobody_has_confirmed_gets_no_letter(
    linden: Thing, turn: Turn, run_jobs: Callable[..., int]
) -> None:
    given = {"topic": "tree", "value": linden.pk, "email": "vera@stadtkern.example"}
    Visitor().post("/mitteilungen/folgen/", given)
    run_jobs()
    assert [letter.subject for letter in mail.outbox if "Durst" in letter.subject] == []
    mail.outbox.clear()
    turn(42)
    assert mail.outbox == []


def test_who_has_given_it_up_hears_nothing_more(linden: Thing, carer: Contact, turn: Turn) -> None:
    turn(42)
    caring.give_up(carer, linden.pk)
    turn(65)
    turn(42)
    assert len(told(carer)) == 1


@pytest.mark.parametrize("value", ["²", "٣", "-1", "9" * 80, "Linde", "", "00"])
def test_a_wish_that_names_no_tree_holds_up_nobody(visitor: Visitor, carer: Contact, turn: Turn, value: str) -> None:
    """The form for wishes is open to everybody and takes any text."""
    assert visitor.post("/mitteilungen/folgen/", {"topic": "tree", "value": value}).status_code == 302
    turn(42)
    assert len(told(carer)) == 1
    assert visitor.get("/daten/giesspatenschaft/").status_code == 200
