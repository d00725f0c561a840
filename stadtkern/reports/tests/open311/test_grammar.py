"""The grammar alone: no HTTP, no tables."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stadtkern.reports.api.open311.errors import Refused
from stadtkern.reports.api.open311.grammar import SPAN, Given, RequestsQuery, UpdatesQuery, check_jurisdiction
from stadtkern.reports.api.open311.sending import NewRequest, NewUpdate

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


def query(**params: str) -> RequestsQuery:
    return RequestsQuery.parse(Given({name: [value] for name, value in params.items()}), now=NOW, zone=ZONE)


def sent(**params: str | list[str]) -> NewRequest:
    lists = {name: value if isinstance(value, list) else [value] for name, value in params.items()}
    return NewRequest.parse(Given(lists))


def reasons(refused: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(fault.description for fault in refused.value.faults)


def test_without_anything_the_last_90_days_are_asked():
    asked = query()
    assert (asked.since, asked.until) == (NOW - SPAN, None)
    assert asked.statuses == {"open", "closed"}
    assert (asked.window.page, asked.window.page_size) == (1, 1000)


def test_empty_parameters_count_as_absent_and_unknown_ones_are_ignored():
    assert query(service_code="", start_date=" ", status=",", strange="x") == query()


def test_ids_override_everything_even_what_is_wrong():
    asked = query(service_request_id="7, 8,,7", start_date="nonsense", status="nonsense")
    assert asked.ids == ("7", "8")
    assert asked.since is None


def test_the_list_may_also_be_given_by_repeating_the_name():
    asked = RequestsQuery.parse(Given({"service_code": ["a,b", "c"]}), now=NOW, zone=ZONE)
    assert asked.codes == ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.250Z", datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-01-31T13:00:00+01:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T13:00:00 01:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),  # a plus that was not escaped
        ("2026-01-31T07:00:00-05:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 30, 23, tzinfo=UTC)),  # midnight in the city
    ],
)
def test_moments_of_the_w3c(text, meant):
    assert query(start_date=text).since == meant


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00",
        "31.01.2026",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "tomorrow",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "2026-W05-1",
        "20260131T120000Z",
        "٢٠٢٦-٠١-٣١",
        "2026-01-31T12:00:00+99:99",
    ],
)
def test_a_moment_without_zone_or_sense_is_refused(text):
    with pytest.raises(Refused) as refused:
        query(start_date=text)
    assert refused.value.status == 400
    assert "start_date" in reasons(refused)


def test_a_day_as_end_means_its_last_moment():
    assert query(end_date="2026-01-31").until > query(end_date="2026-01-31T22:59:59Z").until


def test_one_date_alone_opens_a_span_of_90_days():
    asked = query(start_date="2026-01-01T00:00:00Z")
    assert asked.until - asked.since == SPAN
    asked = query(end_date="2026-01-01T00:00:00Z")
    assert asked.until - asked.since == SPAN


def test_ninety_days_are_allowed_more_are_not():
    assert query(start_date="2026-01-01T00:00:00Z", end_date="2026-04-01T00:00:00Z").since
    with pytest.raises(Refused) as refused:
        query(start_date="2026-01-01T00:00:00Z", end_date="2026-04-03T00:00:00Z")
    assert "90" in reasons(refused)


def test_the_start_may_not_lie_behind_the_end():
    with pytest.raises(Refused):
        query(start_date="2026-02-01T00:00:00Z", end_date="2026-01-01T00:00:00Z")


def test_asking_by_change_does_not_narrow_the_time_of_filing():
    asked = query(updated_after="2026-11-22T00:00:00Z")
    assert asked.since is None
    assert asked.changed_since == datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "broken"),
        ("status", "open,closed,waiting"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "²"),
        ("page", "999999999999999999999"),
        ("page_size", "many"),
        ("sort", "colour"),
        ("bbox", "7,51,8"),
        ("bbox", "8,51,7,52"),
        ("bbox", "nan,51,7,52"),
        ("bbox", "7,51,8,95"),
        ("updated_after", "yesterday"),
    ],
)
def test_a_bad_value_names_its_parameter(name, value):
    with pytest.raises(Refused) as refused:
        query(**{name: value})
    assert refused.value.status == 400
    assert name in reasons(refused) or "geblättert" in reasons(refused)


def test_a_page_has_at_most_1000_rows_and_paging_ends_somewhere():
    assert query(page_size="5000").window.page_size == 1000
    with pytest.raises(Refused):
        query(page="200")


def test_the_jurisdiction():
    one, several = frozenset({"bochum.de"}), frozenset({"a.de", "b.de"})
    check_jurisdiction(Given({}), one)
    check_jurisdiction(Given({"jurisdiction_id": ["bochum.de"]}), one)
    for given_name, served, status in [("other.de", one, 404), ("", several, 400), ("c.de", several, 404)]:
        with pytest.raises(Refused) as refused:
            check_jurisdiction(Given({"jurisdiction_id": [given_name]}), served)
        assert refused.value.status == status


def test_a_request_with_point_and_attributes():
    new = sent(
        service_code="pothole",
        lat="51.4818",
        long="7.2162",
        description="Tief\r\nund nass",
        first_name="Aylin",
        last_name="K.",
        **{"attribute[size]": "big", "attribute[seen][]": ["day", "night", ""], "attribute[bad": "x"},
    )
    assert (new.lat, new.lon, new.name, new.description) == (51.4818, 7.2162, "Aylin K.", "Tief\nund nass")
    assert new.attributes == {"size": ("big",), "seen": ("day", "night")}
    questions = [
        {"code": "size", "type": "singlevaluelist"},
        {"code": "seen", "type": "multivaluelist"},
        {"code": "other", "type": "string"},
    ]
    assert new.answers(questions) == {"size": "big", "seen": ["day", "night"]}


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"lat": "51", "long": "7"}, "service_code"),
        ({"service_code": "a"}, "address_string"),
        ({"service_code": "a", "lat": "51"}, "long"),
        ({"service_code": "a", "lat": "91", "long": "7"}, "lat"),
        ({"service_code": "a", "lat": "51,4", "long": "7,2"}, "lat"),
        ({"service_code": "a", "lat": "nan", "long": "inf"}, "lat"),
        ({"service_code": "a", "lat": "1e300", "long": "7"}, "lat"),
        ({"service_code": "a", "address_string": "x" * 201}, "address_string"),
        ({"service_code": "a", "address_string": "x", "description": "x" * 4001}, "description"),
        ({"service_code": "a", "address_string": "x", "email": "nobody"}, "email"),
        ({"service_code": "a", "address_string": "x", "media_url": "javascript:alert(1)"}, "media_url"),
        ({"service_code": "a", "address_string": "x", "media_url": "http://[::1"}, "media_url"),
    ],
)
def test_what_is_missing_or_wrong_in_a_new_request_is_named(params, named):
    with pytest.raises(Refused) as refused:
        sent(**params)
    assert refused.value.status == 400
    assert named in reasons(refused)


def test_several_faults_are_told_at_once():
    with pytest.raises(Refused) as refused:
        sent(email="nobody", media_url="ftp://x", lat="x", long="y")
    assert len(refused.value.faults) == 4


def test_control_characters_vanish_and_broken_utf8_is_refused():
    new = sent(service_code="a", address_string="x", description="a\x00b\x1b[31m\ud800\ufffec\td\ne")
    assert new.description == "ab[31mc\td\ne"
    with pytest.raises(Refused):
        sent(service_code="a", address_string="x", description="caf\ufffd")


def test_an_update_from_outside():
    fields = {
        "service_request_id": ["7"],
        "update_id": ["u-1"],
        "updated_datetime": ["2026-11-23T10:00:00Z"],
        "description": ["Fertig"],
        "status": ["CLOSED"],
    }
    new = NewUpdate.parse(Given(fields), now=NOW, zone=ZONE)
    assert (new.request_id, new.update_id, new.status) == ("7", "u-1", "closed")
    with pytest.raises(Refused) as refused:
        NewUpdate.parse(Given(fields | {"updated_datetime": ["2026-11-24T10:00:00Z"]}), now=NOW, zone=ZONE)
    assert "Zukunft" in reasons(refused)
    with pytest.raises(Refused) as refused:
        NewUpdate.parse(Given({}), now=NOW, zone=ZONE)
    assert len(refused.value.faults) == 4


NAMES = st.sampled_from(
    [
        "service_request_id",
        "service_code",
        "start_date",
        "end_date",
        "status",
        "page",
        "page_size",
        "bbox",
        "q",
        "sort",
        "updated_after",
        "updated_before",
        "extensions",
        "lat",
        "long",
        "description",
        "email",
        "media_url",
        "attribute[a]",
        "attribute[a][]",
        "attribute[[]]",
        "update_id",
        "updated_datetime",
        "jurisdiction_id",
    ]
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"[0-9T:Z+. -]{0,30}", fullmatch=True),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.floats().map(str),
    st.integers().map(str),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, st.lists(VALUES, max_size=3), max_size=8))
def test_whatever_is_sent_is_understood_or_refused(lists):
    for parse in (
        lambda asked: RequestsQuery.parse(asked, now=NOW, zone=ZONE),
        lambda asked: UpdatesQuery.parse(asked, now=NOW, zone=ZONE),
        lambda asked: NewUpdate.parse(asked, now=NOW, zone=ZONE),
        NewRequest.parse,
    ):
        refused = _refusal(parse, lists)
        assert refused is None or (refused.status == 400 and all(fault.description for fault in refused.faults))


def _refusal(parse, lists):
    try:
        parse(Given(lists))
    except Refused as refused:
        return refused
    return None


@settings(max_examples=200, deadline=None)
@given(start=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), days=st.integers(0, 90))
def test_a_span_of_up_to_90_days_is_kept_as_asked(start, days):
    end = start + timedelta(days=days)
    asked = query(start_date=start.isoformat() + "Z", end_date=end.isoformat() + "Z")
    assert asked.until - asked.since == end - start
