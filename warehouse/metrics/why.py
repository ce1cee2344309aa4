"""Why a number changed: what each group added to the change, exactly, and how much of it is size, mix or rate.

A ratio N / D of groups g with shares w = d / D and rates r = n / d moves by the sum over groups of
(w₁ - w₀)(r̄ - R̄), the mix, and (r₁ - r₀)w̄, the rate, where a bar is the mean of before and now. A sum over k records
of p on average moves by (k₁ - k₀)p̄, the volume, and (p₁ - p₀)k̄, the rate. Both hold exactly, so the parts add up.
(The midpoint form of the price and volume split, as in Marshall and Edgeworth's index.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from warehouse.metrics.answer import Cell, parts_by_line
from warehouse.metrics.catalogue import Metric
from warehouse.metrics.question import Question
from warehouse.metrics.serving import Serving

STEPS = {
    "money": Decimal("0.01"),
    "count": Decimal(1),
    "share": Decimal("0.001"),
    "days": Decimal("0.1"),
    "minutes": Decimal(1),
    "number": Decimal("0.01"),
}
"""What values and parts are rounded to, as people read them, so that what is read adds up."""


class NotDivisible(Exception):
    """The change of this number is not the sum of its groups' changes; says why."""


@dataclass(frozen=True)
class Share:
    """What one group has to do with a change; its effects add up to `change`."""

    key: Any
    """The group's value: an id where the answer holds ids."""
    before: Decimal | None
    now: Decimal | None
    change: Decimal
    effects: dict[str, Decimal]


@dataclass(frozen=True)
class Why:
    """A change taken apart; the shares' changes add up to it, and so do the effects."""

    metric: str
    before: Decimal | None
    now: Decimal | None
    change: Decimal
    shares: list[Share]
    """The largest rise first."""

    @property
    def effects(self) -> dict[str, Decimal]:
        """Each effect over all groups."""
        names = dict.fromkeys(name for share in self.shares for name in share.effects)
        return {name: sum((share.effects.get(name, Decimal(0)) for share in self.shares), Decimal(0)) for name in names}


@dataclass(frozen=True)
class Group:
    """One group in both windows: what is added up, and over what."""

    key: Any
    top_before: Fraction
    over_before: Fraction
    top_now: Fraction
    over_now: Fraction


def why(serving: Serving, now: Question, before: Question) -> Why:
    """Take apart the change of one metric by one dimension. Raises NotDivisible, and Unknown as every question does.

    Both questions ask for the same metric by the same dimension, of their own windows, and for every group.
    """
    [name], [dimension] = now.metrics, now.by
    metric = serving.catalogue.metric(name)
    top, over = _parts(metric, serving)
    lines = [
        {line[dimension]: cells for line, cells in parts_by_line(serving, one.model_copy(update={"limit": None}))}
        for one in (now, before)
    ]
    present, past = lines
    groups = [
        Group(key, *(of(lines_.get(key)) for lines_ in (past, present) for of in (top, over)))
        for key in dict.fromkeys((*present, *past))
    ]
    return taken_apart(metric, groups)


def taken_apart(metric: Metric, groups: Sequence[Group]) -> Why:
    """The arithmetic: a ratio by mix and rate, a sum by volume and rate, a count by volume alone."""
    is_ratio = metric.kind == "ratio"
    split = _of_ratio(groups) if is_ratio else [_of_sum(group, metric.unit) for group in groups]
    totals = [
        sum((getattr(group, one) for group in groups), Fraction(0))
        for one in Group.__dataclass_fields__
        if one != "key"
    ]
    before, now = (_whole(*totals[:2], is_ratio=is_ratio), _whole(*totals[2:], is_ratio=is_ratio))
    step = STEPS[metric.unit]
    change = _quantized(now or Fraction(0), step) - _quantized(before or Fraction(0), step)
    names = list(dict.fromkeys(name for effects in split for name in effects))
    exact = [effects.get(name, Fraction(0)) for effects in split for name in names]
    rounded = _rounded(exact, change, step)
    shares = []
    for place, group in enumerate(groups):
        effects = dict(zip(names, rounded[place * len(names) : (place + 1) * len(names)], strict=True))
        was, is_ = (
            _whole(group.top_before, group.over_before, is_ratio=is_ratio),
            _whole(group.top_now, group.over_now, is_ratio=is_ratio),
        )
        moved = sum(effects.values(), Decimal(0))
        shares.append(Share(group.key, _told(was, step), _told(is_, step), moved, effects))
    shares.sort(key=lambda share: (-share.change, str(share.key)))
    return Why(metric.name, _told(before, step), _told(now, step), change, shares)


