"""Bring the files of a folder in, one run of the connector each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core.problems import BadInput
from stadtkern.hub.domain.connecting.imports.definition import KIND, Definition
from stadtkern.hub.domain.connecting.keeping import COUNTED
from stadtkern.hub.domain.connecting.running import run_connector
from stadtkern.hub.models import Connector, Run
from stadtkern.people.models import Organisation


@dataclass(slots=True)
class Loaded:
    """What became of all files. `counts` by the names of a run's columns; `failed`: (file, why)."""

    runs: list[Run] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> list[tuple[str, str]]:
        return [(run.file_name, run.error) for run in self.runs if run.state == Run.State.FAILED]


def import_folder(definition: Definition, folder: Path, *, tell: Callable[[Run], None] = lambda run: None) -> Loaded:
    """Every file the definition finds; raises BadInput when there is none. A second time changes nothing."""
    paths = list(definition.found(folder))
    if not paths:
        raise BadInput(
            _("In %(folder)s gibt es keine Datei %(pattern)s.") % {"folder": folder, "pattern": definition.files}
        )
    return import_files(definition, folder, paths, tell=tell)


def import_files(
    definition: Definition, folder: Path, paths: Iterable[Path], *, tell: Callable[[Run], None] = lambda run: None
) -> Loaded:
    """These files of the folder, in this order."""
    connector = connector_of(definition)
    done = Loaded()
    for path in paths:
        with path.open("rb") as file:
            run = run_connector(connector.pk, cause=Run.Cause.COMMAND, file=file, file_name=_name(path, folder))
        done.runs.append(run)
        done.counts.update({name: getattr(run, name) for name in COUNTED})
        done.reasons.update(run.reasons)
        tell(run)
    return done


def unread(definition: Definition, folder: Path) -> list[Path]:
    """The files that no run has read to its end since they were written."""
    runs = Run.objects.filter(connector__key=definition.key, state__in=[Run.State.DONE, Run.State.UNCHANGED])
    read = {name: at.timestamp() for name, at in runs.order_by("started_at").values_list("file_name", "started_at")}
    return [path for path in definition.found(folder) if path.stat().st_mtime > read.get(_name(path, folder), 0.0)]


def _name(path: Path, folder: Path) -> str:
    """As it stands in the log: below the folder, the end of it when it is long."""
    return path.relative_to(folder).as_posix()[-200:]


def connector_of(definition: Definition) -> Connector:
    """The connector that stands for a definition at the desk; it has no clock."""
    house = Organisation.objects.filter(key=definition.organisation).first()
    if definition.organisation and house is None:
        raise BadInput(_("Diese Organisation gibt es nicht: %(key)s") % {"key": definition.organisation})
    values = {
        "name": definition.name,
        "kind": KIND,
        "config": {**definition.config, "things": list(_licensed(definition))},
        "organisation": house,
        "state": Connector.State.ACTIVE,
    }
    return Connector.objects.update_or_create(key=definition.key, defaults=values)[0]


def _licensed(definition: Definition) -> Iterator[dict[str, Any]]:
    """The things as the definition has them, with the licence and the origin of their values as properties."""
    told = {"licence": definition.licence, "attribution": definition.attribution, "source_url": definition.address}
    said = {name: text for name, text in told.items() if text}
    for thing in definition.config.get("things") or ():
        yield {**thing, "properties": said | dict(thing.get("properties", {}))}
