"""The house checks find what they are for, and nothing else."""

import importlib.util
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def tool(name: str):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


addresses, sizes = tool("check_addresses"), tool("check_sizes")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("requirements/main.lock", "--index-url https://example.org/simple"),
        ("requirements/main.lock", "django @ https://example.org/django.whl"),
        ("requirements/main.lock", "# from file: see http://example.org"),
        ("README.md", "https://files.pythonhosted.org/packages/x.whl"),
        ("Dockerfile", "RUN pip install --extra-index-url=https://example.org/ x"),
        (".npmrc", "registry=https://example.org/npm/"),
        (".npmrc", "@kern:registry=https://example.org/npm/"),
        ("package-lock.json", '      "resolved": "https://registry.example.org/x.tgz",'),
        ("pip.conf", "index-url = https://example.org/simple"),
    ],
)
def test_an_address_of_a_registry_is_found(name, line):
    assert addresses.faults(name, f"fine\n{line}\n")[0].startswith(f"{name}:2: ")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("requirements/main.lock", "django==5.2.19 \\"),
        (
            "requirements/main.lock",
            "    --hash=sha256:" + "59bb0325" * 8,
        ),
        ("docs/x.md", "Django's site is https://www.djangoproject.com/."),
        ("docs/x.md", "made by `uv pip compile --no-emit-index-url`"),
        ("package-lock.json", '      "url": "https://opencollective.com/x"'),
        (".npmrc", "omit-lockfile-registry-resolved=true"),
    ],
)
def test_other_addresses_are_fine(name, line):
    assert addresses.faults(name, line) == []


def test_what_belongs_to_one_machine_is_found():
    assert addresses.faults("a.md", "see mirror.example.lan/x", {"mirror.example.lan"})


def test_no_tracked_file_carries_an_address():
    assert addresses.main() == 0


@pytest.mark.parametrize("name", ["a/utils.py", "a/helpers/x.py", "common/x.js", "a/misc.css", "a/util.py"])
def test_a_junk_drawer_is_found(name):
    assert "junk drawer" in sizes.faults(name, "")[0]


@pytest.mark.parametrize(
    ("name", "lines", "fits"),
    [
        ("a/b.py", 400, True),
        ("a/b.py", 401, False),
        ("a/tests/test_b.py", 600, True),
        ("a/tests/test_b.py", 601, False),
        ("stadtkern/config/settings.py", 251, False),
        ("a/assets/tests/b.test.js", 500, True),
    ],
)
def test_a_file_has_its_size(name, lines, fits):
    assert (sizes.faults(name, "\n" * lines) == []) is fits


@pytest.mark.parametrize(("lines", "fits"), [(40, True), (41, False)])
def test_a_function_has_its_size(lines, fits):
    text = "def f():\n" + "    x = 1\n" * (lines - 1)
    assert (sizes.faults("a/b.py", text) == []) is fits


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("<p>" + "a" * 190 + "</p>", True),
        ("<p>" + "a" * 200 + "</p>", False),
        ("<li>{{ a }}</li>" * 20, False),
        ('  <p>{% trans "' + "a" * 300 + '" %}</p>', True),
        ('  <a class="b" href="{% if a %}?' + "{{ b }}" * 50 + '{% endif %}">', True),
        ('<a href="{% url "x" %}">{% trans "' + "a" * 90 + '" %}</a>{% trans "' + "b" * 90 + '" %}', False),
    ],
    ids=["short", "long", "many elements", "one tag", "one attribute", "two tags"],
)
def test_a_template_is_read_line_by_line(line, fits):
    name = "stadtkern/a/templates/a/b.html"
    assert (sizes.faults(name, f"<div>\n{line}\n</div>\n") == []) is fits
    assert not sizes.faults("stadtkern/a/pages/b.html", line)


def test_the_whole_house_keeps_its_sizes():
    assert sizes.main() == 0
