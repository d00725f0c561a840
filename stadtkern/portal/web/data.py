"""Open data: what every module publishes, without a key, without personal data."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core import limits
from stadtkern.core.city import city
from stadtkern.core.parts import DatasetSource, dataset_sources
from stadtkern.core.problems import NotFound
from stadtkern.core.web.client_address import client_address
from stadtkern.portal.domain import open_data

MOST_AN_HOUR = 60
LICENCES = {
    "dl-de-by-2-0": ("Datenlizenz Deutschland – Namensnennung – 2.0", "https://www.govdata.de/dl-de/by-2-0"),
    "dl-de-zero-2-0": ("Datenlizenz Deutschland – Zero – 2.0", "https://www.govdata.de/dl-de/zero-2-0"),
    "cc0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/deed.de"),
}


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    sources = [(source, open_data.forms_of(source)) for source in dataset_sources]
    return render(request, "portal/data.html", {"sources": sources})


@require_safe
def dataset(request: HttpRequest, key: str) -> HttpResponse:
    """What the columns mean, and the ways to take it."""
    source = _source(key)
    licence, address = LICENCES.get(source.licence, (source.licence, ""))
    shown = {"source": source, "forms": open_data.forms_of(source), "licence": licence, "licence_url": address}
    return render(request, "portal/dataset.html", shown)


@require_safe
def download(request: HttpRequest, key: str, form: str) -> StreamingHttpResponse:
    """The whole dataset as it is now, row by row."""
    source = _source(key)
    if form not in open_data.forms_of(source):
        raise NotFound(_("Diese Form gibt es nicht: %(form)s") % {"form": form})
    limits.spend("open-data", client_address(request), most=MOST_AN_HOUR, per=timedelta(hours=1))
    kind, write = open_data.FORMS[form]
    response = StreamingHttpResponse(write(source), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{city().key}-{source.key}.{form}"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _source(key: str) -> DatasetSource:
    source = dataset_sources.get(key)
    if source is None:
        raise NotFound(_("Diesen Datensatz gibt es nicht."))
    return source
