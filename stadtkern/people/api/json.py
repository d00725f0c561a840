"""people's share of /api/v1."""

from django.http import HttpRequest
from ninja import Router, Schema

from stadtkern.people.models import Organisation

router = Router(tags=["people"])


class OrganisationOut(Schema):
    """Who can look after a matter."""

    key: str
    name: str
    short: str
    kind: str
    parent: str | None


@router.get("/organisations", response=list[OrganisationOut], summary="Organisations of the city")
def organisations(request: HttpRequest) -> list[dict[str, str | None]]:
    """All active organisations; `parent` is the key of the house a department belongs to."""
    fields = ("key", "name", "short", "kind", "parent__key")
    rows = Organisation.objects.filter(is_active=True).order_by("key").values_list(*fields)
    return [dict(zip(("key", "name", "short", "kind", "parent"), row, strict=True)) for row in rows]
