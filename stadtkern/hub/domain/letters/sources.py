"""How letters of each source become samples. A source of another layer adds itself (see door/)."""

from collections.abc import Callable

from stadtkern.hub.domain.letters import uplinks
from stadtkern.hub.domain.letters.networks import broker, chirpstack, ttn
from stadtkern.hub.domain.readers import Reader
from stadtkern.hub.models import Letter

Read = Callable[[Letter, Reader], None]
"""Records what is in the letter, in the caller's transaction. Raises Undeliverable, or Ignored."""

ENVELOPES: dict[str, uplinks.Envelope] = {"ttn": ttn.read, "chirpstack": chirpstack.read, "mqtt": broker.read}
"""The sources whose letters are messages of devices, and how each is opened."""

SOURCES: dict[str, Read] = {name: uplinks.reader_of(read) for name, read in ENVELOPES.items()}


def add_source(name: str, read: Read) -> None:
    """Raises RuntimeError when the name is taken by something else."""
    if SOURCES.setdefault(name, read) is not read:
        raise RuntimeError(f"letters of {name!r} are read by {SOURCES[name]!r}")
