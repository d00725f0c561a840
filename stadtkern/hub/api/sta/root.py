"""The root document: which entity sets there are, and what the service claims to do (OGC 18-088, clause 9.2.1)."""

import orjson
from django.http import HttpResponse

from stadtkern.hub.api.sta import conformance
from stadtkern.hub.api.sta.entities import SETS
from stadtkern.hub.api.sta.errors import JSON


def root_document(root: str) -> HttpResponse:
    body = {
        "value": [{"name": name, "url": f"{root}/{name}"} for name in SETS],
        "serverSettings": {"conformance": conformance.uris()},
    }
    return HttpResponse(orjson.dumps(body), content_type=JSON)
