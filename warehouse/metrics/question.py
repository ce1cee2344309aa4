"""A question in parts: which metrics, by what, where, when, as of which day."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.metrics.calendar import PLAIN, Calendar, Grain
from warehouse.metrics.catalogue import Catalogue, Dimension, Metric, Unknown
from warehouse.metrics.periods import period_of

PERIOD = "period"
"""The column of a question by grain: the first day of each period."""


class Question(BaseModel):
    """What is asked. A window is half-open and applies to each metric's default time.

    `where` maps a dimension to alternatives; different dimensions must all hold. None stands for unknown.
    `without` maps a dimension to a metric: only those of its values count that the metric has no row of in the same
    window, like customers nothing was done for.
    `as_of` is what today is: nothing that happened later counts.
    `calendar` says where the organization's weeks and fiscal years begin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: tuple[str, ...] = Field(min_length=1, max_length=6)
    by: tuple[str, ...] = Field(default=(), max_length=4)
    grain: Grain | None = None
    calendar: Calendar = PLAIN
    where: dict[str, tuple[str | None, ...]] = Field(default_factory=dict)
    without: dict[str, str] = Field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    as_of: date
    order: str | None = None
    limit: int | None = Field(default=None, ge=1, le=50_000)

    @model_validator(mode="after")
    def _sound(self) -> "Question":
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"the window is empty: {self.start} to {self.end} (the end is not part of it)")
        for told in (self.metrics, self.by):
            if len(set(told)) != len(told):
                raise ValueError(f"{', '.join(told)} names one thing twice")
        for name, values in self.where.items():
            if not values:
                raise ValueError(f"the filter on {name} names no value")
        if self.order and self.order.removeprefix("-") not in self.columns:
            raise ValueError(f"order by one of {', '.join(self.columns)}, not {self.order!r}")
        return self

    @property
    def columns(self) -> list[str]:
        """What each row of the answer has, in order."""
        return [*self.keys, *self.metrics]

    @property
    def keys(self) -> list[str]:
        """What each row of the answer is one of."""
        return [*self.by, *([PERIOD] if self.grain else [])]

    @property
    def asked_of(self) -> tuple[str, ...]:
        """Every metric whose rows decide the answer: those asked for, and those that something must be without."""
        return tuple(dict.fromkeys((*self.metrics, *self.without.values())))

    def of_line(self, keys: dict[str, Any], *metrics: str) -> "Question":
        """What one line of the answer says, asked by itself: its groups become filters, its period the window.

        `keys` are the line's, ids where its answer holds ids. A period's days outside the window stay outside.
        """
        start, end = self.start, self.end
        if self.grain:
            period = period_of(date.fromisoformat(keys[PERIOD]), self.grain, self.calendar)
            start, end = max(start or period.start, period.start), min(end or period.end, period.end)
        return Question(
            metrics=metrics or self.metrics,
            where=self.where | {name: (keys[name],) for name in self.by},
            without=self.without,
            start=start,
            end=end,
            as_of=self.as_of,
        )

    def canonical(self) -> dict[str, Any]:
        """The same question always reads the same."""
        told = self.model_dump(mode="json")
        told["where"] = {name: sorted(values, key=_by_word) for name, values in sorted(told["where"].items())}
        told["without"] = dict(sorted(told["without"].items()))
        # Receipts were written before these could be asked: what does not ask them reads as it did.
        silent = {"without": not self.without, "calendar": not self.calendar.matters_to(self.grain)}
        return {name: value for name, value in told.items() if not silent.get(name)}


def _by_word(value: str | None) -> tuple[str, bool]:
    """Unknown beside the word None, always in one order."""
    return str(value), value is None


def checked(question: Question, catalogue: Catalogue) -> tuple[list[Metric], list[Dimension]]:
    """The metrics and the group-by dimensions, all known and reachable. Raises Unknown with the nearest names."""
    metrics = [catalogue.metric(name) for name in question.metrics]
    for metric in metrics:
        for name in (*question.by, *question.where, *question.without):
            catalogue.dimension(name, metric)
    for name, lacking in question.without.items():
        catalogue.dimension(name, catalogue.metric(lacking))
    for name, values in question.where.items():
        if catalogue.dimensions[name].kind == "date":
            for value in values:
                _day(name, value)
    return metrics, [catalogue.dimensions[name] for name in question.by]


def _day(name: str, value: str | None) -> None:
    try:
        if value is not None:
            date.fromisoformat(value)
    except ValueError:
        raise Unknown(f"{name} is a date: write it like 2026-01-31, not {value!r}.") from None
