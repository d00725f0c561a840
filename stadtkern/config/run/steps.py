"""What is done once before the processes start, and again only when something changed."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings

from stadtkern.config.run import tether
from stadtkern.config.run.family import DidNotStart, last_lines
from stadtkern.config.run.installation import Installation

EMPTY_MANIFEST = {"paths": {}, "version": "1.1", "hash": ""}


@dataclass(frozen=True)
class Step:
    """One command and the fingerprint of everything that its result depends on."""

    name: str
    says: str
    command: list[str]
    fingerprint: Callable[[], str]
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None


def due(installation: Installation, step: Step) -> bool:
    stamp = _stamp(installation, step)
    return not stamp.exists() or stamp.read_text() != step.fingerprint()


def perform(installation: Installation, step: Step) -> None:
    """Run the step to its end; its output goes to a log whose end is told when it fails."""
    step.before()
    log = installation.folder("logs") / f"{step.name}.log"
    with log.open("wb") as output:
        process = tether.start(step.command, environment=installation.environment(), output=output)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            tether.end_group(process)
            raise
    if code:
        raise DidNotStart(f"{step.says} failed.\n{last_lines(log, 25)}")
    step.after()
    _stamp(installation, step).write_text(step.fingerprint())


def _stamp(installation: Installation, step: Step) -> Path:
    return installation.folder("stamps") / step.name


def migrate(installation: Installation) -> Step:
    """Bring the tables up to date."""
    files = [*(installation.root / "stadtkern").rglob("migrations/*.py"), _lock(installation)]
    return Step(
        name="migrate",
        says="Tables",
        command=_manage(installation, "migrate", "--noinput"),
        fingerprint=lambda: _of_contents(files, tables_of(installation.dsn)),
    )


def collect_static(installation: Installation) -> Step:
    """Gather scripts, styles, fonts and pictures under names that carry their hash, compressed beforehand."""
    target = installation.data / "static"
    built = installation.root / "stadtkern" / "static_built"

    def begin() -> None:
        # Django chooses hashed names when a manifest is there (settings.HASHED); the first run has none yet.
        target.mkdir(parents=True, exist_ok=True)
        manifest = target / "staticfiles.json"
        if not manifest.exists():
            manifest.write_text(json.dumps(EMPTY_MANIFEST))

    def compress() -> None:
        command = [sys.executable, "-m", "whitenoise.compress", "--quiet", str(target)]
        subprocess.run(command, check=True)  # noqa: S603 (our own interpreter)

    def fingerprint() -> str:
        sources = [*_files(built), *(installation.root / "stadtkern").glob("*/static/**/*")]
        made = (target / "staticfiles.json").exists() and (target / "staticfiles.json").stat().st_size
        return _of_contents([*sources, _lock(installation)], str(made))

    return Step(
        name="collect-static",
        says="Scripts and styles",
        command=_manage(installation, "collectstatic", "--noinput"),
        fingerprint=fingerprint,
        before=begin,
        after=compress,
    )


def load_city(installation: Installation, *, demo: bool) -> Step:
    """Load the city pack, with the demo's people and reports when wanted."""
    pack = Path(settings.CITY) if "/" in settings.CITY else installation.root / "cities" / settings.CITY
    return Step(
        name="load-city",
        says=f"City pack {pack.name}{' with demo data' if demo else ''}",
        command=_manage(installation, "load_city", *(["--demo"] if demo else [])),
        fingerprint=lambda: _of_contents(_files(pack), f"{tables_of(installation.dsn)} {demo}"),
    )


def _manage(installation: Installation, *words: str) -> list[str]:
    return [sys.executable, str(installation.root / "manage.py"), *words]


def _lock(installation: Installation) -> Path:
    return installation.root / "requirements" / "main.lock"


def tables_of(dsn: str) -> str:
    """Which database this is and how far it is migrated; another or an emptied one reads differently."""
    with psycopg.connect(dsn) as connection:
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        last = None
        with suppress(psycopg.errors.UndefinedTable):
            last = connection.execute("SELECT max(id) FROM django_migrations").fetchone()
    return f"{oid} {last}"


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _of_contents(files: Iterable[Path], more: str) -> str:
    digest = hashlib.sha256(more.encode())
    for path in sorted(set(files)):
        if path.is_file():
            digest.update(str(path).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
