"""Constant parts of templates are drawn once per language; everything else stays what it is."""

import pytest
from django.template import Context, Engine
from django.template.base import TextNode
from django.utils import translation

from stadtkern.core.web.folding import Named, fold

LIBRARIES = {"i18n": "django.templatetags.i18n", "core": "stadtkern.core.templatetags.core"}


def engine_of(**templates: str) -> Engine:
    """Loads these templates as the house loads its own: names without ending."""
    loaders = [("stadtkern.core.web.folding.Loader", [("django.template.loaders.locmem.Loader", templates)])]
    return Engine(loaders=loaders, libraries=LIBRARIES)


def test_words_and_drawings_become_one_text() -> None:
    template = engine_of(page='{% load core i18n %}<p>{% icon "pin" %}{% trans "Start" %}</p>').get_template("page")
    texts = [node for node in template.nodelist if isinstance(node, TextNode)]
    assert len(texts) == 1
    assert texts[0].s.startswith("<p><svg")
    assert texts[0].s.endswith("Start</p>")


def test_each_language_has_its_own() -> None:
    engine = engine_of(page='{% load i18n %}{% trans "Speichern" %}', all='{% include "page" %}')
    for language, words in (("de", "Speichern"), ("en", "Save"), ("de", "Speichern")):
        with translation.override(language):
            assert engine.get_template("all").render(Context()) == words


def test_inside_if_for_block_and_parent() -> None:
    engine = engine_of(
        frame='{% load i18n %}{% block text %}{% trans "Start" %}{% endblock %}!',
        page='{% extends "frame" %}{% load i18n %}{% block text %}{% for each in many %}'
        '{% if each %}{% trans "Start" %}{% else %}{% trans "Karte" %}{% endif %} {% endfor %}'
        "{{ block.super }}{% endblock %}",
    )
    assert engine.get_template("page").render(Context({"many": [1, 0]})) == "Start Karte Start!"


def test_an_address_under_a_name() -> None:
    engine = engine_of(page="{% url 'portal:search' as there %}{% if there %}{{ there }}{% endif %}")
    template = engine.get_template("page")
    assert any(isinstance(node, Named) for node in template.nodelist)
    assert template.render(Context()) == "/suche/"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% trans words %}", "Start &amp; Ziel"),
        ('{% trans "Start" as later %}{{ later }}', "Start"),
        ('{% trans "Start"|upper %}', "START"),
        ('{% language "en" %}{% trans "Speichern" %}{% endlanguage %}', "Save"),
        ("{% icon name %}", ""),
        ("{{ words }}", "Start &amp; Ziel"),
    ],
)
def test_what_depends_on_something_stays(source: str, expected: str) -> None:
    engine = engine_of(page="{% load core i18n %}" + source)
    with translation.override("de"):
        template = engine.get_template("page")
        drawn = template.render(Context({"words": "Start & Ziel", "name": "pin"}))
    assert expected in drawn
    assert not all(isinstance(node, TextNode) for node in template.nodelist[1:])


def test_an_address_that_does_not_exist_is_told_by_the_page() -> None:
    template = engine_of(page="{% if wanted %}{% url 'nowhere' %}{% endif %}").get_template("page")
    assert template.render(Context({"wanted": False})) == ""


def test_folding_twice_changes_nothing() -> None:
    template = engine_of(page='{% load i18n %}a{% trans "Start" %}b').get_template("page")
    before = template.render(Context())
    fold(template.nodelist)
    assert template.render(Context()) == before
