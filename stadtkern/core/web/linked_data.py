"""What a page is about, for search engines: schema.org as JSON-LD in a data block, which no browser executes."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from stadtkern.core.city import city

Thing = dict[str, Any]
UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def block(*things: Thing) -> SafeString:
    """The things as one <script type="application/ld+json">; what is in them cannot leave it."""
    text = json.dumps({"@context": "https://schema.org", "@graph": things}, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(f'<script type="application/ld+json">{text.translate(UNSAFE)}</script>')


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def publisher() -> Thing:
    """Who publishes these pages, by its identifier."""
    return {"@id": absolute("/#stadt")}


def crumbs(pairs: Iterable[tuple[str, str]]) -> Thing:
    """The way to the page: names and paths, from the start."""
    steps = [
        {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
        for place, (name, path) in enumerate(pairs, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


def house() -> list[Thing]:
    """The city, its site with the search, its reporting service: for the first page."""
    facts = city().facts
    contact = facts.get("contact", {})
    town: Thing = {
        "@type": "GovernmentOrganization",
        **publisher(),
        "name": contact.get("organisation") or city().name,
        "url": contact.get("url") or absolute("/"),
        "areaServed": {"@type": "City", "name": city().name},
    }
    if contact.get("street"):
        town["address"] = {
            "@type": "PostalAddress",
            "streetAddress": contact["street"],
            "postalCode": contact.get("postcode", ""),
            "addressLocality": contact.get("town", ""),
            "addressCountry": city().country,
        }
    if phone := contact.get("service_phone"):
        town["telephone"] = phone
    site = {
        "@type": "WebSite",
        "@id": absolute("/#seiten"),
        "url": absolute("/"),
        "name": facts["app"]["name"],
        "inLanguage": list(city().languages),
        "publisher": publisher(),
        "potentialAction": _search_action(),
    }
    return [town, site]


def _search_action() -> Thing:
    return {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": absolute("/suche/?q={search_term_string}")},
        "query-input": "required name=search_term_string",
    }
