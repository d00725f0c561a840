"""A process that archives and is killed when it comes to one place: `python killed.py MONTH MODULE FUNCTION`."""

import functools
import importlib
import os
import signal
import sys
from typing import Any

import django


def main(month: int, module: str, function: str) -> None:
    django.setup()
    from stadtkern.hub.domain.store import archive

    def die(*_given: Any, **_named: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    *owners, name = function.split(".")
    setattr(functools.reduce(getattr, owners, importlib.import_module(module)), name, die)
    archive.archive(month)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
