"""Secret links: they open one thing, cannot be guessed, and end."""

from xml.etree import ElementTree

import pytest
from django.urls import resolve

from stadtkern.core.problems import NotFound
from stadtkern.threads.domain import links
from stadtkern.threads.domain.conversation import device_contact, open_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return open_thread(kind="report", title="Laterne")


def token_of(path):
    return path.rstrip("/").rpartition("/")[2].removesuffix(".atom")


def test_a_link_opens_its_thread(thread):
    assert links.thread_by_token(token_of(links.secret_path(thread))) == thread


def test_an_ended_link_opens_nothing(thread):
    old = token_of(links.secret_path(thread))
    links.end_links(thread)
    with pytest.raises(NotFound):
        links.thread_by_token(old)
    assert links.thread_by_token(token_of(links.secret_path(thread))) == thread


@pytest.mark.parametrize(
    "bad", ["", "-", "1", "1-", "x" * 40, "1-" + "a" * 26, "zzzzzzzzzzzzzzz-" + "a" * 26, "1-ä" + "a" * 25]
)
def test_a_guess_opens_nothing(thread, bad):
    with pytest.raises(NotFound):
        links.thread_by_token(bad)


def test_the_letters_of_one_thread_do_not_open_another(thread):
    other = open_thread(kind="report", title="Bank")
    mine = token_of(links.secret_path(thread)).partition("-")[2]
    theirs = token_of(links.secret_path(other)).partition("-")[0]
    with pytest.raises(NotFound):
        links.thread_by_token(f"{theirs}-{mine}")


def test_each_purpose_has_its_own_letters():
    contact = device_contact(language="de")
    feed = token_of(links.feed_path(contact))
    assert links.contact_by_feed_token(feed) == contact
    for open_with in (links.contact_by_token, links.thread_by_token):
        with pytest.raises(NotFound):
            open_with(feed)


def test_an_unsubscribe_link_is_for_one_contact_and_one_topic():
    contact, other = device_contact(language="de"), device_contact(language="de")
    token = token_of(links.unsubscribe_path(contact, "reports.status"))
    assert links.contact_by_unsubscribe_token(token, "reports.status") == contact
    with pytest.raises(NotFound):
        links.contact_by_unsubscribe_token(token, "*")
    with pytest.raises(NotFound):
        links.contact_by_unsubscribe_token(token_of(links.unsubscribe_path(other, "*")), "reports.status")


def test_a_link_of_a_merged_contact_leads_to_the_one_that_stays():
    stays, goes = device_contact(language="de"), device_contact(language="de")
    token = token_of(links.contact_path(goes))
    goes.merged_into = stays
    goes.save()
    assert links.contact_by_token(token) == stays


def test_a_qr_code_is_a_picture_with_a_name():
    drawing = links.qr_svg("https://bochum.example/m/1-abc/")
    root = ElementTree.fromstring(drawing)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert "style" not in drawing


def test_the_addresses_told_are_answered(thread):
    contact = device_contact(language="de")
    paths = [
        links.secret_path(thread),
        links.contact_path(contact),
        links.feed_path(contact),
        links.unsubscribe_path(contact, "*"),
        links.unsubscribe_path(contact, "threads.message"),
    ]
    assert {resolve(path).namespace for path in paths} == {"threads"}
