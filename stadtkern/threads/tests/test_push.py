"""Web push against a real HTTP server: signed, encrypted, delivered once, given up when the browser is gone."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone

from stadtkern.core.problems import BadInput
from stadtkern.core.testing.visitor import Visitor
from stadtkern.threads.domain import vapid
from stadtkern.threads.domain.conversation import device_contact
from stadtkern.threads.domain.subscribing import MOST_DEVICES, is_push_service, subscribe
from stadtkern.threads.models import Contact, Delivery, PushKey, PushSubscription
from stadtkern.threads.tests.builders import tell
from stadtkern.threads.tests.servers import Browser, push_service, vapid_claims
from stadtkern.threads.words import DeliveryState

NOON = "2026-03-10T11:00:00Z"


@pytest.fixture
def service(settings):
    """A push service of this machine, which operators have opened for us."""
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8")]
    with push_service() as service:
        yield service


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON)


def listener(service, browser, path="/one", contact=None) -> Contact:
    contact = contact or device_contact(language="de")
    PushSubscription.objects.create(
        contact=contact, endpoint=service.url + path, p256dh=browser.p256dh, auth=browser.auth
    )
    return contact


@pytest.mark.django_db
def test_a_push_is_signed_encrypted_small_and_sent_once(service, browser, run_jobs):
    contact = listener(service, browser)
    tell(contact, title="Eine Antwort für Sie", body="Sehr geehrte Frau Öztürk", url="/meldungen/4711/")
    run_jobs()
    run_jobs()
    [(path, headers, body)] = service.requests
    assert path == "/one"
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) == 24 * 3600
    assert browser.read(body) == {"title": "Eine Antwort für Sie", "url": "/meldungen/4711/"}
    assert "Öztürk".encode() not in body
    claims, key = vapid_claims(headers)
    assert claims["aud"] == service.url
    assert claims["sub"].startswith("mailto:")
    assert 0 < claims["exp"] - timezone.now().timestamp() <= 24 * 3600
    assert key.rstrip("=") == vapid.public_key()
    assert Delivery.objects.get().state == "sent"


@pytest.mark.django_db
def test_the_key_is_made_once_and_shared(settings):
    assert vapid.private_key() == vapid.private_key()
    assert PushKey.objects.count() == 1
    settings.VAPID_KEY = vapid.new_key()
    assert vapid.private_key() == settings.VAPID_KEY


@pytest.mark.django_db
def test_several_are_one_message(service, browser, run_jobs, time_machine):
    time_machine.move_to("2026-03-10T22:00:00Z")
    contact = listener(service, browser)
    tell(contact, happening="a")
    tell(contact, happening="b")
    run_jobs()
    assert service.requests == []  # nobody is woken
    time_machine.move_to("2026-03-11T06:00:01Z")
    from stadtkern.threads.domain.delivering import send_what_is_due

    send_what_is_due.func(timestamp=0)
    run_jobs()
    [(_path, _headers, body)] = service.requests
    assert browser.read(body) == {"title": "2 neue Mitteilungen", "url": "/mitteilungen/"}


@pytest.mark.django_db
@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_not_called_again(service, browser, run_jobs, status):
    contact = listener(service, browser)
    service.answers.append((status, {}))
    tell(contact, happening="a")
    run_jobs()
    assert PushSubscription.objects.get().gone_at is not None
    assert Delivery.objects.get().state == "skipped"
    tell(contact, happening="b")
    run_jobs()
    assert len(service.requests) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (429, {"Retry-After": "600"}, 590, 610),
        (503, {}, 50, 70),
        (500, {"Retry-After": "Tue, 10 Mar 2026 12:00:00 GMT"}, 3500, 3610),
        (429, {"Retry-After": "99999999"}, 86000, 86500),
        (503, {"Retry-After": "soon"}, 50, 70),
    ],
)
def test_a_busy_push_service_is_asked_again_when_it_says(service, browser, run_jobs, status, headers, least, most):
    contact = listener(service, browser)
    service.answers.append((status, headers))
    tell(contact)
    run_jobs()
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting"
    assert least <= (delivery.due_at - timezone.now()).total_seconds() <= most
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    from stadtkern.threads.domain.delivering import deliver_due

    deliver_due.func(contact_id=contact.pk, channel="push")
    assert Delivery.objects.get().state == "sent"
    assert len(service.requests) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "headers"), [(400, {}), (413, {}), (307, {"Location": "http://127.0.0.1:9/"})])
def test_a_refusal_and_a_redirect_are_failures(service, browser, run_jobs, status, headers):
    contact = listener(service, browser)
    service.answers.append((status, headers))
    tell(contact)
    run_jobs()
    assert Delivery.objects.get().state == "failed"


@pytest.mark.django_db
def test_one_device_that_hears_it_is_enough(service, browser, run_jobs):
    contact = listener(service, browser, "/dead")
    listener(service, browser, "/alive", contact)
    service.answers += [(410, {}), (201, {})]
    tell(contact)
    run_jobs()
    assert [path for path, _headers, _body in service.requests] == ["/dead", "/alive"]
    assert Delivery.objects.get().state == "sent"


@pytest.mark.django_db
def test_a_service_that_cannot_be_reached_waits(browser, run_jobs, settings):
    settings.OUTBOUND_NETWORKS = [ip_network("127.0.0.0/8")]
    with push_service() as gone:
        contact = listener(gone, browser)
    tell(contact)
    run_jobs()
    assert Delivery.objects.get().state == DeliveryState.WAITING


@pytest.mark.django_db
def test_a_browser_signs_on_and_off(city, browser):
    visitor = Visitor()
    given = {"endpoint": "https://push.example/abc", "keys": {"p256dh": browser.p256dh, "auth": browser.auth}}
    assert visitor.post("/mitteilungen/push/", given, content_type="application/json").status_code == 204
    assert PushSubscription.objects.get().contact_id == visitor.session["contact"][0]
    stranger = Visitor()
    stranger.post("/mitteilungen/push/abmelden/", {"endpoint": given["endpoint"]}, content_type="application/json")
    assert PushSubscription.objects.count() == 1
    visitor.post("/mitteilungen/push/abmelden/", {"endpoint": given["endpoint"]}, content_type="application/json")
    assert PushSubscription.objects.count() == 0


BAD = [
    b"",
    b"[]",
    b"null",
    b'{"endpoint": 7}',
    b'{"endpoint": "https://push.example/", "keys": []}',
    b'{"endpoint": "https://push.example/", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}',
    b"\xff\xfe",
]


@pytest.mark.django_db
@pytest.mark.parametrize("body", BAD)
def test_a_bad_subscription_is_refused_by_name(city, body):
    answer = Visitor().generic(
        "POST", "/mitteilungen/push/", body, "application/json", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://2130706433/a",
        "https://localhost/a",
        "https://database.internal/a",
        "https://printer.local./a",
        "https://push.example:8443/a",
        "https://user@push.example/a",
        "ftp://push.example/a",
        "https://push.example:99999/a",
        "https://push.example/" + "a" * 600,
        "nonsense",
        "",
    ],
)
def test_we_call_nobody_inside_our_own_network(endpoint):
    assert not is_push_service(endpoint)


@pytest.mark.django_db
def test_a_contact_has_a_bounded_number_of_devices(browser):
    contact = device_contact(language="de")
    for number in range(MOST_DEVICES + 3):
        subscribe(contact, endpoint=f"https://push.example/{number}", p256dh=browser.p256dh, auth=browser.auth)
    assert contact.push_subscriptions.count() == MOST_DEVICES
    with pytest.raises(BadInput):
        subscribe(contact, endpoint="https://10.0.0.1/", p256dh=browser.p256dh, auth=browser.auth)


@pytest.mark.django_db
def test_a_name_that_leads_into_our_own_network_is_never_called(service, browser, run_jobs, settings):
    """Like https://127.0.0.1.nip.io/: the name looks public, what it means does not."""
    settings.OUTBOUND_NETWORKS = []
    contact = listener(service, browser)
    tell(contact)
    run_jobs()
    kept = Delivery.objects.get()
    assert (service.requests, kept.state) == ([], DeliveryState.FAILED)
    assert "keine öffentliche Adresse" in kept.error
