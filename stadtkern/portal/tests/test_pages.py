"""The portal's pages, as somebody without an account sees them (the visitor looks at every page)."""

import pytest
from django.core import mail
from django.urls import reverse

from stadtkern.core.parts import NearHit, NearMe, SearchHit, SearchSource, near_me, search_sources
from stadtkern.core.testing.visitor import Visitor
from stadtkern.portal.web.home import greeting

pytestmark = pytest.mark.django_db
PAGES = ["home", "search", "map", "near", "display", "accessibility", "imprint", "privacy", "offline"]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["de", "en", "ar"])
def test_every_page_opens_in_every_direction(visitor, city, name, language):
    visitor.cookies["language"] = language
    page = visitor.get(reverse(f"portal:{name}"))
    assert page.status_code == 200
    html = page.content.decode()
    assert f'lang="{language}"' in html
    assert ('dir="rtl"' in html) == (language == "ar")


def test_the_report_button_is_in_the_head_of_every_page(visitor, city):
    page = visitor.get("/").content.decode()
    hero = page[page.index("<main") : page.index("</main")]
    assert page.count(f'href="{reverse("reports:file")}"') >= 3
    assert reverse("reports:file") in hero


def test_home_makes_no_request_to_anybody_else(visitor, city):
    page = visitor.get("/").content.decode()
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


@pytest.mark.parametrize(
    ("hour", "words"), [(6, "Guten Morgen"), (11, "Guten Tag"), (18, "Guten Abend"), (0, "Guten Morgen")]
)
def test_the_greeting_fits_the_time_of_day(hour, words):
    assert greeting(hour) == words


class TestDisplay:
    def test_a_choice_is_kept_in_a_cookie_and_shown(self, visitor, city):
        answer = visitor.post(reverse("portal:set-display"), {"theme": "dark", "next": "/karte/"})
        assert answer["Location"] == "/karte/"
        assert 'data-theme="dark"' in visitor.get("/").content.decode()

    def test_as_my_device_forgets_the_cookie(self, visitor, city):
        visitor.post(reverse("portal:set-display"), {"text": "larger"})
        answer = visitor.post(reverse("portal:set-display"), {"text": "normal"})
        assert answer.cookies["text"]["max-age"] == 0

    @pytest.mark.parametrize("target", ["https://boese.example/", "//boese.example", "javascript:alert(1)", "x"])
    def test_the_way_back_never_leaves_the_site(self, visitor, city, target):
        answer = visitor.post(reverse("portal:set-display"), {"theme": "dark", "next": target})
        assert answer["Location"] == "/"

    def test_reading_sets_no_cookie_and_another_site_switches_nothing(self, city):
        reader = Visitor(enforce_csrf_checks=True)
        assert not reader.get("/").cookies
        assert reader.post(reverse("portal:set-display"), {"theme": "dark"}).status_code == 302
        stranger = {"Sec-Fetch-Site": "cross-site"}
        assert reader.post(reverse("portal:set-display"), {"theme": "dark"}, headers=stranger).status_code == 403

    def test_an_unknown_value_is_refused(self, visitor, city):
        assert visitor.post(reverse("portal:set-display"), {"theme": "pink"}).status_code == 422

    def test_an_unknown_cookie_counts_as_not_chosen(self, visitor, city):
        visitor.cookies["theme"] = '"><script>'
        assert 'data-theme="auto"' in visitor.get("/").content.decode()

    def test_the_language_stays(self, visitor, city):
        visitor.post(reverse("portal:language"), {"language": "tr"})
        assert 'lang="tr"' in visitor.get("/").content.decode()
        assert visitor.post(reverse("portal:language"), {"language": "xx"}).status_code == 422


