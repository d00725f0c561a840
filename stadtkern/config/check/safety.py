"""Is it safe to let citizens in: keys, second factor, https, demo off, a valid pack?"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from stadtkern.config.check.finding import Finding, fault, good, warning

SHORTEST_KEY = 50


def secret_key() -> Iterator[Finding]:
    key = settings.SECRET_KEY
    if "change-me" in key or len(key) < SHORTEST_KEY or len(set(key)) < 10:
        yield fault(
            "The secret key is weak or the one of development",
            "Unset STADTKERN_SECRET_KEY (a strong one is made and kept), or give one of 50 random characters.",
        )
    else:
        yield good("The secret key is strong")


def second_factor() -> Iterator[Finding]:
    if getattr(settings, "STAFF_SECOND_FACTOR", False):
        yield good("Staff need a second factor")
    elif settings.DEMO and is_local(settings.BASE_URL):
        yield warning(
            "Demo mode: known logins, no second factor", "Never let others in; unset STADTKERN_DEMO for that."
        )
    else:
        yield fault("Staff sign in without a second factor", "Unset STADTKERN_DEMO.")


def public_address() -> Iterator[Finding]:
    if settings.BASE_URL.startswith("https://"):
        yield good(f"Served as {settings.BASE_URL}")
    elif is_local(settings.BASE_URL):
        yield warning(
            f"Only for this machine: {settings.BASE_URL}",
            "For others: a proxy with TLS in front, STADTKERN_URL=https://... and STADTKERN_HOSTS.",
        )
    else:
        yield fault(f"No encryption: {settings.BASE_URL}", "Put a proxy with TLS in front and set STADTKERN_URL.")
    host = urlsplit(settings.BASE_URL).hostname or ""
    if host not in [known.strip("[]") for known in settings.ALLOWED_HOSTS] and "*" not in settings.ALLOWED_HOSTS:
        yield fault(f"{host} is not answered", f"Add {host} to STADTKERN_HOSTS.")


def proxies() -> Iterator[Finding]:
    """With https somebody stands in front; unless we know them, every visitor has their address."""
    if settings.PROXIES:
        yield good(f"Visitors' addresses come from {', '.join(map(str, settings.PROXIES))}")
    elif settings.BASE_URL.startswith("https://"):
        yield fault(
            "The proxy with TLS is not known: all visitors look like one and share one limit",
            "Set STADTKERN_PROXIES to its address, e.g. 127.0.0.1/32 when it runs on this machine.",
        )


def debugging() -> Iterator[Finding]:
    if settings.DEBUG:
        yield fault("Errors are shown to everybody", "Unset STADTKERN_DEBUG.")


def city_pack() -> Iterator[Finding]:
    """The pack is complete and true to its format."""
    from stadtkern.core.city import city
    from stadtkern.places.domain.packs import problems_of

    try:
        pack = city()
        problems = [str(problem) for problem in problems_of(Path(pack.folder))]
    except ImproperlyConfigured as error:
        yield fault(str(error), "Check STADTKERN_CITY and the pack's city.toml (see cities/README.md).")
        return
    for problem in problems:
        yield fault(
            f"City pack {pack.key}: {problem}", "Correct the file (see cities/README.md), then load the city again."
        )
    if not problems:
        yield good(f"City pack {pack.name} is valid")


def is_local(address: str) -> bool:
    """Is this public address one that only this machine can reach?"""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
