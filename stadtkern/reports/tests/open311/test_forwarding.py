"""Carrying a matter to another house: one contract for every way, then what can go wrong on the way."""

from dataclasses import replace

import pytest

from stadtkern.config.testing.fixtures import drain_queue
from stadtkern.core.problems import BadInput, Conflict
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import forwarding
from stadtkern.reports.domain.fitting import fit_answers, fit_service
from stadtkern.reports.domain.forwarders import MailForwarder, News, Open311Forwarder, Parcel, forwarders
from stadtkern.reports.domain.forwarding import forward_report
from stadtkern.reports.domain.remote311 import RemoteService, SaysNo
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Forwarding
from stadtkern.reports.tests.open311.other_city import OtherCity, running
from stadtkern.reports.tests.open311.refusing_mail import refusing
from stadtkern.reports.words import ForwardState, Status
from stadtkern.threads.domain.conversation import contact_for

SERVICES = [
    {"service_code": 7, "service_name": "Schlagloch oder Straßenschaden", "metadata": False},
    {"service_code": "rest", "service_name": "Sonstiges", "metadata": "true"},
]


@pytest.fixture
def other(city):
    """Another city's server, ready to take requests."""
    pages = {
        "GET services.json": (200, SERVICES),
        "POST requests.json": (200, [{"service_request_id": "N-1"}]),
        "GET requests.json": (200, []),
    }
    with running(OtherCity(pages)) as there:
        yield there


@pytest.fixture
def neighbour(other):
    """The organisation behind that server."""
    return Organisation.objects.create(
        key="neighbour",
        name="Nachbarstadt",
        short="Nachbar",
        kind="external",
        open311_url=other.url,
        open311_key="geheim",
    )


@pytest.fixture
def by_mail(city):
    return Organisation.objects.create(
        key="by-mail", name="Landesbetrieb", short="Land", kind="external", email="land@example.org"
    )


PARCEL = Parcel(
    report_id=4711,
    once="once-4711",
    category="pothole",
    category_names={"de": "Schlagloch oder Straßenschaden"},
    keywords=("schlagloch",),
    text="Tiefes Loch",
    words="Das liegt auf Ihrer Seite.",
    lat=51.4818,
    lon=7.2162,
    address="Kortumstraße 1",
    answers={},
    picture_url="",
    page_url="https://stadt.example/meldungen/4711/",
)


@pytest.fixture(params=["open311", "email"])
def way(request, neighbour, by_mail, other, mailoutbox, run_jobs):
    """Each way, its organisation, and a look at what arrived there."""

    def seen_by_server():
        return str(other.sent("POST requests.json"))

    def seen_in_mail():
        run_jobs()
        return "".join(f"{letter.subject} {letter.body} {letter.to}" for letter in mailoutbox)

    if request.param == "open311":
        return Open311Forwarder(), neighbour, seen_by_server
    return MailForwarder(), by_mail, seen_in_mail


def test_every_way_carries_place_words_text_and_our_address(way):
    forwarder, house, seen = way
    assert isinstance(forwarder.send(PARCEL, to=house), str)
    arrived = seen()
    for said in ("Das liegt auf Ihrer Seite.", "Tiefes Loch", "51.4818", "Kortumstraße 1", PARCEL.page_url):
        assert said in arrived


def test_every_way_manages_without_point_words_and_picture(way):
    forwarder, house, seen = way
    forwarder.send(replace(PARCEL, lat=None, lon=None, words="", text="Nur Text"), to=house)
    assert "Nur Text" in seen()
    assert "None" not in seen()


def test_every_way_can_be_asked(way):
    forwarder, house, _seen = way
    assert forwarder.ask(["N-1"], to=house) == []
    assert forwarder.way in {"open311", "email"}


def test_every_way_is_known_by_its_name():
    assert {name: each.way for name, each in forwarders.items()} == {"open311": "open311", "email": "email"}


