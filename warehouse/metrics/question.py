"""A question in parts: which metrics, by what, where, when, as of which day."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.metrics.calendar import PLAIN, Calendar, Grain
from warehouse.metrics.catalogue import Catalogue, Dimension, Metric, Unknown
from warehouse.metrics.periods import period_of

PERIOD = "period"
"""The column of a question by grain: the first day of each period."""
RECORD = "record"
"""The column of a question for each record: its id, under which it is edited."""


class Question(BaseModel):
    """What is asked. A window is half-open and applies to each metric's default time.

    `where` maps a dimension to alternatives; different dimensions must all hold. None stands for unknown.
    `excluding` maps a dimension to values that do not count; what is unknown counts, unless None is among them.
    `within` maps a date to half-open bounds of its own, either of them open: like deals won this year that were
    opened last year.
    `without` maps a dimension to a metric: only those of its values count that the metric has no row of in the same
    window, like customers nothing was done for.
    `each` gives every record a row of its own, like the ten largest open deals.
    `as_of` is what today is: nothing that happened later counts.
    `calendar` says where the organization's weeks and fiscal years begin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: tuple[str, ...] = Field(min_length=1, max_length=6)
    by: tuple[str, ...] = Field(default=(), max_length=4)
    each: bool = False
    grain: Grain | None = None
    calendar: Calendar = PLAIN
    where: dict[str, tuple[str | None, ...]] = Field(default_factory=dict)
    excluding: dict[str, tuple[str | None, ...]] = Field(default_factory=dict)
    within: dict[str, tuple[date | None, date | None]] = Field(default_factory=dict)
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
        for name, values in (*self.where.items(), *self.excluding.items()):
            if not values:
                raise ValueError(f"the filter on {name} names no value")
        for name, (first, last) in self.within.items():
            if first is None and last is None:
                raise ValueError(f"the bounds of {name} name no day")
            if first and last and first >= last:
                raise ValueError(f"no day of {name} lies within {first} to {last} (the end is not part of it)")
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
        return [*self.by, *([RECORD] if self.each else []), *([PERIOD] if self.grain else [])]

    @property
    def restricted_by(self) -> tuple[str, ...]:
        """Every dimension that decides which rows count."""
        return tuple(dict.fromkeys((*self.where, *self.excluding, *self.within, *self.without)))

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
            excluding=self.excluding,
            within=self.within,
            without=self.without,
            start=start,
            end=end,
            as_of=self.as_of,
        )

    def canonical(self) -> dict[str, Any]:
        """The same question always reads the same."""
        told = self.model_dump(mode="json")
        told["where"] = {name: sorted(values, key=_by_word) for name, values in sorted(told["where"].items())}
        told["excluding"] = {n: sorted(values, key=_by_word) for n, values in sorted(told["excluding"].items())}
        told["within"] = dict(sorted(told["within"].items()))
        told["without"] = dict(sorted(told["without"].items()))
        # Receipts were written before these could be asked: what does not ask them reads as it did.
        silent = {name: not getattr(self, name) for name in ("each", "excluding", "within", "without")}
        silent["calendar"] = not self.calendar.matters_to(self.grain)
        return {name: value for name, value in told.items() if not silent.get(name)}


def _by_word(value: str | None) -> tuple[str, bool]:
    """Unknown beside the word None, always in one order."""
    return str(value), value is None


def checked(question: Question, catalogue: Catalogue) -> tuple[list[Metric], list[Dimension]]:
    """The metrics and the group-by dimensions, all known and reachable. Raises Unknown with the nearest names."""
    metrics = [catalogue.metric(name) for name in question.metrics]
    for metric in metrics:
        for name in (*question.by, *question.restricted_by):
            catalogue.dimension(name, metric)
    for name, lacking in question.without.items():
        catalogue.dimension(name, catalogue.metric(lacking))
    if question.each:
        _one_kind_of_record(metrics, catalogue)
    for name, values in (*question.where.items(), *question.excluding.items()):
        if catalogue.dimensions[name].kind == "date":
            for value in values:
                _day(name, value)
    for name in question.within:
        if catalogue.dimensions[name].kind != "date":
            raise Unknown(f"{name} is no date: no days lie within it.")
    return metrics, [catalogue.dimensions[name] for name in question.by]


def _one_kind_of_record(metrics: list[Metric], catalogue: Catalogue) -> None:
    """Rows for each record: of one kind, and of numbers that are no average over several."""
    for metric in metrics:
        if metric.kind != "simple" or not metric.parts[0].is_sum or catalogue.record_of(metric.parts[0].model) is None:
            raise Unknown(f"{metric.label} is no sum over records: it has no row for each of them.")
    if len({catalogue.record_of(metric.parts[0].model) for metric in metrics}) > 1:
        labels = " and ".join(metric.label for metric in metrics)
        raise Unknown(f"{labels} are about different records: ask for them one after the other.")


def _day(name: str, value: str | None) -> None:
    try:
        if value is not None:
            date.fromisoformat(value)
    except ValueError:
        raise Unknown(f"{name} is a date: write it like 2026-01-31, not {value!r}.") from None