class TestNear:
    @pytest.fixture
    def tree(self):
        near_me.add(
            NearMe(key="trees", label="Bäume", answer=lambda lat, lon: [NearHit(title="Linde", distance_m=1240)])
        )
        yield
        near_me._parts.pop("trees")

    @pytest.fixture
    def broken(self):
        near_me.add(NearMe(key="broken", label="Kaputt", answer=lambda lat, lon: 1 / 0))
        yield
        near_me._parts.pop("broken")

    def test_everything_answers_for_a_point(self, visitor, city, tree, broken):
        page = visitor.get(reverse("portal:near"), {"lat": "51.4818", "lon": "7.2162", "adresse": "Rathaus"})
        html = page.content.decode()
        assert "Rund um Rathaus" in html
        assert "Linde" in html
        assert "1,2 km" in html
        assert page["Cache-Control"] == "no-store"

    def test_a_fragment_is_no_whole_page(self, visitor, city, tree):
        html = visitor.get(reverse("portal:near"), {"lat": "51.48", "lon": "7.21", "teil": "1"}).content.decode()
        assert "<html" not in html
        assert "Linde" in html

    @pytest.mark.parametrize(
        ("lat", "lon"), [("north", "7.2"), ("51.48", ""), ("48.1", "11.5"), ("nan", "nan"), ("1e999", "0")]
    )
    def test_a_point_that_is_none_or_elsewhere_is_refused_kindly(self, visitor, city, lat, lon):
        page = visitor.get(reverse("portal:near"), {"lat": lat, "lon": lon})
        assert page.status_code == 422
        assert 'class="alert is-bad"' in page.content.decode()

    def test_an_unknown_place_is_said_to_be_unknown(self, visitor, city):
        page = visitor.get(reverse("portal:near"), {"adresse": "xqzwv 999"})
        assert "Diesen Ort kennen wir nicht" in page.content.decode()


class TestSearch:
    @pytest.fixture
    def streets(self):
        hits = [SearchHit(title=f"Alleestraße {number}", url=f"/{number}/") for number in range(9)]
        source = SearchSource(key="streets", label="Straßen", search=lambda text, person, limit: hits[:limit])
        search_sources.add(source)
        yield
        search_sources._parts.pop("streets")

    def test_groups_show_a_few_and_lead_to_more(self, visitor, city, streets):
        html = visitor.get(reverse("portal:search"), {"q": "allee"}).content.decode()
        assert "Straßen" in html
        assert "Alleestraße 4" in html
        assert "Alleestraße 5" not in html
        assert "in=streets" in html
        more = visitor.get(reverse("portal:search"), {"q": "allee", "in": "streets"}).content.decode()
        assert "Alleestraße 8" in more

    def test_a_broken_source_does_not_break_the_search(self, visitor, city, streets):
        search_sources.add(SearchSource(key="broken", label="Kaputt", search=lambda *_given: 1 / 0))
        try:
            assert "Alleestraße 1" in visitor.get(reverse("portal:search"), {"q": "allee"}).content.decode()
        finally:
            search_sources._parts.pop("broken")

    @pytest.mark.parametrize("text", ["", " ", "a", "<script>alert(1)</script>", "x" * 5000, "\x00\x00"])
    def test_strange_words_are_harmless(self, visitor, city, text):
        page = visitor.get(reverse("portal:search"), {"q": text})
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


class TestLaw:
    def test_the_privacy_page_lists_every_rule(self, visitor, city):
        from django.utils.html import escape

        from stadtkern.core.parts import retention_rules

        html = visitor.get(reverse("portal:privacy")).content.decode()
        assert len(retention_rules)
        for rule in retention_rules:
            assert escape(str(rule.what)) in html

    def test_a_barrier_reaches_the_city(self, visitor, city, run_jobs):
        page = visitor.post(reverse("portal:accessibility"), {"text": "Der Knopf ist zu klein.", "email": "a@b.de"})
        assert page.status_code == 302
        run_jobs()
        letter = mail.outbox[-1]
        assert letter.to == [city.facts["accessibility"]["email"]]
        assert "Der Knopf ist zu klein." in letter.body
        assert "a@b.de" in letter.body

    def test_an_empty_barrier_keeps_what_was_typed(self, visitor, city):
        page = visitor.post(reverse("portal:accessibility"), {"text": "", "page": "/melden/"})
        assert page.status_code == 422
        assert 'value="/melden/"' in page.content.decode()


class TestApp:
    def test_the_manifest_makes_it_installable(self, visitor, city):
        answer = visitor.get(reverse("portal:manifest"))
        manifest = answer.json()
        assert answer["Content-Type"] == "application/manifest+json"
        assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
        assert manifest["display"] == "standalone"

    def test_the_worker_may_serve_the_whole_site(self, visitor, city):
        answer = visitor.get(reverse("portal:worker"))
        if answer.status_code == 404:
            pytest.skip("the assets are not built (node tools/build.mjs)")
        assert answer["Service-Worker-Allowed"] == "/"
        assert answer.content.startswith(b"self.STADTKERN = {")


def test_the_pattern_book_is_for_staff(visitor, aylin, bernd):
    assert visitor.get(reverse("portal:style")).status_code in (302, 403)
    assert visitor.signed_in(aylin).get(reverse("portal:style")).status_code == 403
    assert visitor.signed_in(bernd).get(reverse("portal:style")).status_code == 200


def test_home_costs_the_same_for_everybody(visitor, city, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        visitor.get("/")