def test_a_report_goes_there_gets_its_number_and_news_come_home(filed, neighbour, other, bernd, run_jobs):
    report = filed(contact=contact_for(email="aylin@example.org", name="Aylin Kaya"))
    sent = forward_report(report.pk, to=neighbour, by=bernd, words="Bitte übernehmen.")
    assert sent.state == ForwardState.WAITING
    run_jobs()
    sent.refresh_from_db()
    assert (sent.state, sent.remote_id, sent.remote_status) == (ForwardState.SENT, "N-1", "open")
    (form,) = other.sent("POST requests.json")
    assert (form["service_code"], form["api_key"]) == (["7"], ["geheim"])
    assert "Bitte übernehmen." in form["description"][0]
    assert "aylin" not in str(other.got).lower()

    other.pages["GET requests.json"] = (
        200,
        [{"service_request_id": "N-1", "status": "open", "status_notes": "Bestellt"}],
    )
    forwarding.ask_everybody.func(timestamp=0)
    other.pages["GET requests.json"] = 200, {"service_requests": [{"service_request_id": "N-1", "status": "closed"}]}
    for _turn in range(3):
        forwarding.ask_everybody.func(timestamp=0)
    told = list(report.thread.entries.filter(code="remote").values_list("text", "shown_to"))
    assert told == [("Bei Nachbarstadt: Bestellt", "public"), ("Bei Nachbarstadt: erledigt", "public")]
    sent.refresh_from_db()
    assert sent.remote_status == "closed"
    assert len(other.sent("GET requests.json")) == 2  # what is closed there is not asked again


def test_the_history_says_where_it_went(filed, by_mail, bernd, run_jobs, mailoutbox):
    report = filed()
    sent = forward_report(report.pk, to=by_mail, by=bernd, words="Ihre Straße.")
    step = report.thread.entries.get(code="forwarded")
    assert step.text == "Weitergegeben an: Landesbetrieb\n\nIhre Straße."
    assert step.data["referred_to"] == by_mail.pk
    run_jobs()
    sent.refresh_from_db()
    assert sent.state == ForwardState.SENT
    assert [letter.to for letter in mailoutbox] == [["land@example.org"]]


def test_who_files_by_mistake_twice_sends_once(filed, neighbour, bernd):
    report = filed()
    forward_report(report.pk, to=neighbour, by=bernd)
    with pytest.raises(Conflict):
        forward_report(report.pk, to=neighbour, by=bernd)


def test_a_no_that_names_a_house_outside_carries_the_matter_there_once(filed, by_mail, bernd):
    report = filed()
    assert forwarding.carry_along(report.pk) is None
    move_report(report.pk, to=Status.REJECTED, by=bernd, reason="not-ours", referred_to=by_mail)
    assert forwarding.carry_along(report.pk).to == by_mail
    assert forwarding.carry_along(report.pk) is None
    assert Forwarding.objects.count() == 1


def test_a_no_that_names_a_house_of_the_city_is_no_forwarding(filed, bernd, city):
    report = filed()
    usb = Organisation.objects.get(key="usb")
    move_report(report.pk, to=Status.REJECTED, by=bernd, reason="not-ours", referred_to=usb)
    assert forwarding.carry_along(report.pk) is None


def test_without_any_way_there_is_no_forwarding(filed, bernd):
    nobody = Organisation.objects.create(key="nobody", name="Niemand", short="Niemand", kind="external")
    with pytest.raises(BadInput):
        forward_report(filed().pk, to=nobody, by=bernd)


def test_a_server_that_is_down_leaves_it_waiting_until_it_answers(filed, neighbour, other, bernd):
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    other.pages["POST requests.json"] = 503, b""
    for tried in (1, 2):
        forwarding.send.func(forwarding_id=sent.pk, words="", tried=tried)
    keys = {headers["Idempotency-Key"] for page, _params, headers in other.got if page.startswith("POST")}
    assert len(keys) == 1
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (ForwardState.WAITING, "HTTP 503")
    with pytest.raises(Conflict):
        forward_report(sent.report_id, to=neighbour, by=bernd)
    other.pages["POST requests.json"] = 201, [{"service_request_id": "N-2"}]
    for _turn in range(2):  # a job that runs twice sends nothing twice
        forwarding.send.func(forwarding_id=sent.pk, words="", tried=3)
    sent.refresh_from_db()
    assert (sent.state, sent.remote_id, sent.error) == (ForwardState.SENT, "N-2", "")
    assert len(other.sent("POST requests.json")) == 3


