"""A text that is being read, and the one error that says where it stops making sense."""

from dataclasses import dataclass

from stadtkern.core.problems import BadQuery

AROUND = 24  # characters shown on each side of the spot
MOST_CHARACTERS = 8_000
MOST_TOKENS = 1_000
MOST_NESTING = 40


class SyntaxProblem(BadQuery):
    """An address that is not SensorThings 1.1; machines read it, so it speaks English and is not translated.

    `where` names the option ($filter) or "path"; `at` counts characters of that option's decoded text from 0,
    the sentence counts from 1. With the text at hand the sentence shows the spot: `result gt >>>)`.
    """

    def __init__(self, reason: str, *, where: str, at: int = 0, text: str = "") -> None:
        self.reason, self.where, self.at = reason, where, at
        sentence = f"{where}, character {at + 1}: {reason}."
        if text:
            sentence += f" Here: {spot(text, at)}"
        super().__init__(sentence, fields={where: reason})


def spot(text: str, at: int) -> str:
    """The text around a position, with >>> before it."""
    before, after = text[max(0, at - AROUND) : at], text[at : at + AROUND]
    dots_before = "..." if at > AROUND else ""
    dots_after = "..." if at + AROUND < len(text) else ""
    return f"{dots_before}{before}>>>{after}{dots_after}"


@dataclass(frozen=True, slots=True)
class Source:
    """The decoded text of one option, and the option's name for the errors."""

    where: str
    text: str

    def problem(self, reason: str, at: int) -> SyntaxProblem:
        return SyntaxProblem(reason, where=self.where, at=at, text=self.text)
