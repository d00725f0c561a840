"""The search of the desk: words of text and address, the last one may be a beginning; always by the index."""

import pytest
from django.db import connection

from stadtkern.reports.domain.desk import DeskQuery, asked
from stadtkern.reports.tests.builders import report

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Rathauspl", True),
        ("umgefahren Rathauspla", True),
        ("der Rathausplatz 1", True),
        ("Rathaus-Pl", False),
        ('"Rathauspl"', False),
        ("Poller -Rathauspl", True),
        ("Poller -Rathausplatz", False),
        ("Kortum", False),
        ("O'Neill\\ &|!:*", False),
    ],
)
def test_the_last_word_may_be_a_beginning_of_text_or_address(dora, words, found):
    report(address="Rathausplatz 1")
    assert asked(dora, DeskQuery(q=words)).exists() is found


def test_the_search_is_answered_by_the_index(dora):
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = asked(dora, DeskQuery(view="closed", q="Poller Rathauspl")).order_by().explain()
    assert "report_search" in plan
