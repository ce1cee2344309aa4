"""What a question was understood as: something the semantic layer can answer, a question back, or an honest no."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from warehouse.metrics.question import Question
from warehouse.metrics.shape import Before, Shape

Kind = Literal["semantic", "clarify", "unanswerable"]
Why = Literal["not understood", "ambiguous", "not modelled", "not permitted", "no such value", "no data", "future"]


class Plan(BaseModel):
    """One reading of a question.

    `semantic` carries a canonical question of the semantic layer and what is made of its rows; `clarify` a question
    back with options; `unanswerable` the reason. Every content word of the text is accounted for in a semantic plan.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    text: str
    question: Question | None = None
    shape: Shape = Shape()
    before: Before | None = None
    """Compared with the window before, or with that of a year ago."""
    steps: bool = False
    """Each period is compared with the one before it."""
    against: Question | None = None
    """Compared with the same question of this other window."""
    unit: Literal["minutes", "hours", "days"] | None = None
    """Durations are told in it as well."""
    change: Literal["up", "down"] | None = None
    """Of two windows: the groups that changed so; with a limit in the shape, those that changed most."""
    only: dict[str, tuple[str, ...]] = {}
    """Of the rows that were made, those of these values: a share is one of a whole that is larger than what is shown."""
    missing: str | None = None
    """A dimension: asked for are its values that the answer has no row of."""
    among: str | None = None
    """Of those, only the ones for which this share is not nothing: who is still there."""
    understood: str = ""
    """A sentence: what is answered, in the words of the semantic layer, with the days."""
    assumptions: tuple[str, ...] = ()
    """What the text left open and how it was taken."""
    reason: str = ""
    """The question back, or why there is no answer."""
    why: Why | None = None
    options: tuple[str, ...] = ()
    """For a question back: what may have been meant."""
    unclear: str = ""
    """For a question back: the words that may mean several things, in whose place an option can be put."""
    unmatched: tuple[str, ...] = ()
    """Words of the text that nothing here accounts for."""

    def with_choice(self, option: str) -> str:
        """The text once one of the options was chosen."""
        if self.unclear and self.unclear.casefold() in self.text.casefold():
            place = self.text.casefold().index(self.unclear.casefold())
            return self.text[:place] + option + self.text[place + len(self.unclear) :]
        return f"{self.text} {option}"


class NoPlan(Exception):
    """There is no answer to this text; carries the plan that says so."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.reason)
        self.plan = plan


def clarify(text: str, reason: str, options: tuple[str, ...] = (), unclear: str = "") -> NoPlan:
    """A question back; `unclear` are the words of the text in whose place an option can be put."""
    return NoPlan(Plan(kind="clarify", text=text, reason=reason, why="ambiguous", options=options, unclear=unclear))


def unanswerable(text: str, reason: str, why: Why = "not understood", unmatched: tuple[str, ...] = ()) -> NoPlan:
    """An honest no."""
    told = reason if reason.startswith("I can't") else f"I can't answer that, because {reason}"
    return NoPlan(Plan(kind="unanswerable", text=text, reason=told, why=why, unmatched=unmatched))
