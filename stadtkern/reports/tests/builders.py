"""Dull builders: each gives one plain thing; a test names what matters to it."""

from typing import Any

from stadtkern.reports.domain.filing import Draft, file_report
from stadtkern.reports.models import Report

TOWN_HALL = {"lat": 51.48186, "lon": 7.21667}
POTHOLE = {"category": "pothole", "answers": {"where": "lane", "depth": "deep"}}


def draft(**given: Any) -> Draft:
    plain = {**TOWN_HALL, "category": "bollard", "text": "Der Poller vor dem Rathaus ist umgefahren."}
    return Draft(**(plain | given))


def report(**given: Any) -> Report:
    return file_report(draft(**given))
