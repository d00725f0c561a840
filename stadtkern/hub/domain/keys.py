"""Keys that people read in addresses and on the command line, made from a name."""

import re

from django.db.models import Model

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
LONGEST = 40


def free_key(model: type[Model], name: str, *, otherwise: str) -> str:
    """Letters for addresses, with a number when they are taken; `otherwise` when the name has none."""
    base = re.sub(r"[^a-z0-9]+", "-", name.lower().translate(UMLAUTS)).strip("-")[:LONGEST] or otherwise
    taken = set(model._default_manager.filter(key__startswith=base).values_list("key", flat=True))
    candidates = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in candidates if key not in taken)
