"""What a number of an organization's own is as data: governed numbers, narrowed and put together by a formula."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from warehouse.formula import FormulaUnreadable, names_in

Where = dict[str, tuple[str | None, ...]]
"""Dimension → one of these values; null stands for what is not known."""
Unit = Literal["count", "money", "share", "days", "minutes", "number"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z](?:_?[a-z0-9])*$", min_length=3, max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
ALONE = "value"
"""What the one input of a number without a formula is called."""


class Input(BaseModel):
    """A governed number, of some of its records only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Name
    where: Where = Field(default_factory=dict, max_length=6)


class OwnMetric(BaseModel):
    """One number. Written shortly as `metric` and `where` when it is a governed one of some records only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    description: Text
    unit: Unit
    better: Literal["up", "down"] = "up"
    owner: Annotated[str, StringConstraints(max_length=60)] = ""
    """The function that answers for it."""
    synonyms: tuple[Word, ...] = Field(default=(), max_length=10)
    inputs: dict[Name, Input] = Field(min_length=1, max_length=6)
    formula: Annotated[str, StringConstraints(max_length=300)]
    """Sums, differences, products and quotients of the inputs' names."""

    @model_validator(mode="before")
    @classmethod
    def _written_shortly(cls, told: Any) -> Any:
        if not isinstance(told, dict) or "metric" not in told:
            return told
        rest = {key: value for key, value in told.items() if key not in {"metric", "where"}}
        given = {key: told[key] for key in ("metric", "where") if key in told}
        return rest | {"inputs": {ALONE: given}, "formula": ALONE}

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            named = names_in(self.formula)
        except FormulaUnreadable as wrong:
            raise ValueError(
                f"the formula is made of sums, products and quotients of its inputs, not of {wrong}"
            ) from None
        if unknown := sorted(set(named) - set(self.inputs)):
            raise ValueError(f"the formula speaks of {', '.join(unknown)}, which is no input")
        if idle := sorted(set(self.inputs) - set(named)):
            raise ValueError(f"the formula does not use {', '.join(idle)}")
        return self

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    def expression(self, formulas: dict[str, str]) -> str:
        """The formula with each input's own formula in its place."""
        return re.sub(r"[a-z_][a-z0-9_]*", lambda found: formulas.get(found[0], found[0]), self.formula)


class NoMetric(ValueError):
    """This says no number; names the place and what is wrong there."""


def read_own_metric(told: object) -> OwnMetric:
    """A number from what a file of it says. Raises NoMetric."""
    if not isinstance(told, dict):
        raise NoMetric("the whole: there is no number here; it begins with `name:`, `label:` and `description:`.")
    try:
        return OwnMetric.model_validate(told)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ", ".join(str(part) for part in first["loc"]) or "the whole"
        raise NoMetric(f"{where}: {first['msg'].removeprefix('Value error, ')}.") from None


def own_metric_of(text: str) -> OwnMetric:
    """The number that a text in YAML says. Raises NoMetric with the place."""
    return read_own_metric(_loaded(text))


def _loaded(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise NoMetric(f"Line {mark.line + 1 if mark else '?'} is no YAML.") from None


def read_own_metrics(file: Path) -> list[OwnMetric]:
    """The numbers that a YAML file says, one or a list of them. Raises NoMetric with the place."""
    try:
        told = _loaded(file.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise NoMetric(f"{file} cannot be read: {wrong.strerror}.") from None
    except (NoMetric, UnicodeDecodeError) as wrong:
        raise NoMetric(f"{file} cannot be read: {wrong}") from None
    listed = told if isinstance(told, list) else [told]
    found = []
    for place, one in enumerate(listed, 1):
        try:
            found.append(read_own_metric(one))
        except NoMetric as wrong:
            raise NoMetric(f"{file}, number {place}: {wrong}") from None
    return found
