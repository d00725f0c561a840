"""Values of a series to take away: CSV and JSON, streamed, at full resolution."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stadtkern.core import clock
from stadtkern.core.csv_cells import harmless
from stadtkern.core.problems import NotFound
from stadtkern.hub.domain.stations.course import end_of
from stadtkern.hub.domain.stations.series import Series, verdict_of
from stadtkern.hub.domain.store.port import Sample
from stadtkern.hub.domain.store.postgres import PostgresStore
from stadtkern.hub.web import wording
from stadtkern.hub.web.addresses import absolute
from stadtkern.hub.web.reading import note, reader_for
from stadtkern.hub.web.thing import chosen_series, chosen_span, station_or_404

TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
HEAD = ("phenomenon_time", "result", "unit", "quality", "findings")


@require_safe
def download(request: HttpRequest, thing_id: int, form: str) -> StreamingHttpResponse:
    """?reihe=…&zeitraum=…, as the page's own address says."""
    if form not in TYPES:
        raise NotFound
    reader = reader_for(request)
    found = station_or_404(thing_id, reader)
    series, span = chosen_series(request, found), chosen_span(request)
    if series is None:
        raise NotFound(_("Diese Messreihe gibt es hier nicht."))
    note(request, reader, [series], rows=series.count)
    until = end_of([series], span)
    samples = PostgresStore().read(series.id, since=until - span.length, until=until, reader=reader)
    parts = as_csv(series, samples) if form == "csv" else as_json(series, samples)
    response = StreamingHttpResponse(parts, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="messwerte-{thing_id}-{series.id}-{span}.{form}"'
    return response


def as_csv(series: Series, samples: Iterator[Sample]) -> Iterator[str]:
    """RFC 4180 with a mark for spreadsheets; no cell can become a formula."""
    yield "\ufeff" + _line(HEAD)
    for sample in samples:
        yield _line([_cell(value) for value in _row(series, sample)])


def as_json(series: Series, samples: Iterator[Sample]) -> Iterator[str]:
    """One object: what it is, and its values."""
    facts = {
        "name": series.property_name or series.name,
        "unit": series.symbol,
        "simulation": series.is_simulated,
        "sensorthings": absolute(f"/sta/v1.1/Datastreams({series.id})"),
    }
    yield json.dumps(facts, ensure_ascii=False)[:-1] + ', "values": ['
    comma = ""
    for sample in samples:
        yield comma + json.dumps(dict(zip(HEAD, _row(series, sample), strict=True)), ensure_ascii=False)
        comma = ",\n"
    yield "]}"


def _row(series: Series, sample: Sample) -> tuple[Any, ...]:
    result = next((part for part in (sample.number, sample.text, sample.json) if part is not None), None)
    start = clock.local(sample.phenomenon_start).isoformat()
    moment = start if sample.phenomenon_end is None else f"{start}/{clock.local(sample.phenomenon_end).isoformat()}"
    found = ", ".join(wording.findings_of(sample.flags))
    return moment, result, series.symbol, str(verdict_of(sample.flags)), found


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
