"""Every change of a table has its migration (Django's own check, on the tests' embedded PostgreSQL)."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from stadtkern.config.run import postgres

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stadtkern.config.settings")
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = postgres.ensure(root / ".data" / "test-postgres", durable=False)
    sys.exit(execute_from_command_line(["manage.py", "makemigrations", "--check", "--dry-run"]))
