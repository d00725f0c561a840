"""Releasing a text: what screening found stands there with a proposal, and showing again needs a reason."""

import pytest

from stadtkern.reports.domain.publishing import hide_report
from stadtkern.reports.tests.builders import report
from stadtkern.reports.tests.desk.posting import page_of, post

pytestmark = pytest.mark.django_db
PRIVATE = "Herr Schulze parkt mit BO-AB 123 auf dem Gehweg."


def test_what_was_found_and_a_proposal_stand_at_the_release(visitor, bernd):
    page = visitor.signed_in(bernd).get(page_of(report(text=PRIVATE))).content.decode()
    release = page.split('id="tun-freigeben"')[1].split("</form>")[0]
    assert "<strong>Herr Schulze</strong>" in release
    assert "<strong>BO-AB 123</strong>" in release
    assert "Kennzeichen" in release
    assert "[…] parkt mit […] auf dem Gehweg." in release


def test_the_proposal_is_published(visitor, bernd):
    made = report(text=PRIVATE)
    post(visitor.signed_in(bernd), made, "freigeben", public_text="Ein Auto parkt auf dem Gehweg.")
    made.refresh_from_db()
    assert (made.visibility, made.shown_text) == ("public", "Ein Auto parkt auf dem Gehweg.")
    assert made.text == PRIVATE


def test_an_empty_text_does_not_publish_what_was_found(visitor, bernd):
    made = report(text=PRIVATE)
    assert post(visitor.signed_in(bernd), made, "freigeben", public_text=" ").status_code == 422
    made.refresh_from_db()
    assert made.visibility == "checking"


def test_a_harmless_text_has_no_warning(visitor, bernd):
    made = report(category="public-building", answers={"building": "Schule"})
    page = visitor.signed_in(bernd).get(page_of(made)).content.decode()
    assert "persönlichen Angaben" not in page


def test_showing_again_takes_a_reason(visitor, bernd):
    made = report()
    hide_report(made.pk, because="Bitte prüfen", by=bernd)
    made.refresh_from_db()
    desk = visitor.signed_in(bernd)
    refused = post(desk, made, "freigeben", public_text="Meine Worte")
    assert refused.status_code == 422
    assert "Meine Worte" in refused.content.decode()
    assert post(desk, made, "freigeben", public_text="Meine Worte", because="War ein Irrtum").status_code == 302
    made.refresh_from_db()
    assert made.visibility == "public"
    assert "Wieder gezeigt: War ein Irrtum" in desk.get(page_of(made)).content.decode()
    assert "War ein Irrtum" not in visitor.get(f"/meldungen/{made.pk}/").content.decode()
