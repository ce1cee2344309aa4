"""Reads the number an alert watches: by the one door, with its owner's rights, under a receipt that verifies."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from warehouse.alerts import Anomaly, Change, OfMetric, Reading, Threshold
from warehouse.metrics.answer import Answer, answer
from warehouse.metrics.calendar import Calendar, Grain, calendar_of
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.comparison import Against, end_before, one_period_before, window_before
from warehouse.metrics.names import ids_for
from warehouse.metrics.periods import Period, last_complete, opening, period_of, shifted
from warehouse.metrics.question import PERIOD, Question
from warehouse.metrics.receipts import keep_receipt, write_receipt
from warehouse.metrics.serving import Serving, catalogue_for, last_event, serving_as
from warehouse.oltp.days import today_at
from warehouse.oltp.engine import reading_as
from warehouse.tenancy import Actor
from warehouse.watching.usual import PAST, usual


class NothingKnown(Exception):
    """There is no number to hold against the bound; says why."""


@dataclass(frozen=True)
class Asked:
    """Whose number is read of what, as of which day."""

    actor: Actor
    serving: Serving
    metric: Metric
    rule: OfMetric
    today: date
    calendar: Calendar

    @property
    def grain(self) -> Grain:
        """The periods as the organization cuts them."""
        return self.calendar.own(self.rule.grain)

    @property
    def period(self) -> Period:
        """The period that is read; of how things stand, the one today lies in."""
        if self.rule.is_running or self.metric.is_stock:
            return period_of(self.today, self.grain, self.calendar)
        return last_complete(self.today, self.grain, self.calendar)

    @property
    def about(self) -> str:
        """Of when the number is, in words."""
        day = f"{self.today.day} {self.today:%b %Y}"
        if self.metric.is_stock:
            return f"as of {day}"
        is_over = self.today >= self.period.end - timedelta(days=1)
        named = (
            f"{'on' if self.rule.grain == 'day' else 'in'} {'the ' * (self.rule.grain == 'week')}{self.period.label}"
        )
        return named if is_over else f"{named} up to {day}"

    def question(self, period: Period, today: date | None = None, end: date | None = None) -> Question:
        """What is asked of a period; of how things stand, of a day."""
        names, where = (self.metric.name,), self.rule.where
        if self.metric.is_stock:
            return Question(metrics=names, where=where, as_of=today or self.today)
        return Question(metrics=names, where=where, start=period.start, end=end or period.end, as_of=self.today)

    def of(self, period: Period, today: date | None = None, end: date | None = None) -> Answer:
        """The number of a period; of how things stand, as of a day."""
        return answer(self.serving, self.question(period, today, end))

    def value(self, found: Answer) -> Decimal | None:
        """The number itself, exact."""
        told = found.only(self.metric.name).value
        return None if told is None else Decimal(told)


def may_watch(actor: Actor, rule: OfMetric) -> Metric:
    """The metric, where the actor may see it and everything it is narrowed by.

    Raises Unknown, Forbidden, NoExtract or ExtractUnreadable.
    """
    opened = serving_as(actor)
    metric = opened.catalogue.metric(rule.metric)
    for name in rule.where:
        opened.catalogue.dimension(name, metric)
    return metric


def by_ids(actor: Actor, rule: OfMetric) -> OfMetric:
    """The rule with names of what it is narrowed by resolved to ids, as receipts hold them. Raises Unknown."""
    opened = serving_as(actor)
    known = opened.catalogue.dimensions
    where = {name: ids_for(opened, known[name], values) for name, values in rule.where.items()}
    return rule.model_copy(update={"where": where})


def asking(actor: Actor, rule: OfMetric) -> Asked:
    """What a rule asks today, in the actor's organization. Raises what `may_watch` raises."""
    metric, opened = may_watch(actor, rule), serving_as(actor)
    with reading_as(actor) as session:
        today, calendar = today_at(session, actor.organization_id), calendar_of(session, actor.organization_id)
    return Asked(actor, opened, metric, rule, opening(today, last_event(opened)).as_of, calendar)


