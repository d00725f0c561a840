"""$filter operator by operator; by chance: test_random_filters.py."""

import pytest

from stadtkern.hub.models import Thing
from stadtkern.hub.tests.sta_read.asking import Sta
from stadtkern.hub.tests.sta_read.town import Town

pytestmark = pytest.mark.django_db
EVERY = [
    ("name eq 'bench'", ["bench"]),
    ("name ne 'bench'", ["pond", "tree"]),
    ("name gt 'bench'", ["pond", "tree"]),
    ("name ge 'pond'", ["pond", "tree"]),
    ("name lt 'pond'", ["bench"]),
    ("name le 'pond'", ["bench", "pond"]),
    ("name eq 'bench' or name eq 'tree'", ["bench", "tree"]),
    ("name ne 'bench' and name ne 'tree'", ["pond"]),
    ("not name eq 'bench'", ["pond", "tree"]),
    ("not (name eq 'bench' or name eq 'pond')", ["tree"]),
    ("name in ('bench', 'tree', 'x')", ["bench", "tree"]),
    ("properties/height in (2.5, 7, null)", ["bench", "pond"]),
    ("properties/owner in ('Parkamt', null)", ["bench", "tree"]),
    ("properties/height add 1 eq 3.5", ["bench"]),
    ("properties/height sub 1 eq 6", ["pond"]),
    ("properties/height mul 2 eq 5", ["bench"]),
    ("properties/height div 2 eq 3.5", ["pond"]),
    ("properties/height mod 2 eq 1", ["pond"]),
    ("-properties/height eq -7", ["pond"]),
    ("1 add 2 mul 3 eq 7 and (1 add 2) mul 3 eq 9", ["bench", "pond", "tree"]),
    ("properties/height div 0 eq null and properties/height gt 5", ["pond"]),
    ("properties/height mul 1e308 mul 1e308 eq null and properties/height gt 5", ["pond"]),
    ("properties/owner eq null", ["tree"]),
    ("properties/owner ne null", ["bench", "pond"]),
    ("null eq null", ["bench", "pond", "tree"]),
    ("null gt 1 or true eq false", []),
    ("true", ["bench", "pond", "tree"]),
    ("properties/wired eq true", ["bench"]),
    ("properties/tags/1 eq 'b'", ["pond"]),
    ("properties/owner eq 'Wasser''s Amt'", ["pond"]),
    ("Locations/name eq 'lake'", ["pond"]),
    ("Datastreams/ObservedProperty/name eq 'water'", ["bench", "pond"]),
    ("MultiDatastreams/ObservedProperties/name eq 'water'", ["bench"]),
    ("HistoricalLocations/time eq 2026-05-04T12:00:00Z", ["bench", "pond", "tree"]),
    ("HistoricalLocations/time gt 2026-05-04T14:00:00+02:00", []),
    ("Datastreams/Observations/result gt 15", ["bench"]),
    ("Datastreams/Sensor/name eq 'Fühler' and Datastreams/Observations/result eq 'frozen'", ["pond"]),
    ("id eq 99999999999999999999", []),
    ("id lt 99999999999999999999 and id gt -99999999999999999999", ["bench", "pond", "tree"]),
    ("id in (99999999999999999999, 1e300)", []),
]


@pytest.mark.parametrize(("filter", "names"), EVERY)
def test_every_operator(town: Town, sta: Sta, filter: str, names: list[str]) -> None:
    assert sta.names("Things", filter=filter) == names


NOW = "2026-05-04T12:30:00Z"


