"""The demo is told as real reports are: every story of the pack can be told, twice makes no double."""

import pytest

from stadtkern.core.loading import load_city
from stadtkern.reports.models import Handover, Report
from stadtkern.reports.words import CLOSED


@pytest.mark.django_db
@pytest.mark.slow
def test_every_story_of_the_pack_can_be_told(city):
    told = city.read("demo.toml")["report"]
    load_city(demo=True)
    assert Report.objects.count() == len(told)
    wanted = {row["key"]: row["steps"][-1]["to"] for row in told if row.get("steps") and not row.get("verdict")}
    ended = dict(Report.objects.values_list("external_id", "status"))
    assert {key: ended[key] for key in wanted} == wanted
    assert Report.objects.filter(status__in=CLOSED).exists()
    load_city(demo=True)
    assert Report.objects.count() == len(told)
    assert Handover.objects.filter(taken_at__isnull=True).exists()


@pytest.mark.django_db
@pytest.mark.slow
def test_a_story_is_told_in_order(city):
    load_city(demo=True)
    for report in Report.objects.filter(external_source="demo")[:30]:
        moments = list(report.thread.entries.order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert report.filed_at == moments[0]
