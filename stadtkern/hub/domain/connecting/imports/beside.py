"""Real files beside the checkout: what a demo shows instead of a simulation of the same stations.

The folder is `../shared/data/<city>-open-data`, or the one that STADTKERN_DEMO_FILES names; the definitions of the pack
say what is in it. Small files (in Bochum the last days of every bench) are read while the demo is loaded, the rest by
jobs: nobody waits for the pages.
"""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from stadtkern.core.city import PACKS, CityPack
from stadtkern.core.jobs import job
from stadtkern.hub.domain.connecting.imports.definition import Definition, definition_named, definitions
from stadtkern.hub.domain.connecting.imports.loading import import_files, unread
from stadtkern.hub.models import Thing

FIRST_BYTES = 2_500_000  # of files that are read at once: no more work than the simulation they stand for


def folder_beside(pack: CityPack) -> Path | None:
    """Where the city's real files are; None when they are not there."""
    usual = PACKS.parent.parent / "shared" / "data" / f"{pack.key}-open-data"
    folder = Path(settings.HUB_DEMO_FILES or usual)
    return folder if folder.is_dir() else None


def real_stations(folder: Path | None) -> set[str]:
    """The keys of stations that have real values already, or whose key stands in the path of a file of the folder."""
    known = definitions()
    sources = [f"connector:{one.key}" for one in known]
    there = set(Thing.objects.filter(source__in=sources).values_list("source_key", flat=True))
    return there | {key for one in known for key in _keys_with_files(one, folder)} if folder else there


def bring_in(folder: Path) -> str:
    """Read what is new in the folder: the small files at once, the others by a job each set; says how many."""
    room, now, later = FIRST_BYTES, 0, 0
    for definition, path in _small_ones_first(folder):
        room -= path.stat().st_size
        if room >= 0:
            import_files(definition, folder, [path])
            now += 1
        else:
            _queue(definition, folder)
            later += 1
    return f"{now} real files read, {later} in a moment"


def _small_ones_first(folder: Path) -> list[tuple[Definition, Path]]:
    waiting = [(one, path) for one in definitions() for path in unread(one, folder)]
    return sorted(waiting, key=lambda pair: pair[1].stat().st_size)


@job("hub.import_beside", queue="connectors")
def import_beside(key: str, folder: str) -> None:
    """The files of a definition that no run has read to its end yet."""
    definition = definition_named(key)
    import_files(definition, Path(folder), unread(definition, Path(folder)))


def _queue(definition: Definition, folder: Path) -> None:
    try:
        with transaction.atomic():
            waiting = import_beside.configure(queueing_lock=f"hub-import-{definition.key}")
            waiting.defer(key=definition.key, folder=str(folder))
    except AlreadyEnqueued:
        return


def _keys_with_files(definition: Definition, folder: Path) -> set[str]:
    keys = [str(one["key"]) for one in definition.config.get("things") or ()]
    paths = [path.relative_to(folder).as_posix() for path in definition.found(folder)]
    return {key for key in keys if any(key in path for path in paths)}
