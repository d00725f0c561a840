"""Where a request comes from. Behind our door every connection is the same local socket: the hops tell."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104  said of a socket without a name; nothing is bound to it


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the last hop before the proxies we trust (ALLAUTH_TRUSTED_PROXY_COUNT)."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    hops = hops or [request.META.get("REMOTE_ADDR", "")]
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT  # type: ignore[misc]  # from config.sign_in
    return _without_port(hops[-trusted] if len(hops) >= trusted else hops[0])


def _without_port(hop: str) -> str:
    """192.0.2.1, 192.0.2.1:80, 2001:db8::1 or [2001:db8::1]:80 as a plain address."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(hop))
    except ValueError:
        return UNKNOWN_ADDRESS
