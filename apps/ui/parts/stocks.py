"""What stands open: now, one period earlier, and at the end of every period between."""

from calendar import monthrange
from datetime import date, timedelta

from apps.ui import answers, formats
from apps.ui.parts.filters import Where
from apps.ui.parts.kpi import Kpi
from warehouse.metrics.calendar import MONTHS, Grain
from warehouse.metrics.periods import Period
from warehouse.metrics.question import Question
from warehouse.tenancy import Actor

STOCKS = ("open_pipeline_value", "open_deal_count")


def one_period_before(as_of: date, grain: Grain) -> date:
    """The same day a month or a quarter earlier; the end of a month stays the end of a month."""
    total = as_of.year * 12 + as_of.month - 1 - MONTHS[grain]
    year, month = total // 12, total % 12 + 1
    last = monthrange(year, month)[1]
    is_month_end = (as_of + timedelta(days=1)).month != as_of.month
    return date(year, month, last if is_month_end else min(as_of.day, last))


def stock_cards(actor: Actor, periods: list[Period], as_of: date, where: Where) -> dict[str, Kpi]:
    """What stands open as of a day, against one period earlier, and on the last evening of each period."""
    earlier = one_period_before(as_of, periods[-1].grain)
    ends = [period.end - timedelta(days=1) for period in periods]
    days = [*[end for end in ends if end < as_of], as_of]
    lines = {day: answers.sketch(actor, Question(metrics=STOCKS, where=where, as_of=day))[0] for day in days}
    before = answers.ask(actor, Question(metrics=STOCKS, where=where, as_of=earlier))
    cards = {}
    for name in STOCKS:
        shown = answers.ask(actor, Question(metrics=(name,), where=where, as_of=as_of))
        past = [(formats.day(day), line.cells[name]) for day, line in lines.items()]
        against = f"vs {_short(earlier, as_of)}"
        cards[name] = Kpi(shown.metric(name), shown, before.only(name), against, before.receipt, past)
    return cards


def _short(day: date, as_of: date) -> str:
    """A card has little room: the year only where it is another one."""
    return f"{day.day} {day:%b}" if day.year == as_of.year else formats.day(day)
