"""A steward's way to a source: kind, address or file, mapping, preview, switched on; then looking after it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stadtkern.core import clock
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain.connecting.imports import found
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Run, Thing
from stadtkern.hub.tests.cast import datastream, measured, thing
from stadtkern.hub.tests.connecting.conftest import Source, source  # noqa: F401  a fixture
from stadtkern.people.models import Membership, Organisation, Person

pytestmark = pytest.mark.django_db
TABLE = "Zeit;Station;Temperatur;Notiz\n01.07.2026 12:00;A1;21,5;x\n01.07.2026 12:05;A1;21,7;y\n"
BASE = "/desk/daten/quellen/"


@pytest.fixture
def eva(city: Any) -> Person:
    """A steward of the Umwelt- und Grünflächenamt."""
    person = Person.objects.create_user("eva@stadtkern.example", name="Eva")
    house = Organisation.objects.get(key="gruenflaechenamt")
    Membership.objects.create(person=person, organisation=house, role="editor")
    return person


@pytest.fixture
def desk(visitor: Visitor, eva: Person) -> Visitor:
    return visitor.signed_in(eva)


@pytest.fixture
def house(city: Any) -> Organisation:
    return Organisation.objects.get(key="gruenflaechenamt")


def begin(desk: Visitor, house: Organisation, kind: str) -> Connector:
    given = {"name": "Wetter am Teich", "kind": kind, "organisation": house.pk, "visibility": "public"}
    answer = desk.post(f"{BASE}neu/", given)
    made = Connector.objects.get()
    assert answer.headers["Location"] == f"{BASE}{made.pk}/adresse/"
    return made


def mapping_of(page: Any) -> dict[str, str]:
    """What the browser would send back: every field as the page has filled it."""
    sent = {field.html_name: field.value() for field in page.context["form"]}
    for formset in (page.context["values"], page.context["conditions"]):
        sent |= {field.html_name: field.value() for field in formset.management_form}
        for form in formset:
            sent |= {field.html_name: field.value() for field in form}
    ticked = {name: "on" if value is True else value for name, value in sent.items()}
    return {name: value for name, value in ticked.items() if value is not None and value is not False}


def test_a_file_becomes_a_source_in_four_steps(
    desk: Visitor, house: Organisation, run_jobs: Callable[..., int]
) -> None:
    assert "Neue Quelle" in desk.get(f"{BASE}neu/").content.decode()
    made = begin(desk, house, "csv")
    assert (made.state, made.key, made.organisation) == (Connector.State.DRAFT, "wetter-am-teich", house)
    assert desk.get(f"{BASE}{made.pk}/adresse/").status_code == 200
    upload = SimpleUploadedFile("teich.csv", TABLE.encode("cp1252"))
    answer = desk.post(f"{BASE}{made.pk}/adresse/", {"upload": upload})
    assert answer.headers["Location"] == f"{BASE}{made.pk}/zuordnung/"
    page = desk.get(f"{BASE}{made.pk}/zuordnung/")
    text = page.content.decode()
    assert "Semikolon" in text
    assert "Die Zeiten nennen keine Zeitzone." in text
    sent = mapping_of(page)
    assert (sent["time"], sent["thing_key"], sent["wert-0-source"]) == ("Zeit", "Station", "Temperatur")
    sent |= {"wert-0-name": "Lufttemperatur", "wert-0-unit": "Cel", "time_zone": "+01:00"}
    answer = desk.post(f"{BASE}{made.pk}/zuordnung/", sent)
    assert answer.headers["Location"] == f"{BASE}{made.pk}/vorschau/"
    shown = desk.get(f"{BASE}{made.pk}/vorschau/")
    assert [row.value for row in shown.context["shown"].rows] == [21.5, 21.7]
    assert "01.07.2026 13:00:00" in shown.content.decode()  # noon of +01:00 as Bochum's clocks show it in summer
    assert not Thing.objects.filter(source=made.source).exists()
    answer = desk.post(f"{BASE}{made.pk}/vorschau/", {})
    assert answer.headers["Location"] == f"{BASE}{made.pk}/"
    run_jobs()
    run = Run.objects.get()
    assert (run.cause, run.created, run.error) == (Run.Cause.HAND, 2, "")
    page = desk.get(f"{BASE}{made.pk}/")
    assert "in Ordnung" in page.content.decode()
    assert "teich.csv" in page.content.decode()


def test_an_address_with_a_key_that_is_never_shown(
    desk: Visitor,
    house: Organisation,
    source: Source,  # noqa: F811
) -> None:
    made = begin(desk, house, "http-json")
    url = source.says("/s", json.dumps([{"time": "2026-07-01T12:00:00Z", "level": 1.5}]))
    desk.post(f"{BASE}{made.pk}/adresse/", {"url": url, "header_name": "X-Api-Key", "header_value": "geheim-4711"})
    page = desk.get(f"{BASE}{made.pk}/zuordnung/")
    assert source.asked[0][1]["X-Api-Key"] == "geheim-4711"
    desk.post(f"{BASE}{made.pk}/zuordnung/", mapping_of(page))
    again = desk.get(f"{BASE}{made.pk}/adresse/").content.decode()
    assert "Ist hinterlegt." in again
    made.refresh_from_db()
    assert "geheim-4711" not in again + str(made.config) + made.sealed
    desk.post(f"{BASE}{made.pk}/adresse/", {"url": url, "header_name": "X-Api-Key", "header_value": ""})
    shown = desk.get(f"{BASE}{made.pk}/vorschau/")
    assert [row.value for row in shown.context["shown"].rows] == [1.5]
    assert source.asked[-1][1]["X-Api-Key"] == "geheim-4711"


def test_a_kind_without_a_mapping_has_three_steps(desk: Visitor, house: Organisation, source: Source) -> None:  # noqa: F811
    made = begin(desk, house, "gbfs")
    answer = desk.post(f"{BASE}{made.pk}/adresse/", {"url": source.says("/gbfs.json", "{}")})
    assert answer.headers["Location"] == f"{BASE}{made.pk}/vorschau/"
    assert desk.get(f"{BASE}{made.pk}/zuordnung/").headers["Location"] == f"{BASE}{made.pk}/vorschau/"
    text = desk.get(f"{BASE}{made.pk}/vorschau/").content.decode()
    assert "Das ist keine Übersicht nach GBFS" in text
    assert "Zuordnung" not in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Geben Sie eine Adresse an, oder laden Sie eine Datei hoch."),
        ({"url": "ftp://example.org/x.csv"}, "Eine Adresse beginnt mit http:// oder https://."),
    ],
)
def test_what_is_wrong_with_an_address_is_said(
    desk: Visitor, house: Organisation, given: dict[str, str], words: str
) -> None:
    made = begin(desk, house, "csv")
    answer = desk.post(f"{BASE}{made.pk}/adresse/", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_source_that_cannot_be_read_says_why_and_stays_a_draft(
    desk: Visitor,
    house: Organisation,
    source: Source,  # noqa: F811
) -> None:
    made = begin(desk, house, "csv")
    desk.post(f"{BASE}{made.pk}/adresse/", {"url": source.says("/t", "<html>", status=404)})
    page = desk.get(f"{BASE}{made.pk}/zuordnung/")
    assert "Unter dieser Adresse gibt es bei 127.0.0.1 nichts (404)." in page.content.decode()
    answer = desk.post(f"{BASE}{made.pk}/zuordnung/", mapping_of(page))
    assert answer.status_code == 422
    assert Connector.objects.get().state == Connector.State.DRAFT
    assert desk.post(f"{BASE}{made.pk}/vorschau/", {"interval_minutes": 5}).status_code == 422


@pytest.fixture
def running(house: Organisation, source: Source) -> Connector:  # noqa: F811
    values = [{"source": "Temperatur", "name": "Lufttemperatur"}]
    config = {"url": source.says("/t", TABLE), "time": "Zeit", "thing_key": "Station", "values": values}
    return Connector.objects.create(
        key="teich", name="Teich", kind="csv", config=config, organisation=house, interval_minutes=10,
        state=Connector.State.ACTIVE, next_at=clock.now() + timedelta(minutes=5),
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(
    desk: Visitor, running: Connector, count: int, django_assert_max_num_queries: Any
) -> None:
    run_connector(running.pk)
    for number in range(1, count):
        other = Connector.objects.create(
            key=f"teich-{number}", name=f"Teich {number}", kind="csv", config=running.config,
            organisation=running.organisation, state=Connector.State.PAUSED,
        )  # fmt: skip
        run_connector(other.pk)
    desk.get(BASE)
    with django_assert_max_num_queries(7):  # session, person, memberships, tree, menu; the list; its last runs
        page = desk.get(BASE)
    text = page.content.decode()
    assert len(page.context["rows"]) == count
    assert "in Ordnung" in text
    assert ("angehalten" in text) is (count > 1)


def test_run_now_pause_and_go_on(desk: Visitor, running: Connector, run_jobs: Callable[..., int]) -> None:
    desk.post(f"{BASE}{running.pk}/lauf/")
    answer = desk.post(f"{BASE}{running.pk}/lauf/", follow=True)
    assert "Ein Lauf wartet schon." in answer.content.decode()
    run_jobs()
    assert Run.objects.get().created == 2
    desk.post(f"{BASE}{running.pk}/anhalten/")
    running.refresh_from_db()
    assert (running.state, running.next_at) == (Connector.State.PAUSED, None)
    assert "Weiterlaufen lassen" in desk.get(f"{BASE}{running.pk}/").content.decode()
    desk.post(f"{BASE}{running.pk}/weiter/")
    running.refresh_from_db()
    assert running.state == Connector.State.ACTIVE
    assert running.next_at is not None


def test_a_run_shows_what_it_rejected(desk: Visitor, running: Connector, source: Source) -> None:  # noqa: F811
    source.says("/t", TABLE + "gestern;A1;1;z\n01.07.2026 12:10;A1;<b>warm</b>;z\n")
    run = run_connector(running.pk)
    text = desk.get(f"{BASE}{running.pk}/laeufe/{run.pk}/").content.decode()
    assert "1 × Lufttemperatur: unlesbarer Wert" in text
    assert "Temperatur=&lt;b&gt;warm&lt;/b&gt;" in text
    assert "gestern; A1; 1; z" in text


def test_a_gap_is_filled_by_hand(desk: Visitor, running: Connector, run_jobs: Callable[..., int]) -> None:
    answer = desk.post(f"{BASE}{running.pk}/luecke/", {"since": "2026-07-02T00:00", "until": "2026-07-01T00:00"})
    assert answer.status_code == 422
    assert "Nach dem Beginn" in answer.content.decode()
    desk.post(f"{BASE}{running.pk}/luecke/", {"since": "2026-07-01T12:03", "until": "2026-07-01T12:30"})
    run_jobs()
    run = Run.objects.get()
    assert (run.cause, run.created, run.by_id is not None) == (Run.Cause.GAP, 1, True)
    assert "Lücke gefüllt" in desk.get(f"{BASE}{running.pk}/").content.decode()


def test_an_error_is_seen_at_the_desk(desk: Visitor, running: Connector, source: Source) -> None:  # noqa: F811
    source.says("/t", "", status=500)
    run_connector(running.pk)
    for address in (BASE, f"{BASE}{running.pk}/"):
        text = desk.get(address).content.decode()
        assert "127.0.0.1 antwortet mit Fehler 500." in text
        assert "Fehler</span>" in text


def test_a_better_mapping_reaches_what_was_read_before(desk: Visitor, running: Connector) -> None:
    run_connector(running.pk)
    page = desk.get(f"{BASE}{running.pk}/zuordnung/")
    sent = mapping_of(page) | {"wert-0-factor": "10"}
    answer = desk.post(f"{BASE}{running.pk}/zuordnung/", sent)
    assert answer.status_code == 302
    run = run_connector(running.pk)
    assert (run.corrected, run.created) == (2, 0)


def test_giving_up_asks_first_and_keeps_the_values(desk: Visitor, running: Connector) -> None:
    run_connector(running.pk)
    assert "Die Messwerte bleiben." in desk.get(f"{BASE}{running.pk}/loeschen/").content.decode()
    desk.post(f"{BASE}{running.pk}/loeschen/")
    assert not Connector.objects.exists()
    assert Thing.objects.filter(source="connector:teich").exists()


def test_a_page_without_room_for_all_series_says_so(
    desk: Visitor, running: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Bank am Weiher", "Bank am Hang"):
        bench = thing(name=name)
        datastream(bench, source=running.source, source_key=name)
        measured(bench, 12.5, clock.now() - timedelta(hours=1))
    page = f"{BASE}{running.pk}/"
    cut = "Hier stehen die 1 auffälligsten von 2 Messreihen"
    assert cut not in desk.get(page).content.decode()
    monkeypatch.setattr(found, "MOST_SHOWN", 1)
    text = desk.get(page).content.decode()
    assert cut in text
    assert ("Bank am Hang" in text, "Bank am Weiher" in text) == (True, False)


def test_an_empty_desk_says_what_to_do(desk: Visitor) -> None:
    text = desk.get(BASE).content.decode()
    assert "Noch keine Datenquelle." in text


ADDRESSES = ["", "adresse/", "zuordnung/", "vorschau/", "loeschen/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_clara_does_not_see_the_sources_of_another_house(visitor: Visitor, running: Connector, address: str) -> None:
    person = Person.objects.create_user("olga@stadtkern.example", name="Olga")
    usb = Organisation.objects.get(key="usb")
    Membership.objects.create(person=person, organisation=usb, role="editor")
    other = visitor.signed_in(person)
    assert other.get(f"{BASE}{running.pk}/{address}").status_code == 404
    assert "Teich" not in other.get(BASE).content.decode()
    given = {"name": "Fremd", "kind": "csv", "organisation": running.organisation_id, "visibility": "public"}
    assert other.post(f"{BASE}neu/", given).status_code == 422
    assert Connector.objects.count() == 1


@pytest.mark.parametrize("verb", ["lauf/", "anhalten/", "weiter/", "luecke/", "loeschen/"])
def test_nobody_else_acts_on_a_source(visitor: Visitor, clara: Any, running: Connector, verb: str) -> None:
    assert visitor.signed_in(clara).post(f"{BASE}{running.pk}/{verb}").status_code == 403
    assert visitor.post(f"{BASE}{running.pk}/{verb}").status_code == 302  # to sign in
    assert not Run.objects.exists()
