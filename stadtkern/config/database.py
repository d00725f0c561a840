"""Where the tables live: DATABASE_URL, or the embedded PostgreSQL of this machine."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from stadtkern.config.env import env
from stadtkern.config.run.postgres import Cluster

URL = "DATABASE_URL"


def default(data: Path) -> dict[str, Any]:
    """Django's connection settings; the embedded server is reached by its socket folder."""
    address = env(URL, "", "An external PostgreSQL (15 or newer); empty: the embedded one.", str)
    return from_url(address or Cluster(data / "postgres").dsn)


def from_url(address: str) -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "stadtkern",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(options.pop("port", parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
