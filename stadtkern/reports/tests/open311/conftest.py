"""The city with a key, and a short way to file."""

import pytest

from stadtkern.core import apikeys
from stadtkern.reports.domain import catalogue
from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.domain.publishing import publish_report

CENTRE = {"lat": 51.4818, "lon": 7.2162}
V2 = "/open311/v2"


@pytest.fixture(autouse=True)
def _fresh_catalogue():
    catalogue.forget()
    yield
    catalogue.forget()


@pytest.fixture
def key(city):
    """A key that may file and update; its text."""
    return apikeys.issue("Testclient", scopes=["open311.file", "open311.update"])[1]


@pytest.fixture
def filed(city):
    """File a public report: filed("pothole", text=…)."""

    def make(category="pothole", *, public=True, **given):
        given = {"text": "Tiefes Loch", "answers": answers_for(category)} | CENTRE | given
        report = file_report(Draft(category=category, **given))
        return publish_report(report.pk, by=None) if public else report

    return make


def answers_for(category):
    """The first possible answer to each question that needs one."""
    questions = catalogue.catalogue().category(category).questions
    return {q["code"]: _first(q) for q in questions if q.get("required")}


def _first(question):
    values = [value["key"] for value in question.get("values", [])]
    plain = {"number": 3, "datetime": "2026-11-01T08:00:00+01:00"}.get(question["type"], "ja")
    return values[:1] if question["type"] == "multivaluelist" else (values[0] if values else plain)
