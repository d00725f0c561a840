"""Who sends the mail when the operator names nobody: the address in the city pack."""

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PACKS = Path(__file__).resolve().parents[2] / "cities"


def sender_of(choice: str, *, base_url: str) -> str:
    """`[mail] sender` of the pack, else its contact's address, else one at the public host.

    A pack that cannot be read is told elsewhere, with file and line (`stadtkern doctor`).
    """
    facts = _facts(Path(choice) if "/" in choice else PACKS / choice)
    own = facts.get("mail", {}).get("sender") or facts.get("contact", {}).get("email")
    return str(own or f"stadtkern@{urlsplit(base_url).hostname or 'localhost'}")


def _facts(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