def _parts(metric: Metric, serving: Serving) -> tuple[Callable[[Any], Fraction], Callable[[Any], Fraction]]:
    """How to read what is added up, and over what, from a line's parts."""
    if metric.kind == "ratio" and all(part.is_sum or part.is_whole for part in metric.parts):
        first, second = metric.parts
        return _value_of(first.column), _value_of(second.column)
    [only, *others] = metric.parts
    if metric.kind != "simple" or others or not only.is_sum:
        told = {"simple": "of several groups does not add up", "derived": "is computed from numbers of several kinds"}
        raise NotDivisible(f"{metric.label} {told.get(metric.kind, 'does not add up')}, so its change has no shares.")
    if metric.unit == "count" or serving.catalogue.table_of(only.model) is None:
        # Where no record stands behind a row, there is no number of things to speak of.
        return _value_of(only.column), lambda _: Fraction(0)
    return _value_of(only.column), lambda cells: Fraction(cells[only.column].known) if cells else Fraction(0)


def _value_of(column: str) -> Callable[[dict[str, Cell] | None], Fraction]:
    return lambda cells: Fraction(cells[column].value or 0) if cells else Fraction(0)


def _of_sum(group: Group, unit: str) -> dict[str, Fraction]:
    moved = group.top_now - group.top_before
    if not (group.over_before or group.over_now) or unit == "count":
        return {"volume": moved}
    size, rates = (group.over_now - group.over_before), _rates(group)
    volume = size * (rates[0] + rates[1]) / 2
    return {"volume": volume, "rate": moved - volume}


def _of_ratio(groups: Sequence[Group]) -> list[dict[str, Fraction]]:
    over = [sum((getattr(group, name) for group in groups), Fraction(0)) for name in ("over_before", "over_now")]
    top = [sum((getattr(group, name) for group in groups), Fraction(0)) for name in ("top_before", "top_now")]
    if not all(over):
        raise NotDivisible("In one of the two periods there is nothing to compute it from, so nothing to compare with.")
    middle = (top[0] / over[0] + top[1] / over[1]) / 2
    found = []
    for group in groups:
        rates, shares = _rates(group), (group.over_before / over[0], group.over_now / over[1])
        mix = (shares[1] - shares[0]) * ((rates[0] + rates[1]) / 2 - middle)
        found.append({"mix": mix, "rate": (rates[1] - rates[0]) * (shares[0] + shares[1]) / 2})
    return found


def _rates(group: Group) -> tuple[Fraction, Fraction]:
    """A group that is not there in one window has there the rate of the other: it came or went, and changed nothing else."""
    before = group.top_before / group.over_before if group.over_before else None
    now = group.top_now / group.over_now if group.over_now else None
    first, second = (before if before is not None else now), (now if now is not None else before)
    return first or Fraction(0), second or Fraction(0)


def _whole(top: Fraction, over: Fraction, *, is_ratio: bool) -> Fraction | None:
    if not is_ratio:
        return top
    return top / over if over else None


def _told(value: Fraction | None, step: Decimal) -> Decimal | None:
    return None if value is None else _quantized(value, step)


def _quantized(value: Fraction, step: Decimal) -> Decimal:
    return round(value / Fraction(step)) * step


def _rounded(exact: Sequence[Fraction], total: Decimal, step: Decimal) -> list[Decimal]:
    """Each part down to a whole step, and what is left over to those that lost most: together they are the total."""
    units = [value / Fraction(step) for value in exact]
    whole = [unit.numerator // unit.denominator for unit in units]
    left = int(total / step) - sum(whole)
    by_loss = sorted(range(len(units)), key=lambda place: (whole[place] - units[place], place))
    for turn in range(abs(left)):
        whole[by_loss[turn % len(by_loss)]] += 1 if left > 0 else -1
    return [one * step for one in whole]
