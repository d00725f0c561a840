"""What tests read in the letters that were sent."""

import re
from collections.abc import Callable
from typing import Any

from django.core import mail


def last_letter(run_jobs: Callable[[], int]) -> Any:
    run_jobs()
    return mail.outbox[-1]


def code_in(letter: Any) -> str:
    return re.search(r"\d{4}-\d{4}", letter.body).group()
