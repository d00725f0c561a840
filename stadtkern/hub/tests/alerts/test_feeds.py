"""A connector that brings nothing new is told to its stewards once, and when it is back."""

import pytest
from django.db import transaction

from stadtkern.core.events import emit
from stadtkern.hub.events import FeedSilent, FeedSpeaksAgain
from stadtkern.hub.models import Connector
from stadtkern.hub.tests.alerts.acting import told
from stadtkern.hub.tests.quality.values import moment

pytestmark = pytest.mark.django_db


def test_the_stewards_of_the_house_hear_of_a_silent_source_and_of_its_return(house, steward, stranger, run_jobs):
    source = Connector.objects.create(key="teiche", name="Teichlogger", kind="csv", organisation=house)
    silent = FeedSilent(connector_id=source.pk, organisation_id=house.pk, since=moment(0).isoformat())
    with transaction.atomic():
        emit(silent)
        emit(silent)  # an event may come twice
        emit(FeedSpeaksAgain(connector_id=source.pk))
    run_jobs()
    assert told(steward) == ["Quelle schweigt: Teichlogger", "Quelle liefert wieder: Teichlogger"]
    assert told(stranger) == []
    assert "Seit 04.05.2026 14:00" in steward.contact.notifications.order_by("pk").first().body


def test_a_source_that_is_gone_is_told_to_nobody(house, steward, run_jobs):
    with transaction.atomic():
        emit(FeedSilent(connector_id=999_999, organisation_id=house.pk, since=""))
        emit(FeedSpeaksAgain(connector_id=999_999))
    run_jobs()
    assert told(steward) == []
