"""How letters of each source become samples. A source of another layer adds itself (see door/)."""

from collections.abc import Callable

from stadtkern.hub.domain.letters import uplinks
from stadtkern.hub.domain.letters.networks import broker, chirpstack, ttn
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import Letter

Read = Callable[[Letter, Reader], None]
"""Records what is in the letter, in the caller's transaction. Raises Undeliverable, or Ignored."""

SOURCES: dict[str, Read] = {
    "ttn": uplinks.reader_of(ttn.read),
    "chirpstack": uplinks.reader_of(chirpstack.read),
    "mqtt": uplinks.reader_of(broker.read),
}


def add_source(name: str, read: Read) -> None:
    """Raises RuntimeError when the name is taken by something else."""
    if SOURCES.setdefault(name, read) is not read:
        raise RuntimeError(f"letters of {name!r} are read by {SOURCES[name]!r}")
