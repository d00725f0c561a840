"""Tell listening processes (the door) at once, when the transaction commits."""

import json
from typing import Any

from stadtkern.core import quick


def tell(channel: str, payload: dict[str, Any]) -> None:
    """NOTIFY with a small JSON payload (below 8 000 bytes); dies with its transaction."""
    quick.send("select pg_notify(%s, %s)", [channel, json.dumps(payload, separators=(",", ":"))])
