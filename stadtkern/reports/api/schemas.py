"""The shapes of /api/v1's answers about reports; pydantic writes them into the OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

Words = dict[str, str]
State = Literal["received", "checked", "assigned", "in_work", "waiting", "done", "rejected", "reopened"]
KindName = Literal["defect", "idea", "praise"]
Short = Annotated[str, Field(max_length=200)]
NO_NUL = r"^[^\x00]*$"


class ReportOut(Schema):
    """A public report. Places are WGS84, moments have their zone."""

    id: int
    kind: KindName
    category: str = Field(description="key of /categories")
    category_name: str
    group: str
    status: State
    is_open: bool
    text: str
    address: str
    district: str
    lat: float | None
    lon: float | None
    owner: str = Field(description="key of /organisations")
    filed_at: datetime
    changed_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    supports: int = Field(description='how many said "me too"')
    photo_url: str | None
    url: str


class ReportsOut(Schema):
    """One page; `next` is the value of `after` for the following one."""

    items: list[ReportOut]
    next: str | None


class AnswerOut(Schema):
    code: str
    label: str
    value: str


class StepOut(Schema):
    """A public line of the history."""

    at: datetime
    kind: str
    code: str
    text: str
    organisation: str | None


class PhotoOut(Schema):
    url: str
    alt: str
    width: int
    height: int
    part: str


class ReportDetailOut(ReportOut):
    """A public report with all that everybody may read of it."""

    answers: list[AnswerOut]
    timeline: list[StepOut]
    photos: list[PhotoOut]
    reason: str | None = Field(description="key of the reason of a no")
    reason_text: str | None
    referred_to: str | None = Field(description="key of the organisation that is in charge instead")
    duplicate_of: int | None


class ValueOut(Schema):
    key: str
    name: Words


class QuestionOut(Schema):
    code: str
    type: str
    required: bool
    label: Words
    help: Words
    values: list[ValueOut]


class CategoryOut(Schema):
    """What can be reported; texts by language code."""

    key: str
    kind: KindName
    group: str
    group_name: Words
    name: Words
    hint: Words
    owner: str
    due_working_days: int
    is_active: bool
    closed_reason: Words
    referral: list[str]
    questions: list[QuestionOut]


class NewReportIn(Schema):
    """A report as it is sent. `lat` and `lon` come together; ideas and praise may do without a place."""

    category: Annotated[str, Field(max_length=60, pattern=NO_NUL)]
    text: Annotated[str, Field(max_length=4000, pattern=NO_NUL)] = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    address: Annotated[str, Field(max_length=200, pattern=NO_NUL)] = ""
    place_note: Annotated[str, Field(max_length=200, pattern=NO_NUL)] = ""
    answers: dict[str, str | float | list[str]] = Field(default_factory=dict, max_length=50)
    language: Annotated[str, Field(max_length=12, pattern=NO_NUL)] = ""
    email: Annotated[str, Field(max_length=254, pattern=NO_NUL)] = Field(
        "", description="to be told of what becomes of it"
    )
    name: Annotated[str, Field(max_length=120, pattern=NO_NUL)] = ""
    phone: Annotated[str, Field(max_length=40, pattern=NO_NUL)] = ""


class FiledOut(Schema):
    """The new report; `follow_url` is secret: whoever holds it may answer in the reporter's name."""

    id: int
    status: State
    is_public: bool
    due_at: datetime | None
    url: str
    follow_url: str


PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
TITLES = {
    400: "The question makes no sense",
    403: "The key is wrong",
    404: "There is no such public report",
    409: "The Idempotency-Key was used for something else",
    413: "Too large",
    422: "A field is wrong; `errors` names it",
    429: "Too often; see Retry-After",
}
POINTS = {
    "type": "object",
    "required": ["type", "features", "next"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "next": {"type": ["string", "null"]},
        "features": {
            "type": "array",
            "items": {"type": "object", "required": ["type", "id", "geometry", "properties"]},
        },
    },
}


def also(*statuses: int, geojson: bool = False) -> dict[str, Any]:
    """The part of the OpenAPI document that says which problems an operation may answer."""
    answers: dict[int, Any] = {
        status: {"description": TITLES[status], "content": {"application/problem+json": {"schema": PROBLEM}}}
        for status in statuses
    }
    if geojson:
        answers[200] = {"description": "GeoJSON (RFC 7946)", "content": {"application/geo+json": {"schema": POINTS}}}
    return {"responses": answers}
