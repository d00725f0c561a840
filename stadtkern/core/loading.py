"""Load a city pack: every module its share, in order, all or nothing."""

from collections.abc import Callable
from graphlib import TopologicalSorter

from django.db import transaction

from stadtkern.core.city import CityPack, city
from stadtkern.core.parts import PackLoader, pack_loaders


@transaction.atomic
def load_city(
    *, demo: bool = False, pack: CityPack | None = None, tell: Callable[[str], None] = lambda line: None
) -> None:
    """Run the loaders of all modules; loading again changes only what the pack changed."""
    chosen = pack or city()
    for loader in in_order():
        tell(f"{loader.label}: {loader.load(chosen, demo)}")


def in_order() -> list[PackLoader]:
    graph = {loader.key: set(loader.after) & {other.key for other in pack_loaders} for loader in pack_loaders}
    return [pack_loaders[key] for key in TopologicalSorter(graph).static_order()]
