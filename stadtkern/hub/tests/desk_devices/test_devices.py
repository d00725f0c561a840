"""Devices at the desk: seen by those who care for them, added by hand, mapped, switched off, messages read again."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, NotFound
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain.letters import devices
from stadtkern.hub.models import Datastream, Decoder, Device, Latest, Letter
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.hub.tests.letters import cast
from stadtkern.people.models import Organisation, Person

pytestmark = pytest.mark.django_db
BASE = "/desk/daten/geraete/"
LEVEL = bytes.fromhex("0064")  # 1.00


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def heard(device: Device, **ago: float) -> None:
    Device.objects.filter(pk=device.pk).update(seen_at=timezone.now() - timedelta(**ago))


def sent(page: Any) -> dict[str, str]:
    """What the browser would send back from the page of fields."""
    mapping = page.context["mapping"]
    forms = [mapping.paths, mapping.rows.management_form, *mapping.rows]
    values = {field.html_name: field.value() for form in forms for field in form}
    return {name: str(value) for name, value in values.items() if value is not None}


def test_the_list_shows_mine_and_finds_them(desk: Visitor, buoy: Device, theirs: Device) -> None:
    html = text_of(desk.get(BASE))
    for words in ("Boje", cast.EUI, "Pegel", "Teich", "noch nie gehört"):
        assert words in html
    assert "Tonne" not in html
    assert "Boje" in text_of(desk.get(BASE, {"q": "teich"}))
    assert "Boje" in text_of(desk.get(BASE, {"q": cast.EUI[:6].lower()}))
    assert "Kein Gerät gefunden" in text_of(desk.get(BASE, {"q": "Tonne"}))


def test_a_device_is_silent_after_three_missed_messages(desk: Visitor, buoy: Device, pond: Datastream) -> None:
    """The pond measures every five minutes: an hour is the least that is waited."""
    heard(buoy, minutes=50)
    assert "meldet sich" in text_of(desk.get(BASE))
    assert "Kein Gerät gefunden" in text_of(desk.get(BASE, {"stand": "silent"}))
    heard(buoy, minutes=61)
    assert "stumm" in text_of(desk.get(BASE, {"stand": "silent"}))
    Datastream.objects.filter(pk=pond.pk).update(interval_seconds=7_200)
    assert "Kein Gerät gefunden" in text_of(desk.get(BASE, {"stand": "silent"}))
    Datastream.objects.filter(pk=pond.pk).update(interval_seconds=None)
    heard(buoy, hours=25)
    assert "Boje" in text_of(desk.get(BASE, {"stand": "silent"}))


@pytest.mark.parametrize(("state", "is_there"), [("new", True), ("off", False), ("silent", False), ("", True)])
def test_the_list_by_state(desk: Visitor, buoy: Device, state: str, is_there: bool) -> None:
    assert ("Boje" in text_of(desk.get(BASE, {"stand": state}))) is is_there


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    desk: Visitor, house: Organisation, own: Decoder, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        Device.objects.create(key=f"{number:016X}", organisation=house, decoder=own, thing=thing(organisation=house))
    desk.get(BASE)
    with django_assert_max_num_queries(14):
        desk.get(BASE)


def test_the_page_shows_how_the_newest_message_is_read_now(
    desk: Visitor, buoy: Device, arrive: Callable[..., Letter]
) -> None:
    assert "noch keine Nachricht" in text_of(desk.get(f"{BASE}{buoy.pk}/"))
    arrive(LEVEL)
    page = desk.get(f"{BASE}{buoy.pk}/")
    assert page.context["trial"].values == {"level": 1.0}
    html = text_of(page)
    for words in ("verarbeitet", "2 Bytes", "Port 1", "-93 dBm", "81,5 %", "stumm"):
        assert words in html
    assert f"/desk/daten/dekodierer/{buoy.decoder_id}/?payload=0064&amp;port=1" in html


def test_what_failed_is_read_again_after_the_cause_is_mended(
    desk: Visitor, buoy: Device, own: Decoder, arrive: Callable[..., Letter], run_jobs: Callable[..., int]
) -> None:
    letter = arrive(b"\1")
    html = text_of(desk.get(f"{BASE}{buoy.pk}/"))
    assert "1 Nachricht war nicht lesbar." in html
    assert "Byte 0: 2 Bytes erwartet, 1 sind noch da." in html
    assert "<mark>01</mark>" in html
    assert "1 Nachricht nicht lesbar" in text_of(desk.get(BASE))
    own.layout["messages"][0]["fields"][0]["length"] = 1
    own.save()
    done = desk.post(f"{BASE}{buoy.pk}/nachrichten/", {"was": "alle"}, follow=True)
    assert "1 Nachricht wird neu gelesen." in text_of(done)
    run_jobs()
    letter.refresh_from_db()
    assert letter.state == Letter.State.DONE
    assert Latest.objects.get(pk=buoy.fields["level"]).number == pytest.approx(0.01)


def test_chosen_messages_are_given_up(desk: Visitor, buoy: Device, arrive: Callable[..., Letter]) -> None:
    letter, other = arrive(b"\1"), arrive(b"\2", counter=2)
    answer = desk.post(f"{BASE}{buoy.pk}/nachrichten/", {"was": "weg", "brief": [letter.pk, "x"]}, follow=True)
    assert "1 Nachricht verworfen." in text_of(answer)
    assert set(Letter.objects.values_list("pk", "state")) == {(letter.pk, "dropped"), (other.pk, "failed")}
    answer = desk.post(f"{BASE}{buoy.pk}/nachrichten/", {"was": "neu", "brief": []}, follow=True)
    assert "Keine Nachricht war ausgewählt" in text_of(answer)


def test_a_device_by_hand(desk: Visitor, pond: Datastream, own: Decoder, house: Organisation) -> None:
    given = {
        "network": "lorawan",
        "key": "a8-40-41-ff-ff-18-34-ab",
        "name": "Boje",
        "organisation": house.pk,
        "decoder": own.pk,
        "thing": f"{pond.thing_id} Teich",
    }
    assert f"{pond.thing_id} Teich" in desk.get(f"{BASE}neu/").content.decode()
    made = desk.post(f"{BASE}neu/", given)
    device = Device.objects.get()
    assert made.headers["Location"] == f"{BASE}{device.pk}/felder/"
    assert (device.key, device.thing, device.decoder, device.organisation) == (cast.EUI, pond.thing, own, house)
    assert AuditEntry.objects.filter(action="hub.device_added", subject_id=str(device.pk)).exists()
    again = desk.post(f"{BASE}neu/", given)
    assert again.status_code == 422
    assert "Dieses Gerät gibt es schon: Boje" in text_of(again)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"key": "A84041"}, "16 Zeichen"),
        ({"network": "mqtt", "key": "a/+/b"}, "ohne + und #"),
        ({"thing": "999999 Teich"}, "Keine Ihrer Stationen"),
        ({"thing": "nirgends"}, "Keine Ihrer Stationen"),
        ({"key": "FFFFFFFFFFFFFFFF"}, "einer anderen Stelle"),
    ],
)
def test_a_wrong_device_is_shown_again(
    desk: Visitor, theirs: Device, house: Organisation, typed: dict[str, str], reason: str
) -> None:
    given = {"network": "lorawan", "key": cast.EUI, "name": "Boje", "organisation": house.pk}
    answer = desk.post(f"{BASE}neu/", given | typed)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert "Tonne" not in text_of(answer)
    assert Device.objects.count() == 1


def test_nobody_adds_a_device_for_another_house(desk: Visitor, theirs: Device) -> None:
    strange = thing(organisation=theirs.organisation, name="Container")
    given = {"network": "lorawan", "key": cast.EUI, "name": "Boje", "organisation": theirs.organisation_id}
    assert desk.post(f"{BASE}neu/", given).status_code == 422
    mine = Organisation.objects.get(key="tiefbauamt").pk
    assert desk.post(f"{BASE}neu/", given | {"organisation": mine, "thing": strange.pk}).status_code == 422
    assert Device.objects.count() == 1


def test_fields_of_the_newest_message_are_mapped(
    desk: Visitor, buoy: Device, pond: Datastream, arrive: Callable[..., Letter], run_jobs: Callable[..., int]
) -> None:
    Device.objects.filter(pk=buoy.pk).update(fields={})
    letter = arrive(LEVEL)
    assert letter.state == Letter.State.FAILED
    page = desk.get(f"{BASE}{buoy.pk}/felder/")
    given = sent(page)
    assert given["feld-0-path"] == "level"
    given |= {"feld-0-target": str(pond.pk), "feld-0-factor": "100", "feld-0-offset": "-0,5", "battery_field": "volt"}
    given |= {"feld-1-path": "state", "feld-1-target": "none"}
    desk.post(f"{BASE}{buoy.pk}/felder/", given)
    buoy.refresh_from_db()
    assert buoy.fields == {"level": {"datastream": pond.pk, "factor": 100.0, "offset": -0.5}, "state": None}
    assert buoy.battery_field == "volt"
    kept = sent(desk.get(f"{BASE}{buoy.pk}/felder/"))
    assert (kept["feld-0-target"], kept["feld-1-target"]) == (str(pond.pk), "none")
    desk.post(f"{BASE}{buoy.pk}/nachrichten/", {"was": "alle"})
    run_jobs()
    assert Latest.objects.get(pk=pond.pk).number == 99.5


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"feld-0-factor": "viel"}, "Zahl"),
        ({"feld-1-target": "none"}, "Welches Feld ist gemeint?"),
        ({"feld-0-target": "999999"}, "feld-0-target"),
    ],
)
def test_a_wrong_row_is_shown_again(desk: Visitor, buoy: Device, typed: dict[str, str], reason: str) -> None:
    given = sent(desk.get(f"{BASE}{buoy.pk}/felder/"))
    answer = desk.post(f"{BASE}{buoy.pk}/felder/", given | typed)
    assert answer.status_code == 422
    assert reason in text_of(answer)
    assert Device.objects.get(pk=buoy.pk).fields == buoy.fields


def test_values_never_go_into_the_datastream_of_another_house(steward: Person, buoy: Device, theirs: Device) -> None:
    strange = datastream(thing(organisation=theirs.organisation))
    with pytest.raises(BadInput) as told:
        devices.map_fields(buoy.pk, fields={"level": strange.pk}, by=steward)
    assert str(strange.pk) in str(told.value.fields["fields"])
    with pytest.raises(BadInput):
        devices.map_fields(buoy.pk, fields={"level": "seven"}, by=steward)


def test_a_device_changes_and_is_switched_off(desk: Visitor, buoy: Device, arrive: Callable[..., Letter]) -> None:
    place = f"{BASE}{buoy.pk}/"
    assert "Boje" in text_of(desk.get(f"{place}aendern/"))
    changed = desk.post(f"{place}aendern/", {"name": "Boje 2", "decoder": "", "thing": ""}, follow=True)
    assert "Boje 2" in text_of(changed)
    buoy.refresh_from_db()
    assert (buoy.name, buoy.decoder, buoy.thing) == ("Boje 2", None, None)
    assert desk.post(f"{place}aendern/", {"name": ""}).status_code == 422
    assert "abgeschaltet" in text_of(desk.post(f"{place}schalter/", {"an": "nein"}, follow=True))
    assert arrive(LEVEL).state == Letter.State.DROPPED
    assert "wieder an" in text_of(desk.post(f"{place}schalter/", {"an": "ja"}, follow=True))
    said = set(AuditEntry.objects.filter(subject_kind="hub_device").values_list("action", flat=True))
    assert said == {"hub.device_changed", "hub.device_switched_off", "hub.device_switched_on"}


@pytest.mark.parametrize("page", ["", "aendern/", "felder/"])
def test_a_device_of_others_is_not_found(other_desk: Visitor, buoy: Device, page: str) -> None:
    assert other_desk.get(f"{BASE}{buoy.pk}/{page}").status_code == 404


@pytest.mark.parametrize("deed", ["aendern/", "felder/", "schalter/", "nachrichten/"])
def test_nobody_changes_a_device_of_others(other_desk: Visitor, buoy: Device, deed: str) -> None:
    answer = other_desk.post(f"{BASE}{buoy.pk}/{deed}", {"name": "Meins", "an": "nein", "was": "alle"})
    assert answer.status_code == 404
    buoy.refresh_from_db()
    assert (buoy.name, buoy.is_active) == ("Boje", True)


def test_the_domain_refuses_too(theirs: Device, steward: Person) -> None:
    with pytest.raises(NotFound):
        devices.switch(theirs.pk, is_active=False, by=steward)
    with pytest.raises(NotFound):
        devices.change_device(theirs.pk, name="Meins", decoder=None, thing=None, by=steward)
    with pytest.raises(NotFound):
        devices.map_fields(theirs.pk, fields={}, by=steward)


def test_only_stewards_see_devices(visitor: Visitor, clara: Any, buoy: Device) -> None:
    browser = visitor.signed_in(clara)
    for page in ("", "neu/", f"{buoy.pk}/"):
        assert browser.get(f"{BASE}{page}").status_code == 403


def test_entering_the_number_of_a_device_does_not_show_what_it_sends_to_others(
    desk: Visitor, buoy: Device, arrive: Callable[..., Letter]
) -> None:
    """Its messages come with the key of another house."""
    letter = arrive(LEVEL, key=cast.key("usb")[0])
    assert letter.state == Letter.State.FAILED
    assert desk.get(f"{BASE}{buoy.pk}/").context["newest"] is None
    assert cast.EUI not in text_of(desk.get("/desk/daten/quellen/nachrichten/"))
