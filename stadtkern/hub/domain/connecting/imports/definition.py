"""A definition: a file of the pack that says what the files of a folder hold (format: cities/README.md, hub/*.toml)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.city import city
from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting.config import checked
from stadtkern.hub.domain.connecting.port import connectors

FOLDER, KIND = "hub", "csv"
NEEDED = ("key", "name", "files", KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`files`: a pattern of paths below the folder; `config`: settings of the connector of tables."""

    key: str
    name: str
    files: str
    config: Mapping[str, Any]
    organisation: str = ""
    address: str = ""
    licence: str = ""
    attribution: str = ""

    def found(self, folder: Path) -> Iterator[Path]:
        """The files of a folder or of folders in it, in the order of their names."""
        yield from sorted(path for path in folder.rglob(self.files) if path.is_file())


def definitions() -> list[Definition]:
    """All of the city's pack."""
    return [read_definition(path) for path in sorted((city().folder / FOLDER).glob("*.toml"))]


def definition_named(name: str) -> Definition:
    """By its key in the city's pack, or by the path of a file; raises BadInput."""
    own = city().folder / FOLDER / f"{name}.toml"
    path = own if own.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in (city().folder / FOLDER).glob("*.toml")))
        raise BadInput(_("Diese Definition gibt es nicht: %(name)s. Bekannt sind: %(known)s") % locals())
    return read_definition(path)


def read_definition(path: Path) -> Definition:
    """Read and check a definition; BadInput names what is wrong in it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(_("%(file)s ist nicht lesbar: %(reason)s") % {"file": path.name, "reason": error}) from error
    if missing := [name for name in NEEDED if not given.get(name)]:
        raise BadInput(_("In %(file)s fehlt: %(names)s") % {"file": path.name, "names": ", ".join(missing)})
    config = checked(connectors[KIND], given.pop(KIND))
    try:
        return Definition(config=config, **given)
    except TypeError as error:
        raise BadInput(_("%(file)s ist nicht lesbar: %(reason)s") % {"file": path.name, "reason": error}) from error
