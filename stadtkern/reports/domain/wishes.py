"""What one can follow beside a single report and an area: a street, a district, a kind, a group of kinds."""

from collections.abc import Mapping, Sequence

from stadtkern.places.domain import spelling
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.models import Report

STREET = "street"


def street_in(address: str) -> str:
    """Like "Herner Straße" of "Herner Str. 100, 44809 Bochum"; "" when there is none."""
    first = address.split(",", maxsplit=1)[0].strip()
    return spelling.split_address(first)[0].strip() if first else ""


def street_key(address: str) -> str:
    """The same for every way to write the street, for the table of follows (80 letters)."""
    return spelling.fold(street_in(address)).replace(" ", "-")[:80]


def values_of(report: Report) -> Mapping[str, Sequence[str]]:
    """The topics and values whose followers want to hear of this report."""
    found = {
        "district": report.district,
        "category": report.category_id,
        "group": catalogue().category(report.category_id).group_id,
        STREET: street_key(report.address),
    }
    return {topic: [value] for topic, value in found.items() if value}
