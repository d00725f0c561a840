"""What is said to the reporter alone stays there: no supporter and no double's reporter reads, decides or speaks."""

import pytest

from stadtkern.core.testing.visitor import Visitor
from stadtkern.media.domain.storing import store_image
from stadtkern.reports.domain.corrections import merge_report
from stadtkern.reports.domain.publishing import publish_report
from stadtkern.reports.domain.supporting import support_report
from stadtkern.reports.domain.talking import answer_report, ask_back
from stadtkern.reports.domain.workflow import move_report
from stadtkern.reports.models import Report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.citizen.wizardry import photo
from stadtkern.reports.words import Status
from stadtkern.threads.domain.conversation import contact_for, join
from stadtkern.threads.domain.links import secret_path
from stadtkern.threads.domain.merging import absorb
from stadtkern.threads.models import Contact, Notification
from stadtkern.threads.words import Part, ShownTo

pytestmark = pytest.mark.django_db
SECRETS = ("Wie lautet Ihre Telefonnummer?", "Nur für Maria: Ihr Gutachten liegt bei.")


@pytest.fixture
def maria(city):
    return Contact.objects.create(email="maria@example.org", confirmed_at="2026-01-01T00:00:00Z")


def talked(maria, bernd, **given) -> Report:
    """A public report with a question and an answer for its reporter alone."""
    made = publish_report(report(contact=maria, **given).pk, by=None)
    ask_back(made.pk, text=SECRETS[0], by=bernd)
    answer_report(made.pk, text=SECRETS[1], by=bernd, shown_to=ShownTo.PARTICIPANTS)
    return Report.objects.get(pk=made.pk)


def supported_by(made: Report, person) -> Visitor:
    contact_for(person=person)  # as soon as the account was used once
    visitor = Visitor().signed_in(person)
    assert visitor.post(f"/meldungen/{made.pk}/mich-auch/").status_code == 302
    return visitor


def doubled_by(made: Report, person, bernd) -> Visitor:
    double = report(contact=contact_for(person=person))
    merge_report(double.pk, into=made.pk, by=bernd)
    return Visitor().signed_in(person)


@pytest.fixture(params=["supporter", "double"])
def outsider(request, maria, bernd, dmitri):
    """Somebody who hears of the report without having reported it, with the report."""
    made = talked(maria, bernd)
    is_supporter = request.param == "supporter"
    return made, supported_by(made, dmitri) if is_supporter else doubled_by(made, dmitri, bernd)


def pages_of(made: Report) -> tuple[str, ...]:
    number = f"/open311/v2/requests/{made.pk}"
    return (
        f"/meldungen/{made.pk}/",
        "/mitteilungen/",
        f"/feeds/meldungen/{made.pk}.atom",
        f"/api/v1/reports/{made.pk}",
        f"{number}.json?extensions=true",
        f"/open311/v2/servicerequestupdates.json?service_request_id={made.pk}",
    )


def test_no_page_shows_what_was_said_in_private(outsider, run_jobs):
    made, visitor = outsider
    run_jobs()
    for address in pages_of(made):
        page = visitor.get(address, follow=True)
        assert page.status_code == 200, address
        assert not any(secret in page.content.decode() for secret in SECRETS), address


def test_nobody_outside_speaks_decides_or_takes_back(outsider, dora):
    made, visitor = outsider
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    url = f"/meldungen/{made.pk}/"
    assert visitor.post(f"{url}nachricht/", {"text": "Ich bin es."}).status_code == 403
    assert visitor.post(f"{url}rueckmeldung/", {"solved": "no"}).status_code == 403
    assert visitor.post(f"{url}zurueckziehen/").status_code == 403
    made.refresh_from_db()
    assert (made.status, made.solved) == (Status.DONE, None)


def test_outsiders_are_told_of_public_steps_only(outsider, maria, dmitri, dora, run_jobs):
    made, _visitor = outsider
    answer_report(made.pk, text="Vertraulich.", by=dora, shown_to=ShownTo.PARTICIPANTS)
    answer_report(made.pk, text="Morgen kommt die Kolonne.", by=dora)
    run_jobs()
    told = Notification.objects.filter(thread=made.thread, topic="reports.answer")
    assert set(told.filter(contact=maria).values_list("body", flat=True)) >= {"Vertraulich.", *SECRETS}
    assert {row.body for row in told.filter(contact__person=dmitri)} == {"Morgen kommt die Kolonne."}


def test_a_doubles_reporter_without_account_gets_no_secret_link(maria, bernd, dora, run_jobs, mailoutbox):
    nina = Contact.objects.create(email="nina@example.org", confirmed_at="2026-01-01T00:00:00Z")
    made = talked(maria, bernd)
    merge_report(report(contact=nina).pk, into=made.pk, by=bernd)
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    run_jobs()
    letters = [mail.body for mail in mailoutbox if mail.to == ["nina@example.org"]]
    assert any(f"/meldungen/{made.pk}/" in body for body in letters)
    assert not any(secret_path(made.thread) in body for body in letters)


def test_a_supporter_sees_no_photo_that_waits(maria, bernd, dmitri, run_jobs, secret_visitor):
    image = store_image(photo().read(), purpose="report")
    made = talked(maria, bernd, photos=(image.pk,))
    run_jobs()
    type(image).objects.filter(pk=image.pk).update(state="blurred")
    url = f"/meldungen/{made.pk}/"
    assert f"/bild/{image.pk}" in secret_visitor(made).get(url).content.decode()
    assert f"/bild/{image.pk}" not in supported_by(made, dmitri).get(url).content.decode()


def test_by_the_secret_link_nobody_speaks_as_a_supporter(bernd, dmitri, secret_visitor):
    made = publish_report(report().pk, by=None)
    stranger = contact_for(person=dmitri)
    support_report(made.pk, device="d" * 20, contact=stranger)
    ask_back(made.pk, text="Welche Seite?", by=bernd)
    assert secret_visitor(made).post(f"/meldungen/{made.pk}/nachricht/", {"text": "Links."}).status_code == 302
    assert made.thread.entries.get(text="Links.").contact != stranger


def test_a_party_hears_nothing_of_what_is_no_longer_public(maria, bernd, dora, dmitri, run_jobs):
    from stadtkern.reports.domain.publishing import hide_report

    made = talked(maria, bernd)
    supported_by(made, dmitri)
    hide_report(made.pk, because="Beleidigung", by=dora)
    move_report(made.pk, to=Status.DONE, by=dora, told="Fertig.")
    run_jobs()
    done = Notification.objects.filter(thread=made.thread, topic="reports.status", body__contains="Fertig.")
    assert [row.contact_id for row in done] == [maria.pk]


def test_who_reported_and_joined_with_two_contacts_has_reported(maria, bernd, dmitri):
    made = talked(maria, bernd)
    account = contact_for(person=dmitri)
    join(made.thread, account, Part.PARTY)
    absorb(account, maria)
    assert made.thread.participants.get().part == Part.REPORTER
