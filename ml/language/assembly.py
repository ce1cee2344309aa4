"""From what was read to a question of the semantic layer, checked before it is called an answer."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from ml.language.explain import understood
from ml.language.lacking import among_of, lacking_of
from ml.language.moments import When
from ml.language.operators import Arithmetic, Bound
from ml.language.plan import Plan, clarify, unanswerable
from ml.language.records import records_of
from ml.language.stepping import is_stepped, step
from ml.language.values import Values
from warehouse.metrics.calendar import Grain
from warehouse.metrics.catalogue import Metric, Timing, Unknown
from warehouse.metrics.question import PERIOD, RECORD, Question, checked
from warehouse.metrics.shape import Before, Made, NotShapely, Shape, Threshold, earlier

if TYPE_CHECKING:
    from ml.language.work import Asking

MINUTES = {"minute": 1, "min": 1, "hour": 60, "hr": 60, "day": 1440, "week": 10080}
TRENDS: tuple[tuple[int, Grain], ...] = ((35, "day"), (62, "week"), (1200, "month"))
"""Days of a window → how it is cut where a trend is asked for."""


@dataclass
class Draft:
    """A question in the making."""

    asking: "Asking"
    metrics: list[Metric]
    arithmetic: Arithmetic
    by: list[str] = field(default_factory=list)
    where: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    excluding: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    within: dict[str, tuple[date | None, date | None]] = field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    as_of: date | None = None
    grain: Grain | None = None
    before: Before | None = None
    steps: bool = False
    """Each period beside the one before it."""
    against: tuple[date | None, date | None] | None = None
    heads: list[str] = field(default_factory=list)
    """Of the groups, those a superlative is about: the five products of `top 5 products per country`."""
    missing: bool = False
    """Asked for are the groups that have nothing."""
    only_those: bool = False
    """Groups that have some of it: customers with open tickets."""
    counted: bool = False
    averaged: bool = False
    each: bool = False
    """A row per record."""
    lists: bool = False
    """The text asks for a list rather than for a number."""
    unit: Literal["minutes", "hours", "days"] | None = None
    is_plural: bool = False
    """The metric was named in the plural."""
    asks_when: bool = False
    asks_which: bool = False
    said: frozenset[str] = frozenset()
    """The stems of everything that was said."""
    metrics_said: bool = True
    """Not kept from a question before."""
    counts: bool = False
    """`how many`, `number of`."""
    asks_number: bool = False
    """`how many`, `how much`, `total`."""
    summed: bool = False
    order: str | None = None
    limit: int | None = None
    kept_shape: Shape | None = None
    notes: list[str] = field(default_factory=list)
    said_windows: list[When] = field(default_factory=list)

    @property
    def own_time(self) -> str:
        """The date by which the first metric counts."""
        return self.metrics[0].default_time if self.metrics else ""

    @property
    def is_stock(self) -> bool:
        """Whether any of the metrics tells how things stand."""
        return any(metric.is_stock for metric in self.metrics)

    @property
    def is_compared(self) -> bool:
        """Whether another window stands beside."""
        return bool(self.before or self.against)

    def names(self) -> list[str]:
        """The names of the metrics."""
        return [metric.name for metric in self.metrics]

    def may_average(self) -> bool:
        """Whether an average over groups can be meant: one group, and numbers that are no averages."""
        groups = len(self.by) + bool(self.arithmetic.grain)
        if any(metric.unit == "count" for metric in self.metrics) and not (self.is_plural or self.counts):
            return False  # the average deal is one of its size
        return groups == 1 and not self.arithmetic.limit and all(metric.kind == "simple" for metric in self.metrics)

    def reach_date(self, dates: list[str], values: Values) -> str | None:
        """The first of these dates that the metrics know; open deals are looked up among all deals where they do not."""
        for name in dates:
            if all(name in metric.dimensions for metric in self.metrics):
                self._still_open(name, values)
                return name
        for name in dates:
            whole = self._whole_of(name)
            if whole and values.stages.get("is_open"):
                self.metrics = [whole]
                self.where["stage"] = values.stages["is_open"]
                self.notes.append("open deals are counted among all deals, by the stage they stand on")
                return name
        return None

    def _still_open(self, name: str, values: Values) -> None:
        """What is expected to close is open: deals that did are no longer expected to."""
        stages = values.stages.get("is_open")
        if (
            name.startswith("expected_")
            and stages
            and self.metrics[0].name == "deal_count"
            and "stage" not in self.where
        ):
            self.where["stage"] = stages
            self.notes.append("of what is expected, only what is still open is counted")

    def _whole_of(self, name: str) -> Metric | None:
        """Of a stock of records, the metric that counts all of them."""
        if len(self.metrics) != 1 or not self.metrics[0].is_stock or self.metrics[0].unit != "count":
            return None
        catalogue = self.asking.serving.catalogue
        record = catalogue.record_of(self.metrics[0].parts[0].model)
        for metric in catalogue.metrics.values():
            part = metric.parts[0]
            is_all = metric.kind == "simple" and part.timing is Timing.FLOW and metric.unit == "count"
            is_all = is_all and not metric.definition["metric"].get("filter")
            if is_all and catalogue.record_of(part.model) == record and {name, "stage"} <= set(metric.dimensions):
                return metric
        return None

    def window(self, when: When, text: str) -> None:
        """The days of one span; what has not begun has no numbers yet."""
        if when.start and when.start > (self.as_of or self.asking.as_of):
            raise unanswerable(text, f"{when.phrase} has not begun; there are no forecasts here.", "future")
        self.start, self.end = when.start, when.end
        if when.moment and self.is_stock:
            self.start, self.end = None, when.moment + timedelta(days=1)
        self._noted(when)

    def _noted(self, when: When) -> None:
        if when.note:
            self.notes.append(f"“{when.phrase}”: {when.note}")

    def two_windows(self, spans: list[When], comparing: bool, text: str, between: str = "") -> None:
        """Two spans: one compared with the other, or both in a row, with `between` them nothing but `and`."""
        first, second = sorted(spans, key=lambda span: span.start or date.min)
        if not comparing:
            joined = re.fullmatch(r"\s*(?:and|or|,|&|,? ?and)?\s*", between) is not None
            if joined and first.grain and first.grain == second.grain and first.end == second.start:
                self.start, self.end = first.start, second.end
                self.arithmetic.grain = self.arithmetic.grain or first.grain
                return
            raise clarify(text, f"Shall {first.phrase} and {second.phrase} be compared, or is one of them meant?")
        if (first.start, first.end) == (second.start, second.end):
            raise clarify(text, f"{first.phrase} and {second.phrase} are the same days: which others are meant?")
        self.window(second, text)
        self.against = (first.start, first.end)
        if first.moment and self.is_stock:  # a month ago, what stood was that of one evening
            self.against = (None, first.moment + timedelta(days=1))
            return
        for before in ("previous", "year"):
            question = self.question(plain=True)
            if question.start and question.end:
                other = earlier(question, before)
                if (other.start, other.end) == self.against:
                    self.before, self.against = before, None
                    return

    def question(self, plain: bool = False, **more: Any) -> Question:
        """As the semantic layer is asked; `plain`, without what rows are made of it. Raises ValueError."""
        return Question(
            metrics=tuple(self.names()),
            by=() if plain else tuple(self.by),
            each=self.each and not plain,
            grain=None if plain else self.grain,
            calendar=self.asking.calendar,
            where=self.where,
            excluding=self.excluding,
            within=self.within,
            start=self.start,
            end=self.end,
            as_of=self.as_of or self.asking.as_of,
            **more,
        )


def assembled(draft: Draft, text: str) -> Plan:
    """The plan of a draft. Raises NoPlan."""
    _periods(draft, text)
    records_of(draft, text)
    shape = _shape(draft, text)
    lacking = lacking_of(draft, text)
    way = _way(draft)
    if way and draft.arithmetic.limit:
        shape = shape.model_copy(update={"limit": draft.arithmetic.limit.number})
        draft.arithmetic.limit = None
    try:
        order, limit = _order(draft)
        is_cut = bool(shape.made or shape.having or shape.whole)
        question = draft.question(order=order, limit=None if is_cut else limit)
        if is_cut and limit and not shape.whole:
            shape = shape.model_copy(update={"limit": limit})
        checked(question, draft.asking.serving.catalogue)
        if draft.before:
            earlier(question, draft.before)
    except Unknown as problem:
        raise unanswerable(text, _sentence(str(problem)), "not modelled") from None
    except (ValidationError, ValueError, NotShapely) as problem:
        raise unanswerable(text, _sentence(str(problem).partition("\n")[0])) from None
    question, shape, only = _only(draft, question, shape)
    against = None
    if draft.against:
        against = question.model_copy(update={"start": draft.against[0], "end": draft.against[1]})
    plan = Plan(
        kind="semantic",
        text=text,
        question=question,
        shape=shape,
        before=draft.before,
        steps=draft.steps,
        against=against,
        only=only,
        missing=lacking,
        among=among_of(draft, lacking),
        change=way,
        unit=draft.unit,
        assumptions=tuple(_assumptions(draft, question)),
    )
    return plan.model_copy(
        update={"understood": understood(plan, draft.asking.serving.catalogue, draft.asking.values.shown)}
    )


def _way(draft: Draft) -> Literal["up", "down"] | None:
    """Which way the groups changed that are asked for: `which sector grew the most`."""
    arithmetic = draft.arithmetic
    if not arithmetic.direction or not draft.is_compared or not (draft.heads or draft.asks_which) or not draft.by:
        return None
    if arithmetic.direction == "better":
        return "down" if draft.metrics[0].better == "down" else "up"
    return arithmetic.direction


def _sentence(told: str) -> str:
    return told[:1].lower() + told[1:]


def _assumptions(draft: Draft, question: Question) -> list[str]:
    notes = list(draft.notes)
    if question.start is None and question.end is None and not draft.is_stock:
        notes.append("no days were said: all time")
    if draft.is_stock and (question.start or question.end):
        notes.append("what stands is told as of the last evening of these days")
    if draft.excluding:
        notes.append("rows of which it is not known are counted")
    return notes


def _periods(draft: Draft, text: str) -> None:
    """How time is cut: as said, or for a trend as suits the days."""
    arithmetic = draft.arithmetic
    draft.grain = arithmetic.grain
    if arithmetic.is_trend and not draft.grain:
        last = min(draft.end or date.max, (draft.as_of or draft.asking.as_of) + timedelta(days=1))
        days = (last - draft.start).days if draft.start else 0
        suited: Grain = next((grain for most, grain in TRENDS if draft.start and days <= most), "month")
        said = [one.unit for one in draft.said_windows if one.unit]  # the last 8 weeks are a trend of weeks
        draft.grain = said[0] if len(said) == 1 else suited
        draft.notes.append(f"the trend is shown by {draft.grain}")
    if arithmetic.change and len(draft.metrics) > 1 and not draft.is_compared and not arithmetic.before:
        raise unanswerable(text, "the difference of two numbers is none that is defined; ask for both.", "not modelled")
    if is_stepped(draft):
        step(draft, text)
        return
    if arithmetic.change and not draft.before and not draft.against and draft.metrics:
        if draft.start and draft.end:
            draft.before = arithmetic.before or "previous"
            return
        raise clarify(
            text, "Over which days, compared with which? For example: this quarter compared with last quarter."
        )
    if arithmetic.before and not draft.against:
        if not (draft.start and draft.end):
            raise clarify(text, "Which period shall be compared with the one before? For example: this quarter.")
        draft.before = arithmetic.before


def _order(draft: Draft) -> tuple[str | None, int | None]:
    limit = draft.arithmetic.limit
    if limit is None:
        named = {*draft.names(), *draft.by}
        return (draft.order if (draft.order or "").removeprefix("-") in named else None), draft.limit
    metric = draft.metrics[0]
    ascending = limit.ascending
    if limit.judged and metric.better == "down":
        ascending = not ascending
    if limit.is_order and (draft.by or draft.grain):
        return (metric.name if ascending else f"-{metric.name}"), None
    if not draft.by and not draft.grain and not draft.each:
        raise clarify(
            "", f"The {'lowest' if ascending else 'highest'} {metric.label} of what? For example: by customer."
        )
    return (metric.name if ascending else f"-{metric.name}"), limit.number


def _shape(draft: Draft, text: str) -> Shape:
    """What is made of the rows."""
    arithmetic, metric = draft.arithmetic, draft.metrics[0]
    if draft.kept_shape is not None and not (arithmetic.bounds or arithmetic.share or arithmetic.running):
        return draft.kept_shape
    made: list[Made] = []
    keys = [*draft.by, *([PERIOD] if draft.grain else []), *([RECORD] if draft.each else [])]
    if arithmetic.running:
        if not draft.grain:
            raise clarify(text, "By which periods shall it run up: by day, week, month?")
        made.append(Made(kind="running", metric=metric.name))
    if arithmetic.share_of_total and not keys:
        raise clarify(text, f"The share of which total? For example: {metric.label.lower()} by country, as a share.")
    if arithmetic.share or arithmetic.share_of_total:
        made.append(Made(kind="share", metric=metric.name, within=(PERIOD,) if draft.grain and draft.by else ()))
    having = tuple(_threshold(draft, bound, text) for bound in arithmetic.bounds)
    if having and not keys:
        raise unanswerable(
            text, "a threshold needs groups, such as customers, or records that have an amount.", "not modelled"
        )
    whole: Literal["count", "mean", "sum"] | None = None
    if draft.counted:
        whole = "count"
        if not draft.each and not draft.missing:
            having = having or (Threshold(column=metric.name, operator=">", value=Decimal(0)),)
    elif draft.averaged:
        whole = "mean"
    elif draft.only_those and metric.unit in {"count", "money"}:
        having = having or (Threshold(column=metric.name, operator=">", value=Decimal(0)),)
    elif draft.summed:
        whole = "sum"
    within = tuple(name for name in keys if name not in draft.heads)
    if arithmetic.limit and draft.heads and within and not whole:
        if arithmetic.limit.ascending:
            raise unanswerable(text, "the smallest of each group are not ranked yet.", "not modelled")
        made.append(Made(kind="rank", metric=metric.name, within=within))
        most = Decimal(arithmetic.limit.number or 1)
        having += (Threshold(column=made[-1].column, operator="<=", value=most),)
        arithmetic.limit = None
    try:
        return Shape(made=tuple(made), having=having, whole=whole)
    except ValidationError as problem:
        raise unanswerable(text, str(problem).partition("\n")[0]) from None


def _threshold(draft: Draft, bound: Bound, text: str) -> Threshold:
    """A bound in the metric's own unit: percents of shares, minutes of durations."""
    metric, value = draft.metrics[0], bound.value
    unit = bound.unit.removesuffix("s")
    if metric.unit == "share" and (unit in {"percent", "per cent"} or value > 1):
        value = value / 100
    if metric.unit in {"minutes", "days"} and unit in MINUTES:
        value = value * MINUTES[unit] / (1 if metric.unit == "minutes" else 1440)
    elif unit in MINUTES:
        raise unanswerable(text, f"{metric.label} is not measured in {bound.unit}.", "not modelled")
    return Threshold(column=metric.name, operator=bound.sign, value=value)


def _only(draft: Draft, question: Question, shape: Shape) -> tuple[Question, Shape, dict[str, tuple[str, ...]]]:
    """A share of one value is a share of the whole that this value is a part of: it is cut out at the end."""
    if not draft.arithmetic.share or question.by or not (question.where or question.excluding):
        return question, shape, {}
    name = next(reversed(question.where)) if question.where else None
    if name is None:
        return question, shape, {}
    values = question.where[name]
    rest = {key: told for key, told in question.where.items() if key != name}
    wider = question.model_copy(update={"by": (name,), "where": rest})
    return wider, shape, {name: tuple(value for value in values if value is not None)}
