"""The pack's advice: for each kind of station its question, its lines with limits and sources, and its notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from stadtkern.core.city import CityPack, city, load_pack
from stadtkern.core.languages import Words

USUALLY_WITHIN = 6 * 3600


@dataclass(frozen=True, slots=True)
class Step:
    """What is said from a value on. `since` None: from the bottom. `tone`: good, info, warn, bad."""

    since: float | None
    tone: str
    words: Words = field(hash=False)
    source: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity and what its value means. `within`: seconds after which a value says nothing any more.

    `months`: when the steps count (empty: always); in the others `resting` is said. `dry`, `enough`: below the one a
    tree is thirsty, at the other it is not any more (hysteresis).
    """

    quantity: str
    within: int
    steps: Sequence[Step] = field(hash=False)
    months: frozenset[int]
    resting: Words = field(hash=False)
    dry: float | None
    enough: float | None

    def step(self, value: float) -> Step:
        """The last one that begins at or below the value."""
        fitting = [step for step in self.steps if step.since is None or step.since <= value]
        return fitting[-1]

    def rests(self, month: int) -> bool:
        return bool(self.months) and month not in self.months


@dataclass(frozen=True, slots=True)
class Note:
    """What is always said of a kind of station."""

    words: Words = field(hash=False)
    source: str
    source_url: str


@dataclass(frozen=True)
class Advice:
    """All of it, by kind of station."""

    questions: Mapping[str, Words]
    lines: Mapping[str, Sequence[Line]]
    notes: Mapping[str, Sequence[Note]]


def advice(pack: CityPack | None = None) -> Advice:
    return _read((pack or city()).folder)


@lru_cache(4)
def _read(folder: Path) -> Advice:
    given = load_pack(folder).read("hub/words/advice.toml")
    lines: dict[str, list[Line]] = {}
    for row in given.get("line", []):
        lines.setdefault(row["kind"], []).append(_line(row))
    notes: dict[str, list[Note]] = {}
    for row in given.get("note", []):
        note = Note(row["words"], row.get("source", ""), row.get("source_url", ""))
        notes.setdefault(row["kind"], []).append(note)
    questions = {row["kind"]: row["words"] for row in given.get("question", [])}
    return Advice(questions, lines, notes)


def _line(row: Mapping[str, Any]) -> Line:
    """Raises ValueError when the steps do not begin at the bottom and rise, or one names no source."""
    steps = [_step(step) for step in row["step"]]
    begins = [step.since for step in steps]
    if begins[0] is not None or None in begins[1:] or begins[1:] != sorted(begins[1:], key=float):  # type: ignore[arg-type]
        raise ValueError(f"advice.toml, {row['quantity']}: the first step has no `from`, the others rise")
    if any(not step.source for step in steps):
        raise ValueError(f"advice.toml, {row['quantity']}: a step names no source")
    return Line(
        quantity=row["quantity"],
        within=row.get("within", USUALLY_WITHIN),
        steps=steps,
        months=frozenset(row.get("months", ())),
        resting=row.get("resting", {}),
        dry=row.get("dry"),
        enough=row.get("enough", row.get("dry")),
    )


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        since=None if row.get("from") is None else float(row["from"]),
        tone=row.get("tone", "info"),
        words=row["words"],
        source=row.get("source", ""),
        source_url=row.get("source_url", ""),
    )
