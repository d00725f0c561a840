"""The look: forms tied together for screen readers, icons that exist, colours only in tokens."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.utils import timezone, translation

from stadtkern.core.templatetags.core import ago, at, distance, duration, icon, in_my_language
from stadtkern.core.web.icons import drawings

HOUSE = Path(__file__).resolve().parents[2]
STYLES = sorted(HOUSE.glob("*/assets/**/*.css"))
TEMPLATES = sorted(HOUSE.glob("*/templates/**/*.html"))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|lab)\(")


class Example(forms.Form):
    street = forms.CharField(label="Straße", help_text="Mit Hausnummer")
    kind = forms.ChoiceField(label="Was?", choices=[("a", "Laterne"), ("b", "Ampel")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Antwort gewünscht", required=False)


def render(source: str, **given: object) -> str:
    return engines["django"].from_string("{% load core %}" + source).render(given)


class TestForms:
    def test_label_hint_error_and_field_belong_together(self):
        html = render("{{ form }}", form=Example({}))
        assert '<label class="field-label" for="id_street">' in html
        assert 'aria-describedby="id_street_helptext id_street_error"' in html
        assert 'id="id_street_helptext"' in html
        assert 'id="id_street_error"' in html
        assert 'aria-invalid="true"' in html

    def test_the_summary_comes_first_and_leads_to_each_field(self):
        html = render("{{ form }}", form=Example({}))
        assert html.index('role="alert"') < html.index("id_street")
        assert 'href="#id_street"' in html
        assert 'href="#id_kind"' in html

    def test_a_group_of_choices_has_a_legend_instead_of_a_label(self):
        html = render("{{ form.kind.as_field_group }}", form=Example())
        assert re.search(r"<fieldset[^>]*>\s*<legend>\s*Was\?\s*</legend>", html)
        assert 'for="id_kind"' not in html

    def test_only_what_may_stay_empty_is_marked(self):
        html = render("{{ form }}", form=Example())
        assert html.count("(freiwillig)") == 0, "a single box is optional by nature"

    def test_what_was_typed_is_escaped_and_kept(self):
        html = render("{{ form }}", form=Example({"street": '"><script>alert(1)</script>'}))
        assert "<script>" not in html
        assert "&lt;script&gt;" in html


class TestTags:
    def test_an_icon_is_silent_or_speaks(self):
        assert 'aria-hidden="true"' in icon("lamp")
        assert 'aria-label="intern"' in icon("lock", "intern")
        assert "<circle" in icon("no-such-icon")

    @pytest.mark.parametrize(
        ("span", "words"),
        [
            (timedelta(seconds=5), "gerade eben"),
            (timedelta(minutes=1), "vor 1 Minute"),
            (timedelta(minutes=59), "vor 59 Minuten"),
            (timedelta(days=3), "vor 3 Tagen"),
        ],
    )
    def test_ago(self, span, words):
        assert ago(timezone.now() - span) == words

    def test_ago_of_nothing_is_nothing(self):
        assert ago(None) == ""

    @pytest.mark.parametrize(
        ("metres", "words"), [(0, "10 m"), (84, "80 m"), (999, "1000 m"), (1240, "1,2 km"), (None, "")]
    )
    def test_distance(self, metres, words):
        assert distance(metres) == words

    @pytest.mark.parametrize(
        ("days", "words"), [(1, "1 Tag"), (30, "30 Tage"), (180, "6 Monate"), (365, "1 Jahr"), (730, "2 Jahre")]
    )
    def test_duration(self, days, words):
        assert duration(timedelta(days=days)) == words

    def test_words_of_the_pack_in_the_readers_language(self):
        with translation.override("en"):
            assert in_my_language({"de": "Straße", "en": "Street"}) == "Street"
        assert in_my_language("plain") == "plain"
        assert in_my_language(None) == ""

    def test_a_place_in_a_list(self):
        assert at(["a"], 0) == "a"
        assert at(["a"], 3) == ""


def test_only_tokens_name_a_colour():
    faults = [
        f"{path.relative_to(HOUSE)}: {line.strip()[:80]}"
        for path in STYLES
        if path.name not in {"tokens.css"}
        for line in path.read_text().splitlines()
        if COLOUR.search(re.sub(r"url\([^)]*\)", "", line)) and "token-exempt" not in line
    ]
    assert faults == []


def test_every_icon_named_in_a_template_is_drawn():
    named = {
        (path.relative_to(HOUSE).as_posix(), name)
        for path in TEMPLATES
        for name in re.findall(r'\{% icon "([\w-]+)"|icon="([\w-]+)"', path.read_text())
        for name in name
        if name
    }
    assert sorted(fault for fault in named if fault[1] not in drawings()) == []


def test_every_component_says_its_parameters():
    folder = HOUSE / "core/templates/core/components"
    assert [path.name for path in folder.glob("*.html") if "{% comment" not in path.read_text()[:400]] == []


def test_every_behaviour_named_in_a_template_exists_once():
    files = [path.stem for path in HOUSE.glob("*/assets/behaviours/*.js")]
    named = {
        (path.relative_to(HOUSE).as_posix(), name)
        for path in TEMPLATES
        for names in re.findall(r'data-enhance="([\w\s-]+)"', path.read_text())
        for name in names.split()
    }
    assert sorted(fault for fault in named if fault[1] not in files) == []
    assert len(files) == len(set(files))