@pytest.mark.parametrize(
    ("filter", "results"),
    [
        (f"phenomenonTime lt {NOW}", [10.5]),
        ("phenomenonTime gt 2026-05-04T15:00:00Z", [14.5, 15.5]),
        ("phenomenonTime ge 2026-05-04T16:00:00Z", [14.5, 15.5]),
        ("phenomenonTime le 2026-05-04T13:00:00Z", [10.5, 11.5]),
        ("phenomenonTime eq 2026-05-04T13:00:00.000Z", [11.5]),
        ("phenomenonTime ne 2026-05-04T13:00:00Z and phenomenonTime lt 2026-05-04T15:00:00Z", [10.5, 12.5]),
        ("resultTime gt 2026-05-04T16:00:00Z", [15.5]),
        ("phenomenonTime gt now() sub duration'P100000D' and result gt 15", [15.5]),
        ("phenomenonTime add duration'PT1H' eq 2026-05-04T14:00:00Z", [11.5]),
        ("phenomenonTime sub resultTime eq duration'PT0S' and result lt 11", [10.5]),
        ("phenomenonTime sub 2026-05-04T12:00:00Z gt duration'PT4H30M'", [15.5]),
        ("phenomenonTime add duration'P999999999D' gt 2026-05-04T14:00:00Z", []),
        ("2026-05-04T16:30:00Z lt phenomenonTime", [15.5]),
        ("phenomenonTime ge 2026-05-05", []),
        ("result ge 13.5 and result le 14.5", [13.5, 14.5]),
        ("result in (10.5, 11.5, 99)", [10.5, 11.5]),
        ("validTime eq null and parameters eq null and result gt 15", [15.5]),
    ],
)
def test_times_and_results(town: Town, sta: Sta, filter: str, results: list[float]) -> None:
    found = sta(f"Datastreams({town.streams['bench air'].pk})/Observations", filter=filter)["value"]
    assert [one["result"] for one in found] == results


@pytest.mark.parametrize(
    ("filter", "results"),
    [
        ("phenomenonTime gt 2026-05-04T13:00:00Z", [2]),
        ("phenomenonTime ge 2026-05-04T13:00:00Z", [1, 2]),
        ("phenomenonTime lt 2026-05-04T13:00:00Z", [0]),
        ("phenomenonTime le 2026-05-04T14:00:00Z", [0, 1]),
        ("phenomenonTime eq 2026-05-04T13:00:00Z/2026-05-04T14:00:00Z", [1]),
        ("phenomenonTime gt 2026-05-04T12:00:00Z/2026-05-04T13:00:00Z", [1, 2]),
        ("phenomenonTime lt 2026-05-04T14:00:00Z/2026-05-04T15:00:00Z", [0, 1]),
    ],
)
def test_periods(town: Town, sta: Sta, filter: str, results: list[int]) -> None:
    found = sta(f"Datastreams({town.streams['bench rain'].pk})/Observations", filter=filter)["value"]
    assert [one["result"] for one in found] == results


def test_nothing_of_a_filter_becomes_sql(town: Town, sta: Sta) -> None:
    for text in ("'; drop table hub_thing; --", "%s", "%(x)s", "{0}", "\\", "' or true --", "$1"):
        quoted = text.replace("'", "''")
        assert sta.names("Things", filter=f"name eq '{quoted}' or properties/a eq '{quoted}'") == []
        assert sta.raw("Things", filter=f"properties/{text.strip()} eq 1").status_code in (200, 400)
    assert len(sta.names("Things")) == 3


def test_a_deep_and_a_wide_filter_are_answered_within_the_bound(town: Town, sta: Sta) -> None:
    deep = "name"
    for _ in range(37):
        deep = f"substring({deep},0)"
    wide = " or ".join(f"Datastreams/Observations/result eq {n}.5" for n in range(10, 120))
    sums = "properties/height" + " add 1 mul 2" * 18
    for filter in (f"{deep} eq 'bench'", wide, f"{sums} gt 1", "not " * 30 + "name eq 'bench'"):
        response = sta.raw("Things", filter=filter)
        assert response.status_code == 200, response.body


def test_no_value_of_a_row_is_an_error(town: Town, sta: Sta) -> None:
    """Whether a row that is not seen has such a value could be read off the error."""
    moments = ("12:30:00", "12:30:00+01:00", "24:00", "2026-13-01", "Infinity", "", "now")
    for n, text in enumerate(moments):
        Thing.objects.create(name=f"x{n}", properties={"since": text})
    assert sta.names("Things", filter="properties/since gt 2019-01-01T00:00:00Z") == ["pond"]
    assert sta.names("Things", filter="properties/since add duration'P1D' lt 2021-01-01T00:00:00Z") == ["pond"]
    long = "duration'P999999999D'"
    for filter in (
        "phenomenonTime" + " sub duration'P1000000D'" * 9 + " gt now()",
        "phenomenonTime" + " add duration'P1000000D'" * 30 + " sub mindatetime() lt duration'P1D'",
        f"(phenomenonTime sub resultTime) add {long} add {long} add {long} lt duration'P1D'",
        f"(phenomenonTime sub resultTime) sub {long} sub {long} sub {long} gt duration'P1D'",
        "- duration'P999999999DT23H' gt phenomenonTime sub resultTime",
    ):
        assert sta("Observations", filter=filter) == {"value": []}, filter
