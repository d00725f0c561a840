"""Who gets what: rules look at the kind, the place, the answers, and whose the thing is."""

import json
import shutil

import pytest

from stadtkern.core.city import PACKS
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.filing import file_report
from stadtkern.reports.domain.routing import case_for, conditions
from stadtkern.reports.models import RoutingRule
from stadtkern.reports.tests.builders import draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(city):
    """Make a rule that comes before all others."""

    def make(to: str, **when):
        house = Organisation.objects.get(key=to)
        made = RoutingRule.objects.create(key="first", order=0, when=when, to=house)
        RoutingRule.objects.exclude(pk=made.pk).update(is_active=False)
        catalogue.forget()
        return made

    yield make
    catalogue.forget()


def case(asset_id="", **more):
    lamp = catalogue.catalogue().category("lamp")
    return case_for(lamp, district="mitte", answers={}, asset_id=asset_id, **more)


def owner_of(asset_id):
    return file_report(draft(category="lamp", asset_id=asset_id), ask_questions=False).owner.key


def test_a_rule_may_name_the_kind_of_thing(rule):
    rule("usb", asset=["stop"])
    assert owner_of("Haltestelle Rathaus") == "usb"
    assert owner_of("Laterne 4711") != "usb"
    assert owner_of("") != "usb"


def test_a_rule_may_name_whose_the_thing_is(rule, tmp_path, settings):
    settings.CITY, settings.DEMO = str(with_lamps(tmp_path, {"815": "vbw", "816": None})), False
    rule("usb", asset_owner=["vbw"])
    assert owner_of("Laterne 815") == "usb"
    assert owner_of("Laterne 816") != "usb"


def with_lamps(tmp_path, owners):
    """A copy of the pack whose register of lamps says to whom each belongs."""
    folder = shutil.copytree(PACKS / "bochum", tmp_path / "bochum")
    point = {"type": "Point", "coordinates": [7.2167, 51.4819]}
    lamps = [
        {"type": "Feature", "geometry": point, "properties": {"number": number, "owner": owner}}
        for number, owner in owners.items()
    ]
    (folder / "lamps.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": lamps}))
    kinds = folder / "assets.toml"
    kinds.write_text(kinds.read_text().replace('key = "lamp"', 'key = "lamp"\nfile = "lamps.geojson"'))
    return folder


def test_conditions_say_why(city):
    told = conditions({"category": ["lamp"], "district": ["sued"], "answers": {"trouble": ["dark"]}}, case())
    assert [(one.name, one.holds, one.has) for one in told] == [
        ("category", True, ("lamp",)),
        ("district", False, ("mitte",)),
        ("answers.trouble", False, ()),
    ]


def test_a_rule_without_conditions_takes_everything(city):
    assert conditions({}, case()) == []
