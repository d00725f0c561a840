"""What makes two values of the same moment different: the slot, third part of an observation's key.

0 is the ordinary value, so a value that is sent again corrects itself. Another feature of interest, an interval, or a
result older than its phenomenon (a forecast: every run counts) has a slot of its own, made from just that.
"""

from datetime import datetime
from hashlib import blake2b

ORDINARY = 0
UNIQUE = -1  # never a correction: the store puts the observation's own number here


def slot_of(*, end: datetime | None, feature_id: int | None, forecast_of: datetime | None) -> int:
    """63 bits of what differs; `forecast_of`: the result time when it lies before the phenomenon."""
    if end is None and feature_id is None and forecast_of is None:
        return ORDINARY
    moments = [moment.timestamp() if moment else None for moment in (end, forecast_of)]
    digest = blake2b(f"{moments} {feature_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1 or 1
