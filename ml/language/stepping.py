"""Growth as a series: each period of a window beside the one before it."""

from datetime import timedelta
from typing import TYPE_CHECKING

from ml.language.plan import unanswerable
from warehouse.metrics.calendar import Grain
from warehouse.metrics.periods import period_of

if TYPE_CHECKING:
    from ml.language.assembly import Draft

LONGEST: dict[Grain, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
"""Days of one period."""


def is_stepped(draft: "Draft") -> bool:
    """Whether each period is compared with the one before it: `month over month in 2025`, `monthly growth`."""
    arithmetic = draft.arithmetic
    if draft.is_compared or not draft.metrics:
        return False
    if arithmetic.stepping and not draft.grain:
        days = (draft.end - draft.start).days if draft.start and draft.end else None
        if days is None or days > LONGEST[arithmetic.stepping]:
            draft.grain = arithmetic.stepping
    is_yearly = arithmetic.before == "year" and draft.grain == "year"
    return bool(draft.grain) and (
        arithmetic.before == "previous" or (arithmetic.change and not arithmetic.before) or is_yearly
    )


def step(draft: "Draft", text: str) -> None:
    """Compare each period with the one before. Raises NoPlan where more is asked of it than is made."""
    arithmetic = draft.arithmetic
    if arithmetic.limit or arithmetic.bounds or arithmetic.share or arithmetic.running or draft.counted:
        raise unanswerable(
            text, "of changes from period to period, none is picked out or added up here; ask for all of them."
        )
    draft.steps = True
    last = period_of(draft.as_of or draft.asking.as_of, draft.grain or "month", draft.asking.calendar)
    is_over = last.end <= (draft.as_of or draft.asking.as_of) + timedelta(days=1)
    if not is_over and (draft.end is None or draft.end > last.start):
        draft.notes.append(f"{last.label} is not over; it stands beside the whole {last.grain} before")
