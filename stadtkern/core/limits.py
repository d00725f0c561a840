"""Rate limits: a fixed window counted in PostgreSQL, so all processes count together."""

import hashlib
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stadtkern.core import quick
from stadtkern.core.models import Spent
from stadtkern.core.problems import TooMany

COUNT = """
insert into core_spent (bucket, "window", count) values (%s, %s, 1)
on conflict (bucket, "window") do update set count = core_spent.count + 1 returning count
"""


def spend(bucket: str, key: str, *, most: int, per: timedelta) -> int:
    """Count one use; raise TooMany when `most` uses within the window `per` are spent.

    The key (an address, an e-mail) is stored only as a digest salted with the secret key.
    """
    moment = timezone.now().timestamp()
    length = per.total_seconds()
    start = moment - moment % length
    name = f"{bucket}:{hashlib.sha256(f'{settings.SECRET_KEY}{key}'.encode()).hexdigest()[:32]}"
    count = int(quick.rows(COUNT, [name, datetime.fromtimestamp(start, UTC)])[0][0])
    if count > most:
        raise TooMany(
            _("Bitte warten Sie einen Moment und versuchen Sie es dann noch einmal."),
            retry_after=int(start + length - moment) + 1,
        )
    return count


def forget(before: datetime) -> int:
    return Spent.objects.filter(window__lt=before).delete()[0]
