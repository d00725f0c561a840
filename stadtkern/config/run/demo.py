"""The people of the demo, as the start prints them."""

import tomllib
from pathlib import Path

from django.conf import settings

from stadtkern.config.run.installation import Installation


def logins(installation: Installation) -> list[str]:
    """One line per person of the pack's demo.toml: e-mail, role, name."""
    pack = Path(settings.CITY) if "/" in settings.CITY else installation.root / "cities" / settings.CITY
    path = pack / "demo.toml"
    if not path.is_file():
        return []
    people = tomllib.loads(path.read_text(encoding="utf-8")).get("person", [])
    return [_line(person) for person in people if person.get("email")]


def _line(person: dict[str, str]) -> str:
    parts = [f"{person['email']:<34}", f"{person.get('role', 'citizen'):<14}", person.get("name", "")]
    return "  ".join(parts).rstrip()
