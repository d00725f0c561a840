"""The pack's organisations and the demo's cast."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from stadtkern.core.city import CityPack, load_pack
from stadtkern.people.domain import loading
from stadtkern.people.models import Membership, Organisation, Person
from stadtkern.people.rights import memberships
from stadtkern.people.words import Role

CITY = """
key = "kleinstadt"
name = "Kleinstadt"
languages = ["de"]
center = { lat = 51.0, lon = 7.0 }
bbox = [6.9, 50.9, 7.1, 51.1]
"""
HOUSES = """
[[organisation]]
key = "bauhof"
name = "Bauhof"
kind = "department"
parent = "stadt"
takes_rest = true
[organisation.about]
de = "Hält die Wege in Ordnung."
[[organisation]]
key = "stadt"
name = "Stadt Kleinstadt"
short = "Stadt"
kind = "city"
email = "stadt@kleinstadt.example"
"""
DEMO = """
[[person]]
key = "ina"
name = "Ina"
email = "Ina@kleinstadt.example"
language = "tr"
role = ""
[[person]]
key = "olaf"
name = "Olaf"
email = "olaf@kleinstadt.example"
role = "unit"
organisation = "stadt"
home = "bauhof"
share = 60
"""


@pytest.fixture
def pack(tmp_path: Path):
    def make(houses: str = HOUSES, demo: str = DEMO) -> CityPack:
        for name, text in {"city.toml": CITY, "organisations.toml": houses, "demo.toml": demo}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return load_pack(tmp_path)

    return make


@pytest.mark.django_db
def test_organisations_come_from_the_pack_with_parents_and_words(pack):
    loading.load(pack(), False)
    yard = Organisation.objects.get(key="bauhof")
    assert (yard.parent.key, yard.short, yard.takes_rest) == ("stadt", "Bauhof", True)
    assert yard.about == {"de": "Hält die Wege in Ordnung."}
    assert Organisation.objects.get(key="stadt").email == "stadt@kleinstadt.example"
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_loading_again_changes_nothing(pack):
    loading.load(pack(), True)
    before = list(Organisation.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values())
    loading.load(pack(), True)
    assert before == (
        list(Organisation.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
    )


@pytest.mark.django_db
def test_what_is_gone_from_the_pack_is_switched_off_and_comes_back_as_itself(pack):
    loading.load(pack(), False)
    pk = Organisation.objects.get(key="bauhof").pk
    loading.load(pack(houses=HOUSES[HOUSES.rindex("[[organisation]]") :]), False)
    gone = Organisation.objects.get(key="bauhof")
    assert (gone.pk, gone.is_active, gone.takes_rest) == (pk, False, False)
    loading.load(pack(), False)
    assert Organisation.objects.get(key="bauhof").is_active


@pytest.mark.django_db
def test_the_rest_can_move_to_another_house(pack):
    loading.load(pack(), False)
    moved = HOUSES.replace("takes_rest = true\n", "").replace('kind = "city"', 'kind = "city"\ntakes_rest = true')
    loading.load(pack(houses=moved), False)
    assert [house.key for house in Organisation.objects.filter(takes_rest=True)] == ["stadt"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (HOUSES.replace('key = "bauhof"', 'key = "stadt"'), "a key of its own"),
        (HOUSES.replace('kind = "city"', 'kind = "castle"'), "kind is one of"),
        (HOUSES.replace('parent = "stadt"', 'parent = "land"'), "'land' is not in the file"),
        (HOUSES.replace('name = "Bauhof"\n', ""), "the name is missing"),
        (HOUSES.replace('kind = "city"', 'kind = "city"\nparent = "bauhof"'), "below itself"),
        (HOUSES + "takes_rest = true\n", "only one organisation"),
    ],
)
@pytest.mark.django_db
def test_a_mistake_in_the_pack_is_told_in_one_sentence_and_changes_nothing(pack, wrong, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        loading.load(pack(houses=wrong), False)
    assert not Organisation.objects.filter(key__in=["bauhof", "stadt"]).exists()


@pytest.mark.django_db
def test_the_cast_signs_in_without_passwords(pack):
    loading.load(pack(), True)
    ina = Person.objects.get(email="ina@kleinstadt.example")
    assert (ina.name, ina.language, ina.has_usable_password()) == ("Ina", "tr", False)
    assert ina.emailaddress_set.get().verified
    assert memberships(ina) == []


@pytest.mark.django_db
def test_a_seconded_member_of_the_cast_keeps_the_home_organisation(pack):
    loading.load(pack(), True)
    mine = {m.organisation.key: (m.role, m.home, m.share) for m in Membership.objects.filter(person__name="Olaf")}
    assert mine == {"stadt": (Role.UNIT, False, 60), "bauhof": (Role.MEMBER, True, 40)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (DEMO.replace('role = "unit"', 'role = "king"'), "role is one of"),
        (DEMO.replace('organisation = "stadt"', 'organisation = "hof"'), "'hof' is not in organisations"),
        (DEMO.replace('home = "bauhof"', 'home = "hof"'), "home 'hof' is not in organisations"),
    ],
)
def test_a_mistake_in_the_cast_is_told(pack, wrong, words):
    with pytest.raises(ImproperlyConfigured, match=words):
        loading.load(pack(demo=wrong), True)


def test_bochum_has_one_house_for_the_rest_and_eleven_that_send_people_to_the_unit(city):
    assert Organisation.objects.get(takes_rest=True).key == "leitstelle"
    assert Organisation.objects.filter(unit_member=True).count() == 11
    assert Organisation.objects.get(key="tiefbauamt").parent.key == "bochum"
