"""The desk's pages about contracts and the access log."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from stadtkern.core import apikeys
from stadtkern.hub.domain import access_log
from stadtkern.hub.domain.readers import reader_of
from stadtkern.hub.models import Contract
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db
LIST, NEW, LOG = "/desk/daten/vertraege/", "/desk/daten/vertraege/neu/", "/desk/daten/zugriffe/"


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_contract_is_made_extended_and_ended(desk, other_desk, pond, aylin):
    day = timezone.localdate() + timedelta(days=10)
    made = desk.post(
        NEW,
        {"datastream": pond.pk, "email": aylin.email, "purpose": "Forschung", "last_day": day.isoformat()},
        follow=True,
    )
    assert "Der Vertrag gilt ab jetzt." in text_of(made)
    assert "endet bald" in text_of(made)
    contract = Contract.objects.get()
    assert timezone.localtime(contract.until).date() == day
    assert timezone.localtime(contract.until).strftime("%H:%M:%S") == "23:59:59"
    assert "Forschung" not in text_of(other_desk.get(LIST))
    extend = reverse("hub-care:extend-contract", args=[contract.pk])
    assert other_desk.get(extend).status_code == 404
    assert desk.get(extend).status_code == 200
    later = (day + timedelta(days=300)).isoformat()
    assert "endet bald" not in text_of(desk.post(extend, {"last_day": later}, follow=True))
    past = desk.post(extend, {"last_day": "2020-01-01"})
    assert past.status_code == 422
    assert "schon vorbei" in text_of(past)
    ended = desk.post(reverse("hub-care:end-contract", args=[contract.pk]), follow=True)
    assert "Beendete Verträge" in text_of(ended)


def test_holders_can_be_houses_and_keys(desk, pond):
    key, _text = apikeys.issue("Labor", scopes=["hub.read"])
    usb = Organisation.objects.get(key="usb")
    desk.post(NEW, {"thing": pond.thing_id, "organisation": usb.pk, "purpose": "Abgleich"})
    desk.post(NEW, {"datastream": pond.pk, "key_prefix": key.prefix, "purpose": "Messung", "may_write": "on"})
    html = text_of(desk.get(LIST))
    for words in (usb.name, "Schlüssel Labor", "alles an Teich", "darf senden", "bis auf Weiteres"):
        assert words in html


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"purpose": "x"}, "Wählen Sie genau eines"),
        ({"purpose": "x", "email": "nobody@stadtkern.example"}, "kein Konto"),
        ({"purpose": ""}, "Pflichtfeld"),
    ],
)
def test_a_wrong_contract_is_shown_again(desk, typed, reason):
    wrong = desk.post(NEW, typed)
    assert wrong.status_code == 422
    assert re.search(reason, text_of(wrong)) or "zwingend erforderlich" in text_of(wrong)


def test_nobody_gives_away_the_data_of_others(other_desk, pond, aylin):
    wrong = other_desk.post(NEW, {"datastream": pond.pk, "email": aylin.email, "purpose": "x"})
    assert wrong.status_code == 422
    assert not Contract.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_however_long(desk, pond, aylin, rows, django_assert_max_num_queries):
    for _n in range(rows):
        desk.post(NEW, {"datastream": pond.pk, "email": aylin.email, "purpose": "x"})
        access_log.note_access(reader_of(aylin), interface="sta", query="", rows=1, datastream_ids=[pond.pk])
    for page in (LIST, LOG):
        desk.get(page)
        with django_assert_max_num_queries(16):
            desk.get(page)


def test_the_log_is_shown_to_those_who_care(desk, other_desk, visitor, pond, aylin, bernd):
    access_log.note_access(
        reader_of(aylin), interface="sta", query="/Observations?$top=1", rows=7, datastream_ids=[pond.pk]
    )
    html = text_of(desk.get(LOG))
    for words in ("Aylin", "Wasserstand, Teich", "/Observations?$top=1"):
        assert words in html
    assert "Aylin" in text_of(desk.get(f"{LOG}?messreihe={pond.pk}"))
    assert "Niemand hat" in text_of(desk.get(f"{LOG}?messreihe={pond.pk + 1}"))
    assert desk.get(f"{LOG}?messreihe=x").status_code == 422
    assert "Niemand hat" in text_of(other_desk.get(LOG))
    assert visitor.signed_in(bernd).get(LOG).status_code == 403
