"""Closing a category at the desk: who may, what everybody reads, and that neither a pack nor a process forgets it."""

import pytest

from stadtkern.core.city import city as pack
from stadtkern.core.models import AuditEntry
from stadtkern.core.problems import BadInput
from stadtkern.people.models import Organisation
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.closing import close_category, open_category
from stadtkern.reports.domain.loading import load
from stadtkern.reports.models import Category, Closing
from stadtkern.reports.tests.builders import report

pytestmark = pytest.mark.django_db
PAGE = "/desk/meldungen/kategorien/"
REASON = "Poller stellt seit Oktober das Land auf."


@pytest.fixture(autouse=True)
def _fresh(city):
    """The catalogue in memory outlives a test's tables."""
    yield
    catalogue.forget()


def close(by, **given):
    usb = Organisation.objects.get(key="usb")
    return close_category("bollard", reason={"de": REASON} | given, referral=usb, by=by)


def test_a_dispatcher_closes_and_everybody_reads_why_and_who(visitor, dora):
    usb = Organisation.objects.get(key="usb")
    sent = {"reason_de": REASON, "reason_en": "The state does this now.", "referral": usb.pk}
    answer = visitor.signed_in(dora).post(f"{PAGE}bollard/schliessen/", sent)
    assert answer.status_code == 302
    assert REASON in visitor.signed_in(dora).get(PAGE).content.decode()
    public = visitor.get("/meldungen/kategorien/").content.decode()
    assert REASON in public
    assert usb.name in public
    filing = visitor.get("/melden/").content.decode()
    assert REASON in filing
    assert f"Zuständig: {usb.name}" in filing
    entry = AuditEntry.objects.get(action="reports.category_closed")
    assert (entry.actor_id, entry.subject_id, entry.detail["referral"]) == (dora.pk, "bollard", "usb")


def test_nothing_new_is_filed_and_what_is_filed_goes_on(visitor, dora, bernd):
    made = report()
    close(dora)
    with pytest.raises(BadInput, match="seit Oktober"):
        report()
    assert visitor.signed_in(bernd).get(f"/desk/meldungen/{made.pk}/").status_code == 200


def test_opening_again_is_the_pack_again(visitor, ada):
    close(ada)
    assert visitor.signed_in(ada).post(f"{PAGE}bollard/oeffnen/").status_code == 302
    assert report().category_id == "bollard"
    assert AuditEntry.objects.filter(action="reports.category_opened").count() == 1
    open_category("bollard", by=ada)
    assert AuditEntry.objects.filter(action="reports.category_opened").count() == 1


def test_loading_the_pack_keeps_the_closing(dora):
    close(dora)
    load(pack(), demo=False)
    found = catalogue.catalogue().category("bollard")
    assert (found.is_active, found.closed_reason, found.referral) == (False, {"de": REASON}, ["usb"])
    assert Category.objects.get(pk="bollard").is_active, "the pack's own row is untouched"


def test_another_process_sees_it_at_once(dora, django_capture_on_commit_callbacks):
    other = catalogue._Kept(catalogue._read)
    assert other.get().category("bollard").is_active
    with django_capture_on_commit_callbacks(execute=True):
        close(dora)
    assert not other.get().category("bollard").is_active


@pytest.mark.parametrize(
    "sent", [{}, {"reason_de": "  "}, {"reason_de": "x" * 501}, {"reason_de": "ja", "referral": "0"}]
)
def test_without_a_reason_it_stays_open(visitor, dora, sent):
    assert visitor.signed_in(dora).post(f"{PAGE}bollard/schliessen/", sent).status_code == 422
    assert not Closing.objects.exists()


def test_an_unknown_language_or_category_is_refused(dora):
    with pytest.raises(BadInput):
        close(dora, xx="?")
    with pytest.raises(Exception, match="gibt es nicht"):
        close_category("nothing", reason={"de": REASON}, by=dora)


def test_only_who_keeps_the_rules_may(visitor, bernd):
    desk = visitor.signed_in(bernd)
    assert desk.get(PAGE).status_code == 403
    assert desk.post(f"{PAGE}bollard/schliessen/", {"reason_de": REASON}).status_code == 403
    assert desk.post(f"{PAGE}bollard/oeffnen/").status_code == 403
    assert not Closing.objects.exists()
