"""When was it measured: the device's own time when it tells one, else the network's, and whether to believe it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.hub.domain.letters.mapping import found
from stadtkern.hub.domain.letters.uplink import Undeliverable
from stadtkern.hub.domain.store import months
from stadtkern.hub.domain.store.ids import month_of
from stadtkern.hub.domain.store.port import BeyondTime
from stadtkern.hub.words import Flag

MOST_AHEAD, MOST_BEHIND = timedelta(minutes=5), timedelta(hours=1)
MILLISECONDS, MICROSECONDS = 10**11, 10**14  # from here on a number since 1970 cannot be seconds, milliseconds


def network_moment(at: datetime | None, received_at: datetime) -> tuple[datetime, int]:
    """The network's time, unless a gateway's clock is ahead of ours; with the flag that says so."""
    if at is None:
        return received_at, 0
    if at > received_at + MOST_AHEAD or not _is_kept(at):
        return received_at, Flag.DRIFT
    return at, 0


def own_moment(values: Mapping[str, Any], field: str, reference: datetime, *, late: bool) -> tuple[datetime, int]:
    """The device's own time and its flags; a time that cannot be is replaced by the reference and flagged.

    `late`: the values were kept by the device, so they may be as old as they want. Raises Undeliverable for what is no
    time at all.
    """
    given = found(values, field)
    moment = read_moment(given)
    if moment is None:
        raise Undeliverable(_("Zeitfeld %(field)s: %(value)s ist keine Zeit.") % {"field": field, "value": given})
    if not _is_kept(moment):
        return reference, Flag.DRIFT
    drifts = moment > reference + MOST_AHEAD or (not late and moment < reference - MOST_BEHIND)
    return moment, Flag.DRIFT if drifts else 0


def read_moment(value: Any) -> datetime | None:
    """ISO 8601 (without a zone: the city's), or seconds, milliseconds or microseconds since 1970."""
    if isinstance(value, str):
        return _text_moment(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        return None
    scale = 1 if value < MILLISECONDS else 10**3 if value < MICROSECONDS else 10**6
    try:
        return datetime.fromtimestamp(value / scale, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text_moment(text: str) -> datetime | None:
    if text.isascii() and text.isdecimal() and len(text) > 8:
        return read_moment(int(text))
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _is_kept(moment: datetime) -> bool:
    try:
        months.check([month_of(moment)])
    except (BeyondTime, OverflowError):
        return False
    return True
