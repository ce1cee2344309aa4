"""What is expected of rows when they come in: suites as data, one YAML file per table in `suites/`."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from warehouse.oltp.organization import Severity

FOLDER = Path(__file__).parent / "suites"
COLUMNS = ("column", "column_A", "column_B")
"""Arguments of an expectation that name a column; `column_list` names several."""
COMPARED = {
    "expect_column_median_to_be_between": "times",
    "expect_column_proportion_of_non_null_values_to_be_between": "drop",
    "expect_column_kl_divergence_to_be_less_than": None,
}
"""Expectations about all rows together that can be compared with the rows before, and what the comparison allows."""

Sentence = Annotated[str, StringConstraints(pattern=r"^[A-Z].*\.$")]


class Declared(BaseModel):
    """Part of a suite; a word nobody knows is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Before(Declared):
    """How far what came in may be from what was there before. With fewer than `rows` on either side, nobody asks."""

    rows: int = Field(default=100, ge=10)
    times: float | None = Field(default=None, gt=1)
    """A median: at most so many times the median before, at least that part of it."""
    drop: float | None = Field(default=None, gt=0, lt=1)
    """A share of rows with a value: at most so much smaller."""


class Expectation(Declared):
    """One thing expected of a table's rows."""

    check: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    """Its name among the checks."""
    type: Annotated[str, StringConstraints(pattern=r"^expect_[a-z0-9_]+$")]
    """Great Expectations' name for it."""
    kwargs: dict[str, Any]
    severity: Severity = Severity.WARN
    meaning: Sentence
    against_before: Before | None = None

    @property
    def columns(self) -> list[str]:
        """The columns it looks at."""
        return [*(self.kwargs[name] for name in COLUMNS if name in self.kwargs), *self.kwargs.get("column_list", [])]

    @property
    def is_about_all(self) -> bool:
        """Whether it speaks of the rows together, so that no single row fails it."""
        return self.type in COMPARED

    @model_validator(mode="after")
    def _can_be_compared(self) -> "Expectation":
        if (self.against_before is not None) != self.is_about_all:
            raise ValueError(f"{self.check}: {' and '.join(COMPARED)} are compared with the rows before, no other is.")
        wanted = COMPARED.get(self.type)
        if self.against_before and wanted and getattr(self.against_before, wanted) is None:
            raise ValueError(f"{self.check}: against_before needs {wanted}.")
        return self


class Suite(Declared):
    """What is expected of one table's rows."""

    table: str
    what: str
    """Its rows as people call them, in the plural."""
    expectations: list[Expectation]

    @property
    def columns(self) -> list[str]:
        """Every column the suite looks at, and the id that names a row."""
        return ["id", *dict.fromkeys(name for one in self.expectations for name in one.columns)]


def read_suites(folder: Path = FOLDER) -> list[Suite]:
    """Every suite, by the table's name; a mistake in a file is a ValidationError."""
    paths = sorted(folder.glob("*.yml"))
    return [Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in paths]
