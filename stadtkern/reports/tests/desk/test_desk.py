"""The desk: only what is mine, every action by its right, two at once, many at once."""

import json

import pytest

from stadtkern.core.models import AuditEntry
from stadtkern.people.models import Organisation
from stadtkern.reports.models import Report, SavedFilter
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import INBOX, post
from stadtkern.reports.web.desk_actions import ACTIONS
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for

pytestmark = pytest.mark.django_db

STRANGE = [
    {"view": "x"},
    {"status": "x"},
    {"kind": "x"},
    {"category": "x"},
    {"group": "x"},
    {"district": "x"},
    {"owner": "1 or 1"},
    {"owner": "999999999"},
    {"after": "x"},
]


def at(visitor, person):
    return visitor.signed_in(person)


def test_only_what_is_mine(visitor, bernd, clara):
    made = report()
    assert f"#{made.pk}" in at(visitor, bernd).get(INBOX).content.decode()
    assert f"#{made.pk}" not in at(visitor, clara).get(INBOX).content.decode()
    assert at(visitor, clara).get(f"{INBOX}{made.pk}/").status_code == 404


def test_strangers_are_sent_away(visitor, aylin):
    assert visitor.get(INBOX).status_code == 302
    assert at(visitor, aylin).get(INBOX).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_many_rows(visitor, bernd, rows, django_assert_max_num_queries):
    for _turn in range(rows):
        report()
    desk = at(visitor, bernd)
    desk.get(INBOX)
    with django_assert_max_num_queries(10):
        assert desk.get(INBOX).status_code == 200


@pytest.mark.parametrize("view", ["open", "mine", "free", "clock", "late", "checking", "closed"])
def test_every_view_answers(visitor, dora, view):
    report()
    assert at(visitor, dora).get(INBOX, {"view": view}).status_code == 200


@pytest.mark.parametrize("query", STRANGE)
def test_a_strange_question_is_refused_with_words(visitor, dora, query):
    answer = at(visitor, dora).get(INBOX, query)
    assert answer.status_code == 400
    assert "after" in query or "gibt es nicht" in answer.content.decode()


@pytest.mark.parametrize(("words", "found"), [("umgefahren", True), ("Poller", True), ("Giraffe", False)])
def test_the_search_finds_words(visitor, bernd, words, found):
    made = report()
    assert (f"#{made.pk}" in at(visitor, bernd).get(INBOX, {"q": words}).content.decode()) is found


def test_a_number_finds_its_report(visitor, bernd):
    first, second = report(), report()
    page = at(visitor, bernd).get(INBOX, {"q": f"#{second.pk}"}).content.decode()
    assert f">#{second.pk}<" in page
    assert f">#{first.pk}<" not in page


def test_a_step_is_done_and_said(visitor, bernd):
    made = report()
    answer = post(at(visitor, bernd), made, "schritt", to="checked", told="Wir fahren hin.")
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.status == Status.CHECKED
    page = at(visitor, bernd).get(f"{INBOX}{made.pk}/").content.decode()
    assert "Wir fahren hin." in page


def test_a_no_without_reason_comes_back_with_everything_typed(visitor, bernd):
    made = report()
    answer = post(at(visitor, bernd), made, "schritt", to="rejected", told="Das ist so gewollt.")
    assert answer.status_code == 422
    assert "Das ist so gewollt." in answer.content.decode()
    assert "Grund" in answer.content.decode()


def test_the_second_of_two_sees_both_and_may_send_again(visitor, bernd, dora):
    made = report()
    seen = made.version
    post(at(visitor, bernd), made, "schritt", to="checked", told="Ich war schneller.")
    desk = at(visitor, dora)
    answer = desk.post(
        f"{INBOX}{made.pk}/schritt/",
        {"schritt-version": seen, "schritt-to": "in_work", "schritt-told": "Meine Worte"},
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ich war schneller." in page
    assert "Meine Worte" in page
    made.refresh_from_db()
    assert post(desk, made, "schritt", to="in_work", told="Meine Worte").status_code == 302


def test_handing_over_takes_it_off_my_desk(visitor, bernd, clara):
    made = report()
    usb = Organisation.objects.get(key="usb")
    answer = post(at(visitor, bernd), made, "weitergeben", to=usb.pk, words="Bitte abholen.")
    assert answer.status_code == 302
    assert answer.url == INBOX
    assert "Bitte abholen." in at(visitor, clara).get(f"{INBOX}{made.pk}/").content.decode()


@pytest.mark.parametrize("key", sorted(ACTIONS))
def test_nobody_acts_on_what_is_not_theirs(visitor, clara, key):
    made = report()
    assert post(at(visitor, clara), made, key).status_code == 404
    made.refresh_from_db()
    assert made.version == 1


@pytest.mark.parametrize("key", ["zuweisen", "weitergeben", "berichtigen", "verbergen"])
def test_a_crew_may_work_but_not_decide(visitor, kai, key):
    made = report()
    assert post(at(visitor, kai), made, key).status_code == 403


def test_contact_data_need_a_right_and_leave_a_trace(visitor, bernd, kai):
    made = report(contact=contact_for(email="aylin@stadtkern.example", name="Aylin D."))
    assert "aylin@stadtkern.example" in at(visitor, bernd).get(f"{INBOX}{made.pk}/").content.decode()
    assert AuditEntry.objects.filter(action="threads.contact_read", actor_id=bernd.pk).count() == 1
    assert "aylin@stadtkern.example" not in at(visitor, kai).get(f"{INBOX}{made.pk}/").content.decode()


def test_merging_split_and_link(visitor, bernd):
    first, second = report(), report()
    desk = at(visitor, bernd)
    assert post(desk, first, "doppel", into=second.pk).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.duplicate_of_id, first.status, second.support_count) == (second.pk, "rejected", 1)
    assert post(desk, second, "teilen", category="road-marking", text="Linie fehlt").status_code == 302
    assert Report.objects.get(part_of=second).category_id == "road-marking"
    second.refresh_from_db()
    assert post(desk, second, "verbinden", other=first.pk).status_code == 302
    assert second.linked.get() == first


