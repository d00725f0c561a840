"""Things at the desk: mine, and who sees them; a change reaches everything that tells where they are."""

import re
from typing import Any

import pytest
from django.db import connection

from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput, NotAllowed, NotFound
from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.domain.moving import move_thing
from stadtkern.hub.domain.registering import register_location
from stadtkern.hub.domain.visibility import show_thing_to
from stadtkern.hub.models import Datastream, Device, FeatureOfInterest, Location, Thing
from stadtkern.hub.tests.cast import datastream, thing
from stadtkern.people.models import Organisation, Person

pytestmark = pytest.mark.django_db
BASE = "/desk/daten/stationen/"
HALL = {"type": "Point", "coordinates": [7.2166, 51.4818]}


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def bench(house: Organisation) -> Thing:
    """A public bench with two datastreams and a feature where it stands."""
    made = thing(organisation=house, name="Bank")
    datastream(made, name="Luft")
    datastream(made, name="Wind")
    move_thing(made.pk, locations=list(made.locations.all()))
    return made


def seen(bench: Thing) -> dict[str, set[str]]:
    """Who sees the bench, its datastreams, where it stands or stood, and what was measured there."""
    places = Location.objects.filter(historical_locations__thing=bench)
    return {
        "thing": {Thing.objects.get(pk=bench.pk).visibility},
        "streams": set(bench.datastreams.values_list("visibility", flat=True)),
        "places": set(places.values_list("visibility", flat=True)),
        "features": set(FeatureOfInterest.objects.filter(thing=bench).values_list("visibility", flat=True)),
    }


def test_the_list_shows_mine_and_finds_them(desk: Visitor, pond: Datastream, bench: Thing) -> None:
    thing(organisation=Organisation.objects.get(key="usb"), name="Container")
    html = text_of(desk.get(BASE))
    for words in ("Teich", "Bank", "Stadtpark", "0 öffentlich", "noch nie"):
        assert words in html
    assert "Container" not in html
    assert "Bank" not in text_of(desk.get(BASE, {"q": "teich"}))
    assert "Teich" in text_of(desk.get(BASE, {"sicht": "public"}))
    assert "Keine Station gefunden" in text_of(desk.get(BASE, {"sicht": "named"}))
    assert "Keine Station gefunden" in text_of(desk.get(BASE, {"q": "Container"}))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    desk: Visitor, house: Organisation, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _number in range(rows):
        datastream(thing(organisation=house))
    desk.get(BASE)
    with django_assert_max_num_queries(14):
        desk.get(BASE)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_hangs_there(
    desk: Visitor, house: Organisation, bench: Thing, rows: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(rows):
        datastream(bench)
        Device.objects.create(key=f"{number:016X}", organisation=house, thing=bench)
    desk.get(f"{BASE}{bench.pk}/")
    with django_assert_max_num_queries(16):
        desk.get(f"{BASE}{bench.pk}/")


def test_the_page_shows_what_hangs_at_a_thing(desk: Visitor, buoy: Device, pond: Datastream) -> None:
    html = text_of(desk.get(f"{BASE}{pond.thing_id}/"))
    for words in ("Teich", "Wasserstand", "Boje", "noch nie gehört", f"?station={pond.thing_id}"):
        assert words in html


def test_a_thing_is_closed_with_everything_that_tells_of_it(desk: Visitor, bench: Thing) -> None:
    hall = register_location(name="Rathaus", location=HALL, organisation_id=bench.organisation_id)
    move_thing(bench.pk, locations=[hall])
    streams = list(bench.datastreams.values_list("pk", flat=True))
    answer = desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "named", "datastreams": streams}, follow=True)
    assert "nicht mehr öffentlich" in text_of(answer)
    assert seen(bench) == {"thing": {"named"}, "streams": {"named"}, "places": {"named"}, "features": {"named"}}
    assert not Location.objects.filter(visibility="public").exists()
    entry = AuditEntry.objects.get(action="hub.visibility_changed")
    assert entry.detail == {"before": "public", "visibility": "named", "datastreams": sorted(streams)}
    back = desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "public", "datastreams": streams}, follow=True)
    assert "jetzt öffentlich" in text_of(back)
    assert seen(bench) == {"thing": {"public"}, "streams": {"public"}, "places": {"public"}, "features": {"public"}}


