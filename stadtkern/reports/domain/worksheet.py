"""The work sheet: chosen reports on paper, an accessible PDF by typst."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import segno
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.media.domain import files, renditions
from stadtkern.media.models import Image
from stadtkern.media.words import Size, State
from stadtkern.places.domain.geometry import district_names
from stadtkern.reports.domain.catalogue import catalogue
from stadtkern.reports.domain.sheet_map import places_near, small_map
from stadtkern.reports.models import Photo, Report
from stadtkern.reports.words import PhotoPart

TEMPLATE = Path(__file__).parent / "worksheet.typ"
HIDDEN = {State.REFUSED, State.WITHDRAWN}


def worksheet(reports: Sequence[Report], *, answers: dict[int, list[tuple[str, str]]]) -> bytes:
    """PDF/UA-1 with one block per report: what, where, map, photo, answers, room for notes. No contact data."""
    import typst

    pictures = _pictures(reports)
    with TemporaryDirectory(prefix="sheet-") as place:
        folder = Path(place)
        blocks = [
            _block(report, answers.get(report.pk, [])) | _drawn(report, pictures.get(report.pk), folder)
            for report in reports
        ]
        source = folder / "main.typ"
        source.write_bytes(TEMPLATE.read_bytes())
        given = {"sheet": json.dumps(_frame() | {"reports": blocks})}
        return bytes(typst.compile(source, root=folder, sys_inputs=given, pdf_standards=["ua-1"], format="pdf"))


def _frame() -> dict[str, Any]:
    """The words around the reports, and the language they are in (RFC 5646, without private variants)."""
    return {
        "title": _("Arbeitsblatt %(city)s") % {"city": city().name},
        "language": (get_language() or "de").split("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "made": date_format(clock.local(clock.now()), "DATETIME_FORMAT"),
        "words": {"due": _("fällig"), "done": _("erledigt am"), "by": _("von"), "notes": _("Notizen")},
    }


def _block(report: Report, answers: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": report.pk,
        "category": pick(catalogue().category(report.category_id).name),
        "address": report.address,
        "district": district_names().get(report.district, ""),
        "place_note": report.place_note,
        "point": "" if report.lat is None else f"{report.lat:.5f}, {report.lon:.5f}",
        "text": report.text,
        "text_language": (report.language or "de").split("-")[0],
        "filed": date_format(clock.local(report.filed_at), "DATE_FORMAT"),
        "due": date_format(clock.local(report.due_at), "DATE_FORMAT") if report.due_at else "",
        "status": str(report.get_status_display()),
        "answers": [list(pair) for pair in answers],
    }


def _drawn(report: Report, picture: Image | None, folder: Path) -> dict[str, Any]:
    """Puts map, photo and QR code of one report into the folder; returns their names and what they show."""
    drawn: dict[str, Any] = {"map": "", "photo": "", "qr": f"{report.pk}-qr.svg"}
    address = f"{settings.BASE_URL}/desk/meldungen/{report.pk}/"
    _qr(address, folder / drawn["qr"])
    drawn["qr_alt"] = _("QR-Code zur Meldung am Arbeitsplatz: %(address)s") % {"address": address}
    if report.lat is not None and report.lon is not None:
        drawn["map"] = f"{report.pk}-map.svg"
        (folder / drawn["map"]).write_text(small_map(report.lat, report.lon), encoding="utf-8")
        drawn["map_alt"] = _map_words(report)
    if data := _file_of(picture):
        drawn["photo"] = f"{report.pk}-photo.webp"
        (folder / drawn["photo"]).write_bytes(data)
        drawn["photo_alt"] = (picture.alt if picture else "") or _("Foto zur Meldung")
    return drawn


def _map_words(report: Report) -> str:
    shown = ", ".join(places_near(report.lat or 0.0, report.lon or 0.0)) or "–"
    words = _("Karte: %(place)s. In der Nähe: %(shown)s")
    return words % {"place": report.address or f"{report.lat:.5f}, {report.lon:.5f}", "shown": shown}


def _qr(address: str, path: Path) -> None:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=2)
    path.write_bytes(out.getvalue())


def _pictures(reports: Sequence[Report]) -> dict[int, Image]:
    """The first photo of each report whose faces and plates are blurred."""
    found: dict[int, Image] = {}
    for photo in Photo.objects.filter(report__in=reports, part=PhotoPart.REPORT).select_related("image"):
        if photo.image.base and photo.image.state not in HIDDEN:
            found.setdefault(photo.report_id, photo.image)
    return found


def _file_of(picture: Image | None) -> bytes | None:
    """The rendition of middle size, never the upload; None while there is none."""
    if picture is None:
        return None
    storage = files.public() if picture.state == State.PUBLIC else files.private()
    return files.get(storage, renditions.name(picture.pk, picture.base, Size.CARD, "webp"))
