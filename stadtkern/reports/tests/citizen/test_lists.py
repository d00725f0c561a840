"""Lists, map data, feeds and registers, with every filter; and what a filter's address may hold."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stadtkern.core.problems import BadQuery
from stadtkern.reports.domain import clusters
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.duplicates import any_of_the_words, likely_duplicates
from stadtkern.reports.domain.filing import file_report
from stadtkern.reports.domain.likeness import likeness
from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.domain.queries import NAMES, Cursor, ListQuery, list_reports
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import POTHOLE, TOWN_HALL, draft, report
from stadtkern.reports.tests.citizen.test_public import public, text_of
from stadtkern.reports.tests.citizen.wizardry import needs_free_switches
from stadtkern.reports.words import Status, Visibility

BOX = "7.0,51.3,7.5,51.7"
BAD_VIEWS = [
    "bbox=1,2,3",
    "bbox=a,b,c,d",
    f"bbox={BOX}&zoom=x",
    f"bbox={BOX}&zoom=99",
    "bbox=9,9,1,1",
    "bbox=nan,0,1,1",
]
pytestmark = pytest.mark.django_db


def test_the_list_shows_public_reports_newest_first(visitor, city):
    first, second = public(text="Der erste Fall"), public(text="Der zweite Fall")
    page = text_of(visitor.get("/meldungen/"))
    assert page.index("Der zweite Fall") < page.index("Der erste Fall")
    assert f"/meldungen/{first.pk}/" in page
    assert f"/meldungen/{second.pk}/" in page


def test_an_empty_list_says_so_kindly(visitor, city):
    assert "Hier ist nichts." in text_of(visitor.get("/meldungen/"))


def test_what_is_not_public_is_in_no_list(visitor, city):
    made = public(text="Ein verborgener Fall")
    type(made).objects.update(visibility="hidden")
    clusters.forget()
    for path in ("/meldungen/", "/feeds/meldungen.atom", "/feeds/meldungen.geojson"):
        assert "Ein verborgener Fall" not in text_of(visitor.get(path))
    assert visitor.get(f"/meldungen/karte.json?bbox={BOX}&zoom=12").json()["features"] == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("suche=Poller", {1}),
        ("suche=Schlagloch", {2}),
        ("suche=poller+-rathaus", set()),
        ("kategorie=pothole", {2}),
        ("gruppe=streets", {2}),
        ("art=defect", {1, 2}),
        ("art=idea", set()),
        ("status=offen", {1, 2}),
        ("status=abgeschlossen", set()),
        ("status=received", {1, 2}),
        ("bezirk=nowhere", set()),
    ],
)
def test_filters(city, address, found):
    rows = {
        public(text="Der Poller vor dem Rathaus liegt.").pk: 1,
        public(text="Ein tiefes Schlagloch.", **POTHOLE).pk: 2,
    }
    params = dict(pair.split("=") for pair in address.replace("+", " ").split("&"))
    group_of_both = {catalogue().categories["bollard"].group_id, catalogue().categories["pothole"].group_id}
    if address == "gruppe=streets" and len(group_of_both) == 1:
        found = {1, 2}
    assert {rows[row.id] for row in list_reports(ListQuery.parse(params)).items} == found


def test_a_number_finds_its_report(city):
    made = public()
    for text in (str(made.pk), f"#{made.pk}"):
        assert [row.id for row in list_reports(ListQuery(text=text)).items] == [made.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_one_query_however_many_rows(visitor, city, rows, django_assert_num_queries):
    needs_free_switches()
    for _ in range(rows):
        public()
    visitor.get("/meldungen/")
    with django_assert_num_queries(1):
        visitor.get("/meldungen/")


def test_pages_follow_each_other_without_gap_or_double(city):
    made = [public().pk for _ in range(7)]
    seen, after = [], None
    while True:
        page = list_reports(ListQuery(after=after), limit=3)
        seen += [row.id for row in page.items]
        if page.next is None:
            break
        after = ListQuery.parse({"after": page.next}).after
    assert seen == sorted(made, reverse=True)


def test_the_reasons_lead_to_the_reports_they_ended(visitor, city, bernd):
    refused, other = public(text="Ein Brunnen"), public(text="Noch ein Poller")
    move_report(refused.pk, to=Status.REJECTED, by=bernd, reason="no-money", told="Leider.")
    register = text_of(visitor.get("/meldungen/gruende/"))
    assert 'href="/meldungen/?grund=no-money"' in register
    page = text_of(visitor.get("/meldungen/?grund=no-money"))
    assert f'href="/meldungen/{refused.pk}/"' in page
    assert f'href="/meldungen/{other.pk}/"' not in page
    assert "Nein, denn: " in page
    assert 'name="grund" value="no-money"' in page
    assert visitor.get("/meldungen/?grund=laziness").status_code == 400


def test_a_changed_report_changes_its_line_at_once(visitor, city):
    made = public()
    visitor.get("/meldungen/")
    visitor.post(f"/meldungen/{made.pk}/mich-auch/")
    assert "1 mal „Mich auch“" in text_of(visitor.get("/meldungen/"))


@pytest.mark.parametrize(
    "address", ["kategorie=dragons", "status=perhaps", "after=x", "seite=2", "bezirk=%27--", "art=joke", "gruppe=none"]
)
def test_nonsense_is_answered_with_a_readable_400(visitor, city, address):
    assert visitor.get(f"/meldungen/?{address}").status_code == 400


def test_what_other_sites_hang_on_is_dropped(visitor, city):
    assert visitor.get("/meldungen/?utm_source=x&fbclid=y").status_code == 200


NAME = st.sampled_from([*NAMES.values(), "after", "bbox", "x"])


@given(st.dictionaries(NAME, st.text(max_size=40), max_size=5))
def test_any_address_parses_or_is_refused_in_words(params):
    """The tables are empty here: any category is unknown, which is refused like everything else."""
    query, words = None, ""
    try:
        query = ListQuery.parse(params)
    except BadQuery as refusal:
        words = str(refusal)
    assert words or list_reports(query, limit=1).next is None


@given(st.integers(0, 4_102_444_800_000_000), st.integers(0, 2**60))
def test_a_cursor_survives_the_address(micros, id):
    assert ListQuery.parse({"after": str(Cursor(micros, id))}).after == Cursor(micros, id)


def test_the_map_page_has_a_text_way(visitor, city):
    page = text_of(visitor.get("/meldungen/karte/?gruppe=streets"))
    assert "/meldungen/?gruppe=streets" in page
    assert "/meldungen/karte.json?bbox={bbox}&amp;zoom={zoom}&amp;gruppe=streets" in page


def test_far_away_reports_are_clustered_and_nearby_they_are_single(visitor, city):
    made = [public(lat=51.4818 + n / 100_000, lon=7.2166).pk for n in range(3)]
    far = visitor.get(f"/meldungen/karte.json?bbox={BOX}&zoom=10").json()["features"]
    assert [feature["properties"]["point_count"] for feature in far] == [3]
    near = visitor.get("/meldungen/karte.json?bbox=7.21,51.48,7.22,51.49&zoom=18").json()["features"]
    assert {feature["properties"]["id"] for feature in near} == set(made)
    assert all(feature["properties"]["url"].startswith("/meldungen/") for feature in near)


def test_the_sum_of_all_clusters_is_all_reports(city):
    for n in range(12):
        public(lat=51.45 + n / 500, lon=7.15 + n / 300)
    for zoom in range(0, 19):
        marks = clusters.marks(ListQuery(), box=(7.0, 51.3, 7.5, 51.7), zoom=zoom)
        assert sum(mark.count for mark in marks) == 12


@pytest.mark.parametrize("address", BAD_VIEWS)
def test_bad_boxes_are_refused(visitor, city, address):
    assert visitor.get(f"/meldungen/karte.json?{address}").status_code == 400


def test_atom_and_geojson_say_the_same(visitor, city):
    made = public(text="Ein Fall & <mehr>")
    feed = ElementTree.fromstring(visitor.get("/feeds/meldungen.atom").content)
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    features = json.loads(visitor.get("/feeds/meldungen.geojson").content)["features"]
    assert len(entries) == len(features) == 1
    assert features[0]["id"] == made.pk
    assert features[0]["geometry"]["coordinates"] == [TOWN_HALL["lon"], TOWN_HALL["lat"]]


def test_feeds_refuse_unknown_parameters(visitor, city):
    assert visitor.get("/feeds/meldungen.atom?limit=5").status_code == 400


def test_a_likely_duplicate_is_near_and_of_the_same_kind(city):
    same = public(text="Der Poller liegt um.")
    public(text="Der Poller liegt um.", lat=51.4900)
    public(text="Ein Loch", **POTHOLE)
    found = likely_duplicates(catalogue().categories["bollard"], **TOWN_HALL, text="Poller umgefahren")
    assert [likeness.row.id for likeness in found if likeness.same_kind] == [same.pk]
    assert found[0].distance_m == 0


def test_more_alike_comes_first(city):
    near = {"lat": TOWN_HALL["lat"] + 0.00005, "lon": TOWN_HALL["lon"]}
    other = public(text="Etwas völlig anderes.", **near)
    alike = public(text="Der Poller ist umgefahren.", **near)
    found = likely_duplicates(catalogue().categories["bollard"], **TOWN_HALL, text="umgefahrener Poller")
    assert [likeness.row.id for likeness in found][:2] == [alike.pk, other.pk]


def test_slips_compounds_and_other_words_for_the_same_thing_come_before_what_is_only_near(city):
    near = {"lat": TOWN_HALL["lat"] + 0.00005, "lon": TOWN_HALL["lon"], "category": "lamp"}
    other = _filed(text="Am Mast klebt ein Plakat von der Kirmes.", **near)
    for told, typed in (
        ("Die Lampe brennt nicht.", "Lmpe brent nicht"),
        ("Die Straßenlaterne ist defekt.", "Laterne defekt"),
        ("Die Laterne flackert.", "Beleuchtung flackert"),
    ):
        alike = _filed(text=told, **near)
        found = likely_duplicates(catalogue().categories["lamp"], lat=near["lat"], lon=near["lon"], text=typed)
        assert [one.row.id for one in found] == [alike.pk, other.pk], typed
        Report.objects.filter(pk=alike.pk).update(visibility=Visibility.HIDDEN)


def _filed(**given):
    made = file_report(draft(**given), ask_questions=False)
    publish_report(made.pk, by=None)
    return made


def test_staff_compare_with_what_waits_for_its_release_citizens_do_not(city):
    first, second = report(), report()
    Report.objects.update(visibility=Visibility.CHECKING)
    bollard = catalogue().categories["bollard"]
    assert likely_duplicates(bollard, **TOWN_HALL, text="Poller umgefahren") == []
    found = likely_duplicates(bollard, **TOWN_HALL, text="Poller umgefahren", for_staff=True, but_not=second.pk)
    assert [one.row.id for one in found] == [first.pk]


@pytest.mark.parametrize(
    ("one", "two", "least", "most"),
    [
        ("Der Poler ist umgefaren", "Poller umgefahren", 0.6, 1),
        ("Straßenlaterne dunkel", "Die Laterne ist dunkel", 1, 1),
        ("Die Lampe ist aus", "Straßenlaterne", 0.6, 0.7),
        ("Müll im Park", "Der Baum ist krank", 0, 0),
        ("", "Poller", 0, 0),
        ("die der das ist", "die der das ist", 0, 0),
    ],
)
def test_likeness_of_two_texts(one, two, least, most):
    assert least <= likeness(one, two, [["lampe", "laterne", "licht"], ["müll", "abfall"]]) <= most


@given(st.text(), st.text())
def test_likeness_is_between_nothing_and_everything(one, two):
    assert 0 <= likeness(one, two) <= 1


@given(st.text())
def test_any_words_make_a_harmless_question(text):
    assert not set(any_of_the_words(text)) & set("'\\():*&!<>")


def test_the_form_shows_likely_duplicates(visitor, city):
    made = public(text="Der Poller liegt um.")
    answer = visitor.post("/melden/aehnlich/", {"lat": "51.48186", "lon": "7.21667", "category": "bollard", "text": ""})
    assert f"/meldungen/{made.pk}/mich-auch/" in text_of(answer)
    nothing = visitor.post("/melden/aehnlich/", {"category": "bollard"})
    assert text_of(nothing).strip() == ""


def test_categories_say_who_and_closed_ones_why(visitor, city):
    page = text_of(visitor.get("/meldungen/kategorien/"))
    assert "Falschparken" in page
    assert catalogue().organisations[catalogue().categories["bollard"].owner_id].name in page
    assert "Schlagloch" in text_of(visitor.get("/meldungen/kategorien/?suche=schlagloch"))
    assert "keine Art gefunden" in text_of(visitor.get("/meldungen/kategorien/?suche=drachen"))


def test_reasons_can_be_searched(visitor, city):
    page = text_of(visitor.get("/meldungen/gruende/?suche=privatem+Grund"))
    assert "Die Stelle liegt auf privatem Grund" in page
    assert "Naturschutz" not in page.split("<main")[1].split("reasons")[1]
