"""Atom feeds: valid by RFC 4287, whatever people write."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from stadtkern.threads.feeds import Item, atom

ATOM = "{http://www.w3.org/2005/Atom}"
MORNING = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
EVENING = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)


def feed(*items: Item) -> ElementTree.Element:
    response = atom(
        id="https://bochum.example/feeds/a",
        title="Meldungen",
        url="https://bochum.example/",
        feed_url="https://bochum.example/feeds/a.atom",
        author="Stadt Bochum",
        items=items,
        since=MORNING,
    )
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def item(**given) -> Item:
    return Item(**{"id": "urn:x:1", "title": "Laterne", "url": "https://bochum.example/1", "at": EVENING} | given)


def test_a_feed_has_what_the_standard_asks_for():
    root = feed(item(text="dunkel", place=(51.4, 7.2), categories=("lampe",), published=MORNING))
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(ATOM + name)) == 1
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    entry = root.find(f"{ATOM}entry")
    for name in ("id", "title", "updated", "content", "published"):
        assert len(entry.findall(ATOM + name)) == 1
    assert entry.find(f"{ATOM}updated").text == "2026-03-10T18:00:00Z"
    assert entry.find("{http://www.georss.org/georss}point").text == "51.4 7.2"


def test_a_feed_is_as_young_as_its_youngest_entry():
    assert feed(item(at=MORNING), item(id="urn:x:2")).find(f"{ATOM}updated").text == "2026-03-10T18:00:00Z"
    assert feed().find(f"{ATOM}updated").text == "2026-03-10T08:00:00Z"


def test_hostile_words_stay_words():
    entry = feed(item(title="<b>&]]>\x00\x08\ufffe", text="a\tb\n<script>")).find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "<b>&]]>"
    assert entry.find(f"{ATOM}content").text == "a\tb\n<script>"