def test_a_double_of_something_unseen_is_refused(visitor, bernd):
    mine, theirs = report(), report(category="street-dirty")
    answer = post(at(visitor, bernd), mine, "doppel", into=theirs.pk)
    assert answer.status_code == 422


def test_correcting_moves_place_and_category(visitor, dora):
    made = report()
    answer = post(
        at(visitor, dora),
        made,
        "berichtigen",
        category="road-marking",
        address="Husemannplatz",
        lat=made.lat,
        lon=made.lon,
        public_text="Ohne Namen",
    )
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.category_id, made.address, made.public_text, made.text[:6]) == (
        "road-marking",
        "Husemannplatz",
        "Ohne Namen",
        "Der Po",
    )


def test_a_kept_filter_stands_on_the_list_and_finds_the_same(visitor, bernd):
    made = report()
    desk = at(visitor, bernd)
    answer = desk.post(f"{INBOX}filter/", {"name": "Poller", "query": "category=bollard&view=free"}, follow=True)
    assert f"#{made.pk}" in answer.content.decode()
    page = desk.get(INBOX).content.decode()
    assert 'href="?category=bollard&amp;view=free"' in page
    desk.post(f"{INBOX}filter/", {"name": "Poller", "query": "category=lamp"})
    assert SavedFilter.objects.get().query == "category=lamp"
    assert f"#{made.pk}" not in desk.get(f"{INBOX}?category=lamp").content.decode()


@pytest.mark.parametrize("query", ["category=x", "district=x", "group=x"])
def test_a_filter_that_finds_nothing_known_is_not_kept(visitor, bernd, query):
    answer = at(visitor, bernd).post(f"{INBOX}filter/", {"name": "Alt", "query": query})
    assert answer.status_code == 400
    assert not SavedFilter.objects.exists()


def test_a_filter_is_kept_and_forgotten(visitor, bernd, clara):
    desk = at(visitor, bernd)
    desk.post(f"{INBOX}filter/", {"name": "Nord", "query": "district=nord&after=xyz"})
    kept = SavedFilter.objects.get()
    assert (kept.name, kept.query) == ("Nord", "district=nord")
    assert at(visitor, clara).post(f"{INBOX}filter/{kept.pk}/weg/").status_code == 404
    desk.post(f"{INBOX}filter/{kept.pk}/weg/")
    assert not SavedFilter.objects.exists()


def test_the_work_sheet_is_a_pdf_without_contacts(visitor, bernd):
    report(contact=contact_for(email="aylin@stadtkern.example", name="Aylin"))
    answer = at(visitor, bernd).get(f"{INBOX}arbeitsblatt.pdf")
    assert answer.content.startswith(b"%PDF")
    assert b"aylin" not in answer.content


@pytest.mark.parametrize("kind", ["csv", "geojson", "parquet"])
def test_the_export_is_the_filter_and_is_written_down(visitor, bernd, kind):
    report()
    report(category="street-dirty")
    answer = at(visitor, bernd).get(f"{INBOX}export.{kind}")
    content = b"".join(answer.streaming_content)
    assert answer.status_code == 200
    assert b"street-dirty" not in content
    assert AuditEntry.objects.filter(action="reports.exported").count() == 1


def test_the_map_shows_the_list(visitor, bernd):
    made = report()
    features = json.loads(at(visitor, bernd).get(f"{INBOX}karte.json").content)["features"]
    assert [feature["id"] for feature in features] == [made.pk]


def test_the_simulator_says_which_rule_wins(visitor, dora, bernd):
    desk = at(visitor, dora)
    page = desk.get(f"{INBOX}zustaendigkeit/", {"kategorie": "tree", "antwort_ground": "vbw"}).content.decode()
    assert "VBW" in page
    assert "gilt" in page
    assert "Antwort ground: private (hier: vbw)" in " ".join(page.split())
    assert at(visitor, bernd).get(f"{INBOX}zustaendigkeit/").status_code == 403


def test_the_clocks_of_all_are_for_the_unit(visitor, udo, bernd):
    report()
    assert "Tiefbauamt" in at(visitor, udo).get(f"{INBOX}uebergaben/").content.decode()
    assert at(visitor, bernd).get(f"{INBOX}uebergaben/").status_code == 403


def test_the_crew_ends_a_matter_once_even_if_sent_twice(visitor, kai):
    from stadtkern.reports.domain.workflow import move_report

    made = report()
    move_report(made.pk, to=Status.CHECKED, by=kai)
    desk = at(visitor, kai)
    assert f"#{made.pk}" in desk.get(f"{INBOX}unterwegs/").content.decode()
    sent = {"idempotency_key": "field-key-0001", f"{made.pk}-done": "yes", f"{made.pk}-told": "Steht wieder."}
    for _turn in range(2):
        assert desk.post(f"{INBOX}unterwegs/{made.pk}/", sent).status_code == 302
    made.refresh_from_db()
    assert made.status == Status.DONE
    assert made.thread.entries.filter(code="done").count() == 1


def test_rows_alone_for_a_live_page(visitor, bernd):
    report()
    part = at(visitor, bernd).get(INBOX, headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert "HX-Request" in part["Vary"]
