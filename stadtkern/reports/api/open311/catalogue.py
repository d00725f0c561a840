"""Services, their definitions and the discovery document: what the city's catalogue says, in Open311's words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.reports.api.open311.answer import MIME, SPECIFICATION, when
from stadtkern.reports.domain.catalogue import Catalogue
from stadtkern.reports.models import Category

CHANGESET = datetime(2026, 11, 1, tzinfo=UTC)


def served() -> frozenset[str]:
    """The jurisdictions this installation answers for; usually one."""
    named = city().facts.get("jurisdiction_id", "")
    return frozenset([named] if isinstance(named, str) else named) - {""}


def discovery() -> dict[str, Any]:
    """All that a client needs to find the endpoint (Service Discovery of Open311)."""
    contact = city().facts.get("contact", {})
    lines = [contact.get("organisation", city().name), contact.get("email", ""), contact.get("url", "")]
    key = _("Ein Schlüssel ist kostenlos. Schreiben Sie an %(email)s, was Sie vorhaben.")
    return {
        "discovery": {
            "changeset": when(CHANGESET),
            "contact": ", ".join(line for line in lines if line),
            "key_service": key % {"email": contact.get("email", "")},
            "endpoints": [
                {
                    "specification": SPECIFICATION,
                    "url": f"{settings.BASE_URL}/open311/v2",
                    "changeset": when(CHANGESET),
                    "type": "test" if settings.DEMO else "production",
                    "formats": list(MIME),
                }
            ],
        }
    }


def services(book: Catalogue, language: str) -> dict[str, Any]:
    """Everything that can be reported now; closed categories are not offered."""
    return {"services": [_service(row, book, language) for row in book.categories.values() if row.is_active]}


def _service(row: Category, book: Catalogue, language: str) -> dict[str, Any]:
    return {
        "service_code": row.key,
        "service_name": pick(row.name, language),
        "description": pick(row.hint, language) or None,
        "metadata": bool(row.questions),
        "type": "realtime",
        "keywords": ",".join(word.replace(",", " ") for word in row.keywords) or None,
        "group": pick(book.groups[row.group_id].name, language),
    }


def definition(row: Category, language: str) -> dict[str, Any]:
    """The extra questions of a category; a category without any has an empty list."""
    attributes = [_attribute(place, question, language) for place, question in enumerate(row.questions, 1)]
    return {"service_definition": {"service_code": row.key, "attributes": attributes}}


def _attribute(place: int, question: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "variable": True,
        "code": question["code"],
        "datatype": question["type"],
        "required": bool(question.get("required")),
        "datatype_description": pick(question.get("help", {}), language) or None,
        "order": place,
        "description": pick(question["label"], language),
        "values": [
            {"key": value["key"], "name": pick(value["name"], language)} for value in question.get("values", [])
        ],
    }


def answered(row: Category, answers: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The answers of a request in words (extension `attributes`)."""
    asked = [question for question in row.questions if question["code"] in answers]
    return [
        {
            "code": question["code"],
            "label": pick(question["label"], language),
            "value": _in_words(question.get("values", []), answers[question["code"]], language),
        }
        for question in asked
    ]


def _in_words(values: Sequence[Mapping[str, Any]], answer: Any, language: str) -> str:
    names = {value["key"]: pick(value["name"], language) for value in values}
    given = answer if isinstance(answer, list) else [answer]
    return ", ".join(names.get(one, str(one)) for one in given)
