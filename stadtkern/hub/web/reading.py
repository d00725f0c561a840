"""Who reads the pages: everybody what is public, a signed-in person also what theirs is, and that is noted."""

from collections.abc import Iterable

from django.http import HttpRequest

from stadtkern.hub.domain.access_log import note_access
from stadtkern.hub.domain.readers import Reader, reader_of
from stadtkern.hub.domain.stations.listing import Station
from stadtkern.hub.domain.stations.series import Series

INTERFACE = "pages"


def reader_for(request: HttpRequest) -> Reader:
    return reader_of(request.user)


def note(request: HttpRequest, reader: Reader, series: Iterable[Series], *, rows: int) -> None:
    """Write down that values of these were shown, as far as they are not public."""
    ids = [one.id for one in series if not one.is_public]
    if ids:
        note_access(reader, interface=INTERFACE, query=request.get_full_path(), rows=rows, datastream_ids=ids)


def note_stations(request: HttpRequest, reader: Reader, stations: Iterable[Station]) -> None:
    """The newest values of these were shown."""
    series = [one for station in stations for one in station.series]
    note(request, reader, series, rows=len(series))
