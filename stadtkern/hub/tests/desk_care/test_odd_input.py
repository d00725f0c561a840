"""What browsers do not send, and what makes no sense."""

import pytest
from django.urls import reverse

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.quality.rules import Kind, check_limits
from stadtkern.hub.models import AlertRule
from stadtkern.hub.tests.alerts.acting import rule_for
from stadtkern.hub.tests.desk_care.test_alerts_page import NEW, RULES, TYPED, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("chosen", [[], ["²"], ["-1"], ["eins"]])
def test_nothing_chosen_is_said(desk, pond, chosen):
    taken = desk.post(reverse("hub-care:acknowledge"), {"alert": chosen}, follow=True)
    assert "Keine offene Warnung war ausgewählt." in text_of(taken)


def test_a_message_that_has_no_number_is_not_sent_again(desk, pond, steward):
    rule = rule_for(pond, steward)
    assert desk.post(reverse("hub-care:replay", args=[rule.pk]), {"delivery": ["²"]}).status_code == 302


@pytest.mark.parametrize(
    ("subject", "words"), [("datastream_id", "Diese Messreihe gibt es nicht."), ("thing_id", "Dieses Objekt gibt es")]
)
def test_the_names_of_what_others_keep_for_themselves_are_not_shown(other_desk, pond, subject, words):
    pond.thing.visibility = "organisation"
    pond.thing.save()
    number = pond.pk if subject == "datastream_id" else pond.thing_id
    answer = other_desk.post(NEW, TYPED | {subject: number})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not AlertRule.objects.exists()
    assert "Wasserstand" not in text_of(other_desk.get(RULES))


@pytest.mark.parametrize("high", [0, -3.5])
def test_an_outlier_lies_further_away_than_nothing(high):
    with pytest.raises(BadInput) as caught:
        check_limits(Kind.OUTLIER, {"high": high})
    assert list(caught.value.fields) == ["high"]
