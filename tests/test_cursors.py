"""Every list that pages by a cursor answers whatever is put into it with a page or with 400, never with a fault."""

import pytest
from hypothesis import HealthCheck, given, settings

from stadtkern.core.tests.test_paging import CURSORS, cursor

LISTS = {
    "inbox": "/mitteilungen/",
    "deliveries": "/desk/zustellungen/",
    "persons": "/desk/personen/",
    "audit": "/desk/protokoll/",
    "desk": "/desk/meldungen/",
}
CRAFTED = [cursor(value) for value in (["abc"], [None], ["abc", "abc"], [None, None], [{"t": "x"}, 1], [1, 2, 3, 4])]


@pytest.fixture
def desk(visitor, ada):
    from stadtkern.threads.domain.conversation import contact_for

    contact_for(person=ada)
    return visitor.signed_in(ada)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("text", CRAFTED)
def test_a_crafted_cursor_is_refused(desk, name, text):
    assert desk.get(LISTS[name], {"after": text}).status_code == 400


@pytest.mark.parametrize("name", LISTS)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=CURSORS)
def test_any_cursor_is_answered(desk, name, text):
    assert desk.get(LISTS[name], {"after": text}).status_code in {200, 400}
