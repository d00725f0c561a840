"""Calling addresses that somebody outside gave us (push services): only the public internet, never our own network.

Names are looked up when the call is made, every address found must be public, and the connection goes to just that
address, so that a name cannot point elsewhere between look and call. Redirects are not followed. Where operators set
an outgoing proxy (HTTPS_PROXY), the proxy is the fence.
"""

import ipaddress
import socket
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublic(ValueError):
    """The name leads into a network that is not for callers from outside."""


def session() -> requests.Session:
    """A session that reaches public addresses only; close it after use."""
    made = requests.Session()
    made.max_redirects = 0
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Fence())
    return made


def addresses(host: str, port: int) -> list[str]:
    """All addresses of the host; NotPublic when one of them is not, OSError when there is none."""
    found = dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    if not all(_is_open(ipaddress.ip_address(address.partition("%")[0])) for address in found):
        raise NotPublic(host)
    return list(found)


def _is_open(address: Address) -> bool:
    """Public, or in a network that operators opened (OUTBOUND_NETWORKS)."""
    address = getattr(address, "ipv4_mapped", None) or address
    opened: Any = settings.OUTBOUND_NETWORKS
    if any(address in network for network in opened):
        return True
    return address.is_global and not (address.is_multicast or _wraps_private(address))


def _wraps_private(address: Address) -> bool:
    """6to4 and NAT64 carry an IPv4 address that a gateway of ours might unwrap."""
    inside = getattr(address, "sixtofour", None)
    if inside is None and address in ipaddress.ip_network("64:ff9b::/96"):
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inside is not None and not inside.is_global


def _connect(host: str, port: int, **how: Any) -> socket.socket:
    failed: OSError | None = None
    for address in addresses(host, port):
        try:
            return socket.create_connection((address, port), **how)
        except OSError as error:
            failed = error
    raise failed or OSError(f"no address: {host}")


class _Fenced:
    """A connection that asks before it opens its socket."""

    def _new_conn(self) -> socket.socket:
        timeout = self.timeout if isinstance(self.timeout, int | float) else None  # type: ignore[attr-defined]
        return _connect(self._dns_host, self.port, timeout=timeout)  # type: ignore[attr-defined]


class _Http(_Fenced, HTTPConnection):
    pass


class _Https(_Fenced, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http  # type: ignore[assignment]


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https  # type: ignore[assignment]


class _Fence(HTTPAdapter):
    """requests' adapter over fenced connections."""

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        super().init_poolmanager(*given, **more)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
