"""Dashboards as data: which questions stand on a screen, and how each is drawn. Whoever draws them asks through here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.metrics.catalogue import Catalogue, Metric
from warehouse.metrics.periods import Period, shifted
from warehouse.metrics.question import Question

FOLDER = Path(__file__).parent / "dashboards"
MOST_FIGURES, MOST_METRICS = 6, 6
SPARE_FIGURES = 4
"""More of them may be named: where an organization has nothing of one, the next takes its place."""
PERIODS = 12
"""How many periods a course over time shows, the chosen one included."""

Where = dict[str, tuple[str | None, ...]]
Over = Literal["period", "trend", "now"]
Form = Literal["columns", "lines", "bars", "heatmap", "table", "bridge"]


@dataclass(frozen=True)
class View:
    """What a person looks at: the period they chose, the last day that counts, and what they filtered by."""

    period: Period
    today: date
    where: Where = field(default_factory=dict)
    is_latest: bool = True
    """Whether the period is the last one; else what stands is told as it stood when the period ended."""

    @property
    def is_running(self) -> bool:
        """Whether the period is not over."""
        return self.today < self.period.end - timedelta(days=1)

    @property
    def now(self) -> date:
        """The day of which to tell how things stand."""
        return self.today if self.is_latest else self.period.end - timedelta(days=1)

    @property
    def trend(self) -> list[Period]:
        """The chosen period and those before it, oldest first."""
        return [shifted(self.period, -back) for back in range(PERIODS - 1, -1, -1)]


class Card(BaseModel):
    """One question on a dashboard.

    `over` is the chosen `period`, its `trend` (each of the last periods), or `now`: as things stand on the last day.
    A `bridge` goes from the first of its metrics, taken as the period begins, over the others to the first again.
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
        return self

    def question(self, view: View, catalogue: Catalogue) -> Question:
        """What it asks of this view. Filters that one of its metrics does not know are left out; see `unheard`.

        Raises Unknown for a metric or dimension that is not there, or not for this actor.
        """
        metrics = [catalogue.metric(name) for name in self.metrics]
        heard = {name: values for name, values in view.where.items() if _know(metrics, name)}
        start = {"period": view.period.start, "trend": view.trend[0].start, "now": None}[self.over]
        # A trend is cut to its largest parts when it is drawn: a limit would cut periods.
        whole = self.over == "trend" or self.form == "bridge"
        return Question(
            metrics=self.metrics,
            by=self.by,
            grain=view.period.grain if self.over == "trend" else None,
            where=heard | self.where,
            start=start,
            end=view.period.end if start else None,
            as_of=view.now if self.over == "now" else view.today,
            order=self.order,
            limit=None if whole else self.limit,
        )

    def unheard(self, view: View, catalogue: Catalogue) -> list[str]:
        """The filters of a view that do not apply to it."""
        metrics = [catalogue.metric(name) for name in self.metrics]
        return [name for name in view.where if not _know(metrics, name)]


def forms_of(metrics: Sequence[str], by: Sequence[str], over: Over) -> list[Form]:
    """How an answer to this can be drawn, the most telling first; a table always can be."""
    return [form for form in get_args(Form) if _fits(form, metrics, by, over)]


def _fits(form: Form, metrics: Sequence[str], by: Sequence[str], over: Over) -> bool:
    try:
        Card(title="?", form=form, metrics=tuple(metrics), by=tuple(by), over=over)
    except ValidationError:
        return False
    # A bridge is of metrics that lead from one to itself: nobody finds those by chance.
    return form != "bridge"


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

    def known_to(self, catalogue: Catalogue) -> Self:
        """What is left of it for somebody who does not know every metric or dimension."""
        rows = [tuple(card for card in row if _all_known(card, catalogue)) for row in self.rows]
        return self.model_copy(
            update={
                "figures": tuple(name for name in self.figures if name in catalogue.metrics),
                "filters": tuple(name for name in self.filters if name in catalogue.dimensions),
                "moves": self._moves_known_to(catalogue),
                "rows": tuple(row for row in rows if row),
            }
        )

    def _moves_known_to(self, catalogue: Catalogue) -> Moves | None:
        metric = catalogue.metrics.get(self.moves.metric) if self.moves else None
        if metric is None or self.moves is None:
            return None
        known = tuple(name for name in self.moves.by if name in metric.dimensions)
        return self.moves.model_copy(update={"by": known}) if known else None


@cache
def standard() -> dict[str, Dashboard]:
    """The dashboards every organization has, by name, in the order of the menu."""
    return _read(FOLDER)


@cache
def homes() -> dict[str, Dashboard]:
    """What people land on, by the business function they have; `everybody` for those who have none, or several."""
    return _read(FOLDER / "home")


def _read(folder: Path) -> dict[str, Dashboard]:
    files = sorted(folder.glob("*.yml"))
    found = [Dashboard.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in files]
    return {one.name: one for one in found}


def _know(metrics: Iterable[Metric], dimension: str) -> bool:
    return all(dimension in metric.dimensions for metric in metrics)


def _all_known(card: Card, catalogue: Catalogue) -> bool:
    metrics = [catalogue.metrics.get(name) for name in card.metrics]
    known = [metric for metric in metrics if metric]
    return len(known) == len(metrics) and all(_know(known, name) for name in (*card.by, *card.where))
