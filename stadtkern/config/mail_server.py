"""The mail server as one address: smtp://user:password@host:port (STARTTLS) or smtps://... (TLS from the start)."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Where letters go; without a host they are written into a folder."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    tls_from_the_start: bool = False

    @classmethod
    def parse(cls, address: str) -> "MailServer":
        """Read the address; ValueError says in a few words what is wrong with it."""
        if not address:
            return cls()
        parts = urlsplit(address)
        if parts.scheme not in PORTS:
            raise ValueError("begin with smtp:// or smtps://")
        if not parts.hostname:
            raise ValueError("the host is missing")
        return cls(
            host=parts.hostname,
            port=_port(address) or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls_from_the_start=parts.scheme == "smtps",
        )

    @property
    def starts_tls(self) -> bool:
        """A relay of one's own net without a user often has no TLS; the doctor says so when it is elsewhere."""
        return bool(self.user) and not self.tls_from_the_start


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError as error:
        raise ValueError("the port is a number up to 65535") from error
