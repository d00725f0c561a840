"""Limits count each visitor alone, also behind the one socket that all of them come through."""

import pytest

from stadtkern.places.web import search
from stadtkern.portal.web import data, near, searching

HERE, THERE = "198.51.100.7", "198.51.100.8"


def ask(visitor, path: str, address: str) -> int:
    """Through the door: the socket has no address, the hop before it has."""
    return visitor.get(path, headers={"X-Forwarded-For": address}, REMOTE_ADDR="").status_code


@pytest.mark.parametrize(
    ("path", "module", "limit"),
    [
        ("/orte/suche?q=Rathaus", search, "MOST_PER_MINUTE"),
        ("/orte/adresse?lat=51.48&lon=7.21", search, "MOST_PER_MINUTE"),
        ("/in-meiner-naehe/?adresse=Rathaus", near, "MOST_PER_MINUTE"),
        ("/in-meiner-naehe/?lat=51.48&lon=7.21", near, "MOST_PER_MINUTE"),
        ("/suche/?q=Rathaus", searching, "MOST_PER_MINUTE"),
        ("/daten/reports.json", data, "MOST_AN_HOUR"),
    ],
)
def test_one_busy_visitor_locks_out_nobody_else(city, visitor, monkeypatch, path, module, limit):
    monkeypatch.setattr(module, limit, 2)
    assert [ask(visitor, path, HERE) for _ in range(3)] == [200, 200, 429]
    assert ask(visitor, path, THERE) == 200
