"""What stood at a moment: the days to compare with, and the values there."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from apps.ui import answers
from apps.ui.parts.filters import Where
from warehouse.metrics.answer import Cell
from warehouse.metrics.periods import MONTHS, Period, shifted
from warehouse.metrics.question import Grain, Question
from warehouse.tenancy import Actor


def one_period_before(as_of: date, grain: Grain) -> date:
    """The same day a month or a quarter earlier; the end of a month stays the end of a month."""
    total = as_of.year * 12 + as_of.month - 1 - MONTHS[grain]
    year, month = total // 12, total % 12 + 1
    last = monthrange(year, month)[1]
    is_month_end = (as_of + timedelta(days=1)).month != as_of.month
    return date(year, month, last if is_month_end else min(as_of.day, last))


def history(
    actor: Actor, metrics: Sequence[str], period: Period, as_of: date, where: Where, periods: int
) -> dict[str, list[Cell]]:
    """Each metric as it stood on the last evening of the periods up to one, and as of the day that is shown."""
    ends = [shifted(period, -back).end - timedelta(days=1) for back in range(periods - 1, -1, -1)]
    days = [*[day for day in ends if day < as_of], as_of]
    lines = [answers.sketch(actor, Question(metrics=tuple(metrics), where=where, as_of=day))[0] for day in days]
    return {name: [line.cells[name] for line in lines] for name in metrics}
