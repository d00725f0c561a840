"""Text blocks of an organisation: kept by itself, seen by nobody else."""

import re

import pytest

from stadtkern.core.models import AuditEntry
from stadtkern.people.models import Organisation
from stadtkern.reports.models import CannedAnswer
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import INBOX
from stadtkern.reports.web.desk_blocks import blocks_for

pytestmark = pytest.mark.django_db
BLOCKS = f"{INBOX}bausteine/"


def typed(**given):
    house = Organisation.objects.get(key="tiefbauamt")
    plain = {
        "title": "Absperrung steht",
        "text": "Zu {nummer}: abgesperrt.",
        "organisation": house.pk,
        "is_active": "on",
    }
    return plain | given


def test_write_one_change_it_switch_it_off(visitor, bernd):
    desk = visitor.signed_in(bernd)
    assert desk.post(f"{BLOCKS}neu/", typed(status=["received"])).status_code == 302
    block = CannedAnswer.objects.get(title="Absperrung steht")
    made = report()
    assert (block.key, "Absperrung steht", f"Zu {made.pk}: abgesperrt.") in blocks_for(made)
    assert "Absperrung steht" in desk.get(BLOCKS).content.decode()
    assert desk.post(f"{BLOCKS}{block.pk}/", typed(title="Steht", is_active="")).status_code == 302
    block.refresh_from_db()
    assert (block.title, block.is_active, block.status) == ("Steht", False, [])
    assert block.key not in [key for key, _title, _text in blocks_for(report())]
    assert AuditEntry.objects.filter(action="reports.block_kept", actor_id=bernd.pk).count() == 2


def test_the_form_shows_what_is_kept(visitor, bernd):
    desk = visitor.signed_in(bernd)
    desk.post(f"{BLOCKS}neu/", typed(status=["received"], categories=["bollard"]))
    page = desk.get(f"{BLOCKS}{CannedAnswer.objects.get(title='Absperrung steht').pk}/").content.decode()
    assert "Zu {nummer}: abgesperrt." in page
    assert '<option value="bollard" selected>' in page
    assert "Absperrung steht</h1>" in page


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"text": ""}, {"text": "Am {datum} fertig."}, {"status": ["x"]}, {"organisation": "1 or 1"}],
)
def test_what_is_wrong_comes_back_with_all_that_was_typed(visitor, bernd, wrong):
    answer = visitor.signed_in(bernd).post(f"{BLOCKS}neu/", typed(**wrong))
    assert answer.status_code == 422
    assert "abgesperrt" in answer.content.decode() or "text" in wrong
    assert not CannedAnswer.objects.filter(organisation__isnull=False).exists()


def test_a_session_that_ended_loses_no_block(visitor, bernd):
    visitor.post(f"{BLOCKS}neu/", typed(status=["received"]))
    visitor.force_login(bernd, backend="django.contrib.auth.backends.ModelBackend")
    page = visitor.get(f"{INBOX}nicht-gesendet/").content.decode()
    assert "Zu {nummer}: abgesperrt." in page
    assert re.search(r'value="received"[^>]*checked', page)
    assert not CannedAnswer.objects.filter(organisation__isnull=False).exists()


def test_nobody_writes_for_another_house(visitor, bernd, clara):
    usb = Organisation.objects.get(key="usb")
    assert visitor.signed_in(bernd).post(f"{BLOCKS}neu/", typed(organisation=usb.pk)).status_code == 422
    visitor.signed_in(bernd).post(f"{BLOCKS}neu/", typed())
    block = CannedAnswer.objects.get(organisation__isnull=False)
    assert visitor.signed_in(clara).get(f"{BLOCKS}{block.pk}/").status_code == 404
    assert "Absperrung steht" not in visitor.signed_in(clara).get(BLOCKS).content.decode()


def test_blocks_of_the_city_are_read_not_changed(visitor, dora):
    block = CannedAnswer.objects.filter(organisation=None).first()
    desk = visitor.signed_in(dora)
    assert block.title in desk.get(BLOCKS).content.decode()
    assert desk.get(f"{BLOCKS}{block.pk}/").status_code == 404


@pytest.mark.parametrize("address", [BLOCKS, f"{BLOCKS}neu/"])
def test_who_may_not(visitor, kai, udo, aylin, address):
    for person in (kai, udo, aylin):
        assert visitor.signed_in(person).get(address).status_code == 403
    assert visitor.get(address).status_code == 302
