"""What a dashboard is as data: figures and cards, each a question and a form to draw it in."""

from collections.abc import Sequence
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

MOST_FIGURES, MOST_METRICS = 6, 6
SPARE_FIGURES = 4
"""More of them may be named: where an organization has nothing of one, the next takes its place."""

Where = dict[str, tuple[str | None, ...]]
Over = Literal["period", "trend", "now"]
Form = Literal["columns", "lines", "bars", "heatmap", "table", "bridge", "cohorts"]


class Card(BaseModel):
    """One question on a dashboard.

    `over` is the chosen `period`, its `trend` (each of the last periods), or `now`: as things stand on the last day.
    A `bridge` goes from the first of its metrics, taken as the period begins, over the others to the first again.
    `cohorts` tell what came in each period of the trend as it stood at the end of that period and of each later one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=80)
    form: Form
    metrics: tuple[str, ...] = Field(min_length=1, max_length=MOST_METRICS)
    by: tuple[str, ...] = Field(default=(), max_length=2)
    over: Over = "period"
    where: Where = Field(default_factory=dict)
    order: str | None = None
    limit: int = Field(default=10, ge=1, le=200)
    note: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.form == "bars" and (len(self.by) != 1 or self.over == "trend"):
            raise ValueError(f"{self.title}: bars are of one dimension and of no trend")
        if self.form == "heatmap" and len(self.by) + (self.over == "trend") != 2:
            raise ValueError(f"{self.title}: a heatmap is of two dimensions, or of one over a trend")
        if self.form == "lines" and len(self.metrics) > 1 and self.by:
            raise ValueError(f"{self.title}: lines are of several metrics or of one that is divided")
        if self.form in {"columns", "lines"} and (self.over != "trend" or len(self.by) > 1):
            raise ValueError(f"{self.title}: {self.form} show a trend, divided by one dimension at most")
        if self.form in {"columns", "bars", "heatmap"} and len(self.metrics) > 1:
            raise ValueError(f"{self.title}: {self.form} show one metric")
        if self.form == "bridge" and (self.by or self.over != "period"):
            raise ValueError(f"{self.title}: a bridge is of one period and not divided")
        if self.form == "cohorts" and (self.by or self.over != "trend" or len(self.metrics) > 1):
            raise ValueError(f"{self.title}: cohorts are of one metric over a trend and not divided")
        return self


class NoDashboard(ValueError):
    """This says no dashboard; names the place and what is wrong there."""


def read_dashboard(told: object) -> "Dashboard":
    """A dashboard from what a file of it says. Raises NoDashboard."""
    try:
        return Dashboard.model_validate(told)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ", ".join(str(part) for part in first["loc"]) or "the whole"
        raise NoDashboard(f"{where}: {first['msg'].removeprefix('Value error, ')}.") from None


def forms_of(metrics: Sequence[str], by: Sequence[str], over: Over) -> list[Form]:
    """How an answer to this can be drawn, the most telling first; a table always can be."""
    return [form for form in get_args(Form) if _fits(form, metrics, by, over)]


def _fits(form: Form, metrics: Sequence[str], by: Sequence[str], over: Over) -> bool:
    try:
        Card(title="?", form=form, metrics=tuple(metrics), by=tuple(by), over=over)
    except ValidationError:
        return False
    # A bridge is of metrics that lead from one to itself, and cohorts of one that tells who is still there: nobody finds
    # those by chance.
    return form not in {"bridge", "cohorts"}


class Moves(BaseModel):
    """A sum whose change is told in words, and what it may be divided by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    by: tuple[str, ...] = Field(min_length=1, max_length=4)


class Dashboard(BaseModel):
    """Figures on top, then what moved the main one, then rows of cards side by side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    title: str = Field(min_length=1, max_length=80)
    icon: str = ":material/dashboard:"
    figures: tuple[str, ...] = Field(default=(), max_length=MOST_FIGURES + SPARE_FIGURES)
    filters: tuple[str, ...] = Field(default=(), max_length=4)
    moves: Moves | None = None
    rows: tuple[tuple[Card, ...], ...] = ()

    @property
    def cards(self) -> list[Card]:
        """Every card, row by row."""
        return [card for row in self.rows for card in row]

    @property
    def asked_of(self) -> tuple[str, ...]:
        """Every metric on it."""
        return tuple(dict.fromkeys((*self.figures, *(name for card in self.cards for name in card.metrics))))
