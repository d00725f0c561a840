"""The job that reads letters. A letter is done, or failed with a reason; what is nobody's fault is tried again."""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stadtkern.core.jobs import every, job
from stadtkern.core.models import ApiKey
from stadtkern.hub.domain.decoders.sandbox import SandboxBroken
from stadtkern.hub.domain.letters.sources import SOURCES
from stadtkern.hub.domain.letters.uplink import Ignored, Undeliverable
from stadtkern.hub.domain.readers import Reader, reader_with_key
from stadtkern.hub.models import Letter

AT_ONCE = 100
MOST_SWEPT = 5_000
LEFT_AFTER = timedelta(minutes=5)
PASSING = (OperationalError, InterfaceError, SandboxBroken)
log = logging.getLogger(__name__)


@job("hub.read_letters", retry=4, wait=5)
def read_letters(ids: list[int]) -> None:
    """Read each letter that still waits; raises when the house itself was in the way."""
    for id in ids:
        read_letter(id)


@every("*/5 * * * *", "hub.letters_left")
def sweep_letters() -> None:
    """Letters that wait although their job has given up (the database was away for long)."""
    waiting = Letter.objects.filter(state=Letter.State.WAITING, received_at__lt=timezone.now() - LEFT_AFTER)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_SWEPT])
    for start in range(0, len(ids), AT_ONCE):
        read_letters.defer(ids=ids[start : start + AT_ONCE])


@transaction.atomic
def read_letter(id: int) -> None:
    """Read one letter. Of two that try at once one does it."""
    waiting = Letter.objects.select_for_update(skip_locked=True).filter(pk=id, state=Letter.State.WAITING)
    letter = waiting.first()
    if letter is None:
        return
    letter.state, letter.error = _outcome(letter)
    letter.tries += 1
    letter.done_at = timezone.now()
    letter.save(update_fields=["state", "error", "tries", "done_at"])


def _outcome(letter: Letter) -> tuple[str, str]:
    try:
        with transaction.atomic():
            SOURCES[letter.source](letter, _writer(letter))
        return Letter.State.DONE, ""
    except Ignored as reason:
        return Letter.State.DROPPED, str(reason)
    except Undeliverable as error:
        return Letter.State.FAILED, str(error)
    except PASSING:
        raise
    except Exception as error:
        log.exception("letter %s", letter.pk)
        return Letter.State.FAILED, _("Unerwarteter Fehler: %s") % type(error).__name__


def _writer(letter: Letter) -> Reader:
    """As whom it was accepted: the key lived then, even if it has been revoked since."""
    key = ApiKey.objects.filter(prefix=letter.key_prefix).first()
    if key is None:
        raise Undeliverable(_("Schlüssel: %s gibt es nicht mehr.") % (letter.key_prefix or "–"))
    return reader_with_key(key)
