"""What search engines read: schema.org in a data block that nobody can break out of."""

import json
import re

import pytest

from stadtkern.core.testing.page import check_page
from stadtkern.core.web import linked_data
from stadtkern.reports.models import Report
from stadtkern.reports.tests import builders
from stadtkern.reports.words import Visibility

pytestmark = pytest.mark.django_db
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>')


def graph(page: str) -> dict:
    blocks = BLOCK.findall(page)
    assert len(blocks) == 1
    read = json.loads(blocks[0])
    assert read["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in read["@graph"]}


def published(**given):
    made = builders.report(**given)
    Report.objects.update(visibility=Visibility.PUBLIC)
    return made


def test_a_public_report_tells_what_and_where_it_is(visitor, city):
    made = published(address="Weg 7 \\ Hof")
    things = graph(visitor.get(f"/meldungen/{made.pk}/").content.decode())
    told = things["Report"]
    assert told["reportNumber"] == str(made.pk)
    assert told["contentLocation"]["geo"]["latitude"] == made.lat
    assert told["contentLocation"]["address"] == "Weg 7 \\ Hof"
    assert [step["position"] for step in things["BreadcrumbList"]["itemListElement"]] == [1, 2, 3]


def test_two_reports_of_a_kind_keep_their_own_data(visitor, city):
    first, second = published(address="Weg 7"), published(address="Gasse 9")
    for made, address in ((first, "Weg 7"), (second, "Gasse 9")):
        told = graph(visitor.get(f"/meldungen/{made.pk}/").content.decode())["Report"]
        assert (told["reportNumber"], told["contentLocation"]["address"]) == (str(made.pk), address)


def test_hostile_words_stay_in_the_block(visitor, city):
    made = published(text='</script><script>alert(1)</script> & "so"', address="</script>")
    told = graph(visitor.get(f"/meldungen/{made.pk}/").content.decode())["Report"]
    assert told["abstract"].startswith("</script>")


def test_what_is_not_public_tells_search_engines_nothing(visitor, city):
    made = builders.report()
    Report.objects.update(visibility=Visibility.CHECKING)
    assert not BLOCK.search(visitor.get(f"/meldungen/{made.pk}/").content.decode())


@pytest.mark.parametrize("way", ["/meldungen/", "/meldungen/karte/", "/meldungen/?gruppe=streets"])
def test_lists_tell_their_way(visitor, city, way):
    things = graph(visitor.get(way).content.decode())
    assert things["CollectionPage"]["url"].endswith(way)
    assert things["BreadcrumbList"]["itemListElement"][0]["name"] == "Start"


def test_the_first_page_names_the_city_and_its_search(visitor, city):
    things = graph(visitor.get("/").content.decode())
    assert things["GovernmentOrganization"]["address"]["addressLocality"] == "Bochum"
    assert "{search_term_string}" in things["WebSite"]["potentialAction"]["target"]["urlTemplate"]


def test_reporting_is_a_service_of_the_city(visitor, city):
    assert graph(visitor.get("/melden/").content.decode())["GovernmentService"]["url"].endswith("/melden/")


@pytest.mark.parametrize("kind", ["", ' type="text/javascript"', ' type="ld+json"'])
def test_no_other_script_may_stand_in_a_page(kind):
    page = f'<html lang="de"><title>x</title><main><h1>x</h1></main><script{kind}>1</script></html>'
    with pytest.raises(AssertionError, match="inline script"):
        check_page(page)


def test_a_block_is_closed_by_nothing_in_it():
    assert linked_data.block({"name": "</script><!--"}).count("<") == 2
