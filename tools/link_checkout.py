"""Make the checkout importable in its virtual environment and give it the command `stadtkern`.

What `pip install --editable` does, without a build step and without anything to download.
Run by the environment's own interpreter: .venv/bin/python tools/link_checkout.py
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = """#!{python}
import sys

from stadtkern.config.cli import main

sys.exit(main())
"""


def main() -> None:
    (Path(sysconfig.get_path("purelib")) / "_stadtkern_checkout.pth").write_text(f"{ROOT}\n")
    command = Path(sysconfig.get_path("scripts")) / "stadtkern"
    command.write_text(COMMAND.format(python=sys.executable))
    command.chmod(0o755)


if __name__ == "__main__":
    main()
