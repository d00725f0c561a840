"""The pack's share of the hub: words, advice, and for a demo the stations with real or made-up values.

Without a demo nothing is registered: stations come with whoever brings their values (connectors, imports, the API).
"""

from stadtkern.core.city import CityPack
from stadtkern.hub.domain.advice.book import advice
from stadtkern.hub.domain.connecting.imports.beside import folder_beside
from stadtkern.hub.domain.decoders.builtin import install_builtin
from stadtkern.hub.domain.demo import load_demo
from stadtkern.hub.domain.vocabulary import vocabulary


def load(pack: CityPack, demo: bool) -> str:
    """Check that the pack's words are whole; loading again changes only what is missing."""
    known = vocabulary(pack)
    lines = sum(len(lines) for lines in advice(pack).lines.values())
    said = f"{len(known.quantities)} quantities, {len(known.kinds)} kinds of stations, {lines} lines of advice"
    said = f"{said}, {install_builtin()} decoders"
    return f"{said}, {load_demo(pack, folder_beside(pack))}" if demo else said