def test_only_chosen_datastreams_go_with_it(desk: Visitor, bench: Thing) -> None:
    air, wind = bench.datastreams.order_by("name")
    desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "organisation", "datastreams": [air.pk]})
    assert dict(bench.datastreams.values_list("name", "visibility")) == {"Luft": "organisation", "Wind": "public"}
    answer = desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "organisation"}, follow=True)
    assert "Es war schon so." in text_of(answer)
    assert AuditEntry.objects.filter(action="hub.visibility_changed").count() == 1
    assert wind.visibility == "public"


def test_what_was_closed_for_itself_is_not_opened_by_chance(desk: Visitor, bench: Thing) -> None:
    """The form begins with what is: sent back as it came it changes nothing."""
    air, wind = bench.datastreams.order_by("name")
    Datastream.objects.filter(pk=wind.pk).update(visibility="named")
    begun = desk.get(f"{BASE}{bench.pk}/").context["form"].initial
    assert begun == {"visibility": "public", "datastreams": [air.pk]}
    answer = desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", begun, follow=True)
    assert "Es war schon so." in text_of(answer)


def test_a_place_of_several_stays_as_it_is(steward: Person, bench: Thing) -> None:
    other = thing(name="Baum", organisation=bench.organisation)
    other.locations.set(bench.locations.all())
    show_thing_to(bench.pk, visibility="named", by=steward)
    assert seen(bench)["places"] == {"public"}
    assert seen(bench)["features"] == {"named"}  # it bears the name of the bench
    Thing.objects.filter(pk=other.pk).delete()
    show_thing_to(bench.pk, visibility="named", by=steward)
    assert seen(bench)["places"] == {"named"}


def test_citywide_days_and_doors_hear_of_it(steward: Person, bench: Thing) -> None:
    """The tables see to it: days of the property are made anew without the values that are not public any more."""
    show_thing_to(bench.pk, visibility="named", by=steward)
    with connection.cursor() as cursor:
        cursor.execute("select observed_property_id from hub_property_stale where bucket = '-infinity'")
        stale = {id for (id,) in cursor.fetchall()}
    assert stale >= set(bench.datastreams.values_list("observed_property_id", flat=True))


@pytest.mark.parametrize("typed", [{"visibility": "secret"}, {"visibility": ""}, {"datastreams": ["999999"]}])
def test_a_wrong_wish_is_shown_again(desk: Visitor, bench: Thing, typed: dict[str, Any]) -> None:
    answer = desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "named"} | typed)
    assert answer.status_code == 422
    assert seen(bench)["thing"] == {"public"}


def test_the_domain_refuses_too(steward: Person, bench: Thing, aylin: Person) -> None:
    strange = datastream(thing(organisation=Organisation.objects.get(key="usb")))
    with pytest.raises(BadInput):
        show_thing_to(bench.pk, visibility="named", datastream_ids=[strange.pk], by=steward)
    with pytest.raises(BadInput):
        show_thing_to(bench.pk, visibility="secret", by=steward)
    with pytest.raises(NotAllowed):
        show_thing_to(strange.thing_id, visibility="named", by=steward)
    with pytest.raises(NotAllowed):
        show_thing_to(bench.pk, visibility="named", by=aylin)
    with pytest.raises(NotFound):
        show_thing_to(999_999, visibility="named", by=steward)
    assert seen(bench)["thing"] == {"public"}


def test_a_datastream_of_another_house_is_not_touched(desk: Visitor, steward: Person, bench: Thing) -> None:
    strange = datastream(bench, name="Fremd", organisation=Organisation.objects.get(key="usb"))
    assert "Fremd (zurzeit" not in text_of(desk.get(f"{BASE}{bench.pk}/"))
    show_thing_to(bench.pk, visibility="named", by=steward)
    strange.refresh_from_db()
    assert strange.visibility == "public"


def test_things_of_others_are_not_found(other_desk: Visitor, visitor: Visitor, clara: Any, bench: Thing) -> None:
    assert other_desk.get(f"{BASE}{bench.pk}/").status_code == 404
    assert other_desk.post(f"{BASE}{bench.pk}/sichtbarkeit/", {"visibility": "named"}).status_code == 404
    assert visitor.signed_in(clara).get(BASE).status_code == 403
    assert seen(bench)["thing"] == {"public"}
