"""An installation that is only database and door, watched and restarted as `stadtkern up` does it.

Prints the API key and the numbers of its datastreams when it is ready; ends by SIGINT.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")

import django

django.setup()

from stadtkern.config.run import processes  # noqa: E402 (Django is set up above)
from stadtkern.config.run.family import Family  # noqa: E402 (Django is set up above)
from stadtkern.config.run.installation import Installation  # noqa: E402 (Django is set up above)
from stadtkern.config.run.tether import HEAD  # noqa: E402 (Django is set up above)

ROOT = Path(__file__).resolve().parents[2]
SEED = """
import json, django
django.setup()
from stadtkern.core import apikeys
from stadtkern.hub.tests.cast import datastream, thing
bench = thing()
streams = [datastream(bench).pk for _ in range(8)] + [datastream(bench, same_moment="keep").pk for _ in range(2)]
print(json.dumps({"key": apikeys.issue("logger", scopes=["hub.write"])[1], "streams": streams}))
"""


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background ignores it
    installation = Installation.here()
    environment = installation.environment() | {HEAD: str(os.getpid())}
    register = installation.folder("run") / "family.json"
    family = Family(register, installation.folder("logs"), environment, lambda text: print(text, file=sys.stderr))
    try:
        family.start(processes.database(installation))
        installation.cluster.ensure_database()
        run = [sys.executable, str(ROOT / "manage.py"), "migrate", "-v0"]
        subprocess.run(run, env=environment, check=True)
        seeded = subprocess.run(
            [sys.executable, "-c", SEED], env=environment, check=True, capture_output=True, text=True
        )
        family.start(processes.door(installation))
        facts = json.loads(seeded.stdout.splitlines()[-1])
        print(json.dumps(facts | {"socket": str(installation.socket("door")), "dsn": installation.dsn}), flush=True)
        family.watch()
    finally:
        family.stop()


if __name__ == "__main__":
    main()
