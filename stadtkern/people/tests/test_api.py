"""people's share of /api/v1."""

import pytest

from stadtkern.people.models import Organisation

PATH = "/api/v1/organisations"


def test_everybody_can_read_who_looks_after_what(visitor, city):
    rows = {row["key"]: row for row in visitor.get(PATH).json()}
    assert rows["tiefbauamt"] == {
        "key": "tiefbauamt",
        "name": "Tiefbauamt",
        "short": "Tiefbauamt",
        "kind": "department",
        "parent": "bochum",
    }
    assert rows["bochum"]["parent"] is None


def test_what_is_switched_off_and_what_is_private_is_not_shown(visitor, city):
    Organisation.objects.filter(key="usb").update(is_active=False, open311_key="secret")
    answer = visitor.get(PATH)
    assert "usb" not in {row["key"] for row in answer.json()}
    assert b"secret" not in answer.content


@pytest.mark.django_db
def test_it_costs_one_query(visitor, city, django_assert_num_queries):
    with django_assert_num_queries(1):
        visitor.get(PATH)


def test_writing_is_refused(visitor, city):
    assert visitor.post(PATH).status_code == 405
