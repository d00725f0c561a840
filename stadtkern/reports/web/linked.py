"""Reports in the words of schema.org, see core.web.linked_data."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.languages import pick
from stadtkern.core.web import linked_data
from stadtkern.core.web.linked_data import Thing, absolute
from stadtkern.reports.domain.reading import Facts


def of_report(found: Facts, shows: Mapping[str, Any]) -> SafeString | str:
    """One public report with the way to it; nothing for one that is not public."""
    if not found.is_public:
        return ""
    path = reverse("reports:report", kwargs={"report_id": found.id})
    thing: Thing = {
        "@type": "Report",
        "@id": absolute(path),
        "url": absolute(path),
        "name": f"{shows['title']}, {found.address}".strip(", "),
        "reportNumber": str(found.id),
        "about": shows["title"],
        "dateCreated": found.filed_at.isoformat(),
        "dateModified": found.changed_at.isoformat(),
        "creativeWorkStatus": shows["badge"]["label"],
        "publisher": linked_data.publisher(),
        "isPartOf": {"@id": absolute(reverse("reports:list"))},
    }
    if shows["gist"]:
        thing["abstract"] = shows["gist"]
    if found.lat is not None:
        thing["contentLocation"] = _place(found)
    return linked_data.block(thing, linked_data.crumbs([*_start(), (str(shows["title"]), path)]))


def _place(found: Facts) -> Thing:
    geo = {"@type": "GeoCoordinates", "latitude": found.lat, "longitude": found.lon}
    return {"@type": "Place", "address": found.address or city().name, "geo": geo}


def of_list(title: str, path: str) -> SafeString:
    """The list (or map) of a filter, and the service that it belongs to."""
    page = {
        "@type": "CollectionPage",
        "@id": absolute(path),
        "url": absolute(path),
        "name": title,
        "isPartOf": {"@id": absolute("/#seiten")},
        "about": {"@id": absolute(f"{reverse('reports:file')}#dienst")},
        "publisher": linked_data.publisher(),
    }
    start = _start()
    way = start if path == start[-1][1] else [*start, (title, path)]
    return linked_data.block(page, linked_data.crumbs(way))


def service() -> Thing:
    """Reporting as a service of the city."""
    path = reverse("reports:file")
    return {
        "@type": "GovernmentService",
        "@id": absolute(f"{path}#dienst"),
        "name": pick(city().facts["app"]["reports_name"]),
        "serviceType": _("Mängel, Ideen und Lob melden"),
        "url": absolute(path),
        "provider": linked_data.publisher(),
        "areaServed": {"@type": "City", "name": city().name},
        "availableChannel": {"@type": "ServiceChannel", "serviceUrl": absolute(path)},
    }


def of_service() -> SafeString:
    return linked_data.block(service(), linked_data.crumbs([(_("Start"), "/"), (_("Melden"), reverse("reports:file"))]))


def _start() -> list[tuple[str, str]]:
    return [(_("Start"), "/"), (_("Meldungen"), reverse("reports:list"))]
