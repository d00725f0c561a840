"""The fence around calls to addresses that somebody outside gave us."""

import socket
from ipaddress import ip_network

import pytest
import requests

from stadtkern.core import outbound


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "10.0.0.8",
        "172.16.4.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "fd00::1",
        "fe80::1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f.1",
    ],
)
def test_our_own_network_is_refused_in_every_spelling(host):
    with pytest.raises((outbound.NotPublic, OSError)):
        outbound.addresses(host, 443)


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_the_internet_is_open(host):
    assert outbound.addresses(host, 443)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    """A name with two faces (DNS rebinding)."""
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: both)
    with pytest.raises(outbound.NotPublic):
        outbound.addresses("two-faces.example", 443)


def test_operators_may_open_a_network_of_their_own(settings):
    settings.OUTBOUND_NETWORKS = [ip_network("10.1.0.0/16")]
    assert outbound.addresses("10.1.2.3", 443) == ["10.1.2.3"]
    with pytest.raises(outbound.NotPublic):
        outbound.addresses("10.2.0.1", 443)


def test_a_session_opens_no_connection_to_a_listener_here():
    with socket.create_server(("127.0.0.1", 0)) as listener, outbound.session() as session:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        with pytest.raises(outbound.NotPublic):
            session.get(f"http://localhost:{port}/", timeout=2)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_name_without_address_is_a_failed_connection():
    with outbound.session() as session, pytest.raises(requests.ConnectionError):
        session.get("https://nowhere.invalid/", timeout=2)
