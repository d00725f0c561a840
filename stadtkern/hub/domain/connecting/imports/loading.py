"""Bring the files of a folder in, one run of the connector each."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

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
    connector = connector_of(definition)
    done = Loaded()
    for path in paths:
        with path.open("rb") as file:
            name = path.relative_to(folder).as_posix()
            run = run_connector(connector.pk, cause=Run.Cause.COMMAND, file=file, file_name=name[-200:])
        done.runs.append(run)
        done.counts.update({name: getattr(run, name) for name in COUNTED})
        done.reasons.update(run.reasons)
        tell(run)
    return done


def connector_of(definition: Definition) -> Connector:
    """The connector that stands for a definition at the desk; it has no clock."""
    house = Organisation.objects.filter(key=definition.organisation).first()
    if definition.organisation and house is None:
        raise BadInput(_("Diese Organisation gibt es nicht: %(key)s") % {"key": definition.organisation})
    values = {
        "name": definition.name,
        "kind": KIND,
        "config": dict(definition.config),
        "organisation": house,
        "state": Connector.State.ACTIVE,
    }
    return Connector.objects.update_or_create(key=definition.key, defaults=values)[0]
