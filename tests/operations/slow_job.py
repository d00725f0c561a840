"""A job that hangs the first time it is tried, as a job does whose worker is about to be killed."""

import time
from pathlib import Path

from stadtkern.core.jobs import job


@job("tests.slow")
def slow(folder: str) -> None:
    first = not (Path(folder) / "begun").exists()
    (Path(folder) / "begun").touch()
    if first:
        time.sleep(120)
    with (Path(folder) / "done").open("a") as told:
        told.write("done\n")
