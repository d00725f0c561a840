"""The step of the address: a file or an address, and what is kept of the one before."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stadtkern.core.testing.visitor import Visitor
from stadtkern.hub.models import Connector
from stadtkern.hub.tests.desk_sources.test_sources import BASE, TABLE, begin, desk, eva, house  # noqa: F401  fixtures
from stadtkern.people.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(desk: Visitor, house: Organisation) -> Connector:  # noqa: F811
    return begin(desk, house, "csv")


def sent(desk: Visitor, draft: Connector, **given: Any) -> Any:  # noqa: F811
    answer = desk.post(f"{BASE}{draft.pk}/adresse/", given)
    draft.refresh_from_db()
    return answer


def test_an_address_takes_the_place_of_a_file(desk: Visitor, draft: Connector) -> None:  # noqa: F811
    sent(desk, draft, upload=SimpleUploadedFile("teich.csv", TABLE.encode()))
    assert draft.file
    sent(desk, draft, url="https://example.org/teich.csv")
    assert (draft.config["url"], draft.file, draft.file_name) == ("https://example.org/teich.csv", "", "")


def test_both_at_once_are_asked_about(desk: Visitor, draft: Connector) -> None:  # noqa: F811
    upload = SimpleUploadedFile("teich.csv", TABLE.encode())
    answer = sent(desk, draft, url="https://example.org/teich.csv", upload=upload)
    assert answer.status_code == 422
    assert "Eine Adresse oder eine Datei, nicht beides." in answer.content.decode()
    assert not draft.file


def test_an_odd_separator_is_told_at_its_field(desk: Visitor, draft: Connector) -> None:  # noqa: F811
    upload = SimpleUploadedFile("teich.csv", TABLE.encode())
    sent(desk, draft, upload=upload, separator="Semikolon")
    page = desk.get(f"{BASE}{draft.pk}/zuordnung/")
    assert page.status_code == 200
    assert "kein Trennzeichen: Semikolon" in page.content.decode()


def test_why_secrets_cannot_be_opened_is_shown(desk: Visitor, draft: Connector) -> None:  # noqa: F811
    Connector.objects.filter(pk=draft.pk).update(sealed="of another installation")
    answer = sent(desk, draft, url="https://example.org/teich.csv")
    assert answer.status_code < 500
    assert "Schlüssel der Installation" in answer.content.decode()