def test_a_server_that_stays_down_fails_it_visibly_and_it_is_sent_again_not_twice(filed, neighbour, other, bernd):
    sent = forward_report(filed().pk, to=neighbour, by=bernd, words="Bitte übernehmen.")
    other.pages["POST requests.json"] = 503, b""
    drain_queue(include_later=True)
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (ForwardState.FAILED, "HTTP 503")
    assert len(other.sent("POST requests.json")) == forwarding.TRIES
    other.pages["POST requests.json"] = 200, [{"service_request_id": "N-4"}]
    assert forward_report(sent.report_id, to=neighbour, by=bernd).pk == sent.pk
    drain_queue(include_later=True)
    sent.refresh_from_db()
    assert (sent.state, sent.remote_id) == (ForwardState.SENT, "N-4")
    assert "Bitte übernehmen." in other.sent("POST requests.json")[-1]["description"][0]
    assert Forwarding.objects.count() == 1
    assert sent.report.thread.entries.filter(code="forwarded").count() == 1


@pytest.mark.parametrize(
    ("answer", "said", "tries"),
    [
        ("451 try later", "try later", forwarding.TRIES),
        ("550 no such mailbox", "no such mailbox", 1),
        (None, "ConnectionRefused", forwarding.TRIES),
    ],
)
def test_a_mail_server_that_refuses_or_is_down_fails_it_visibly(filed, by_mail, bernd, settings, answer, said, tries):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    sent = forward_report(filed().pk, to=by_mail, by=bernd)
    with refusing(answer) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        drain_queue(include_later=True)
    sent.refresh_from_db()
    assert sent.state == ForwardState.FAILED
    assert said in sent.error
    assert len(server.asked) == (tries if answer else 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    forwarding.send_again(sent.pk)
    drain_queue()
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (ForwardState.SENT, "")


def test_a_number_that_never_comes_fails_it_and_asking_again_sends_nothing_twice(filed, neighbour, other, bernd):
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    other.pages["POST requests.json"] = 200, [{"token": "t1"}]
    other.pages["GET tokens/t1.json"] = 200, [{"token": "t1", "service_request_id": None}]
    drain_queue(include_later=True)
    sent.refresh_from_db()
    assert sent.state == ForwardState.FAILED
    other.pages["GET tokens/t1.json"] = 200, [{"token": "t1", "service_request_id": "N-5"}]
    forwarding.send_again(sent.pk)
    drain_queue()
    sent.refresh_from_db()
    assert (sent.state, sent.remote_id) == (ForwardState.SENT, "N-5")
    assert len(other.sent("POST requests.json")) == 1


def test_a_final_no_is_kept_with_its_reason_and_can_be_sent_again(filed, neighbour, other, bernd, run_jobs):
    report = filed()
    sent = forward_report(report.pk, to=neighbour, by=bernd, words="Bitte.")
    other.pages["POST requests.json"] = 403, [{"code": 403, "description": "api_key is wrong"}]
    run_jobs()
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (ForwardState.FAILED, "403: api_key is wrong")
    other.pages["POST requests.json"] = 200, [{"service_request_id": "N-3"}]
    forwarding.send_again(sent.pk)
    run_jobs()
    sent.refresh_from_db()
    assert sent.remote_id == "N-3"
    assert "Bitte." in other.sent("POST requests.json")[-1]["description"][0]
    with pytest.raises(Conflict):
        forwarding.send_again(sent.pk)


def test_a_token_is_asked_until_there_is_a_number(filed, neighbour, other, bernd, run_jobs):
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    other.pages["POST requests.json"] = 200, [{"token": "t/1"}]
    other.pages["GET tokens/t%2F1.json"] = 200, [{"token": "t/1", "service_request_id": None}]
    forwarding.send.func(forwarding_id=sent.pk, words="")
    forwarding.ask_for_number.func(forwarding_id=sent.pk)
    sent.refresh_from_db()
    assert sent.state == ForwardState.WAITING
    other.pages["GET tokens/t%2F1.json"] = 200, [{"token": "t/1", "service_request_id": "N-9"}]
    run_jobs()
    sent.refresh_from_db()
    assert (sent.state, sent.remote_id) == (ForwardState.SENT, "N-9")


def test_a_house_that_does_not_answer_holds_up_no_other(filed, neighbour, other, bernd, run_jobs):
    dead = Organisation.objects.create(
        key="dead", name="Stumm", short="Stumm", kind="external", open311_url="http://127.0.0.1:9/open311"
    )
    report, second = filed(), filed()
    for matter, house in ((report, dead), (second, neighbour)):
        Forwarding.objects.create(report=matter, to=house, way="open311", state=ForwardState.SENT, remote_id="N-1")
    other.pages["GET requests.json"] = 200, [{"service_request_id": "N-1", "status": "closed"}]
    forwarding.ask_everybody.func(timestamp=0)
    assert Forwarding.objects.get(to=dead).error.startswith("ConnectError")
    assert Forwarding.objects.get(to=neighbour).remote_status == "closed"


def test_the_same_news_are_told_once(filed, neighbour, bernd):
    sent = forward_report(filed().pk, to=neighbour, by=bernd)
    assert not forwarding.bring_home(sent.pk, News(remote_id="1", is_closed=False, words=""))
    assert forwarding.bring_home(sent.pk, News(remote_id="1", is_closed=False, words="Bald"))
    assert not forwarding.bring_home(sent.pk, News(remote_id="1", is_closed=False, words="Bald"))
    assert forwarding.bring_home(sent.pk, News(remote_id="1", is_closed=True, words="Bald"))


def service(code, name):
    return RemoteService(code=code, name=name, group="", has_questions=False)


OFFERED = [service("12", "Laterne defekt"), service("13", "Straßenlaterne dunkel"), service("99", "Sonstiges")]
ASKED = {"code": "x", "names": {}, "keywords": (), "usual": ""}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "13"}, "13"),
        ({"names": {"de": "laterne DEFEKT"}}, "12"),
        ({"keywords": ("straßenlaterne",)}, "13"),
        ({"usual": "12"}, "12"),
        ({}, "99"),
    ],
)
def test_the_service_that_fits_best(given, code):
    assert fit_service(OFFERED, **(ASKED | given)).code == code


def test_no_service_is_better_than_a_wrong_one():
    with pytest.raises(SaysNo):
        fit_service(OFFERED[:2], **ASKED)
    with pytest.raises(SaysNo):
        fit_service([], **ASKED)


def test_answers_that_fit_go_along_and_gaps_are_filled_honestly():
    questions = [
        {"code": "size", "datatype": "singlevaluelist", "required": True, "values": ["small", "big"]},
        {"code": "seen", "datatype": "multivaluelist", "required": False, "values": ["day"]},
        {"code": "lane", "datatype": "singlevaluelist", "required": True, "values": ["left", "unknown"]},
        {"code": "more", "datatype": "text", "required": True, "values": []},
    ]
    form = fit_answers(questions, {"size": "big", "seen": ["day", "night"], "lane": "middle"})
    assert form["attribute[size]"] == "big"
    assert form["attribute[seen][]"] == ["day"]
    assert form["attribute[lane]"] == "unknown"
    assert "Beschreibung" in form["attribute[more]"]
    with pytest.raises(SaysNo, match="depth"):
        fit_answers([{"code": "depth", "datatype": "number", "required": True, "values": []}], {})