def read_number(actor: Actor, rule: OfMetric, *, is_open: bool = False) -> Reading:
    """What the number is, and whether it is out of bounds, of an alert that fires already or does not.

    Where that changes something, somebody is told, and the receipt behind it is kept for ever. A reading that changes
    nothing has none: each kept one holds a snapshot of the lake.

    Raises what `may_watch` raises, what answering raises, and NothingKnown.
    """
    asked = asking(actor, rule)
    metric, opened = asked.metric, asked.serving
    found = asked.of(asked.period)
    value = asked.value(found)
    if value is None:
        raise NothingKnown(f"{metric.label} is unknown {asked.about}.")
    if isinstance(rule, Threshold):
        bound, is_out, is_back = _against_bound(rule, value)
    elif isinstance(rule, Change):
        bound, is_out = _against_before(asked, rule, value)
        is_back = not is_out
    elif isinstance(rule, Anomaly):
        bound, is_out = _against_past(asked, rule, value)
        is_back = not is_out
    else:
        raise TypeError(f"{type(rule).__name__} is no rule over a number.")
    receipt = None
    if (is_out and not is_open) or (is_back and is_open):
        receipt = write_receipt(actor, found)
        keep_receipt(actor, receipt)
    return Reading(
        is_out=is_out,
        is_back=is_back,
        value=value,
        bound=bound,
        receipt=receipt,
        label=metric.label,
        unit=metric.unit,
        about=asked.about,
        needs=_needs(opened, rule),
    )


def _against_bound(rule: Threshold, value: Decimal) -> tuple[Decimal, bool, bool]:
    margin = abs(rule.bound) * rule.margin_percent / 100
    if rule.side == "over":
        return rule.bound, value > rule.bound, value <= rule.bound - margin
    return rule.bound, value < rule.bound, value >= rule.bound + margin


def _against_before(asked: Asked, rule: Change, value: Decimal) -> tuple[Decimal, bool]:
    """What it was before, and whether it moved by more than it may since."""
    against = Against.YEAR if rule.against == "year" and rule.grain not in {"day", "week"} else Against.PREVIOUS
    if asked.metric.is_stock:
        before = asked.of(asked.period, _day_before(asked, rule))
    elif rule.against == "year" and rule.grain in {"day", "week"}:
        other = shifted(asked.period, -364 if rule.grain == "day" else -52)
        before = asked.of(other, end=end_before(asked.period, other, asked.today))
    else:
        other = window_before(asked.period, against)
        before = asked.of(other, end=end_before(asked.period, other, asked.today))
    was = asked.value(before)
    if was is None:
        raise NothingKnown(f"Nothing is known of {asked.metric.label} before, so that it cannot be compared.")
    moved = value - was
    if rule.in_percent:
        if was == 0:
            raise NothingKnown(f"{asked.metric.label} was nothing before, so that no percentage can be told.")
        moved = moved / abs(was) * 100
    falls, rises = moved < -rule.by, moved > rule.by
    return was, {"rises": rises, "falls": falls, "moves": rises or falls}[rule.side]


def _day_before(asked: Asked, rule: Change) -> date:
    """The day of which a stock is compared: a period, or a year, earlier."""
    if rule.against == "year":
        return one_period_before(asked.today, "year")
    if rule.grain in {"day", "week"}:
        return asked.today - timedelta(days=7 if rule.grain == "week" else 1)
    return one_period_before(asked.today, asked.grain)


def _against_past(asked: Asked, rule: Anomaly, value: Decimal) -> tuple[Decimal, bool]:
    """The nearer of the two bounds of what is usual, and whether it lies beyond it."""
    past = _past(asked)
    found = usual(past, rule.grain, rule.sensitivity)
    if found is None:
        raise NothingKnown(f"{asked.metric.label} has too short a past to tell what is usual.")
    bound = found.upper if abs(value - found.upper) <= abs(value - found.lower) else found.lower
    return bound.quantize(Decimal("0.0001")), not found.lower <= value <= found.upper


def _past(asked: Asked) -> list[Decimal]:
    """The periods before, oldest first, since the first that has anything."""
    most = PAST[asked.rule.grain]
    periods = [shifted(asked.period, -back) for back in range(most, 0, -1)]
    question = Question(
        metrics=(asked.metric.name,),
        where=asked.rule.where,
        grain=asked.grain,
        calendar=asked.calendar,
        start=periods[0].start,
        end=periods[-1].end,
        as_of=asked.today,
    )
    found = {line.keys[PERIOD]: line.cells[asked.metric.name].value for line in answer(asked.serving, question).lines}
    nothing = 0 if asked.metric.kind == "simple" and asked.metric.parts[0].adds_up else None
    told = [found.get(one.start.isoformat(), nothing) for one in periods]
    first = next((at for at, one in enumerate(periods) if one.start.isoformat() in found), len(told))
    return [Decimal(one) for one in told[first:] if one is not None]


def _needs(opened: Serving, rule: OfMetric) -> tuple[str, ...]:
    """The tags of fields that somebody has to see to be told this number."""
    found = []
    for tag in ("personal", "restricted"):
        open_to = catalogue_for(opened.provenance.definitions, opened.own, frozenset({tag}))
        metric = open_to.metrics.get(rule.metric)
        if metric is None or any(name not in metric.dimensions for name in rule.where):
            found.append(tag)
    return tuple(found)
