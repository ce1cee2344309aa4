"""What is usual for a number, from its own past: a seasonal level and a spread that single outliers do not move.

The level is the median of the last season. What a place in the season adds is the median of what it added before,
where it was seen at least FEWEST_SEASONS times. The spread is 1.4826 times the median absolute deviation, which for
normal errors is their standard deviation (Hampel 1974; Rousseeuw and Croux 1993); where most deviations are the same,
1.2533 times their mean takes its place (Iglewicz and Hoaglin 1993).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

SEASON = {"day": 7, "week": 4, "month": 12, "quarter": 4, "year": 1}
"""How many periods until things repeat."""
PAST = {"day": 70, "week": 52, "month": 48, "quarter": 20, "year": 12}
"""How many periods before are looked at."""
FEWEST_DEVIATIONS = 6
FEWEST_SEASONS = 3
WIDTHS = {"low": Decimal("5"), "medium": Decimal("3.5"), "high": Decimal("2.5")}
"""In spreads; 3.5 is what Iglewicz and Hoaglin (1993) advise."""
TO_SIGMA, MEAN_TO_SIGMA = Decimal("1.4826"), Decimal("1.2533")


@dataclass(frozen=True)
class Usual:
    """Between which bounds a number is usual."""

    expected: Decimal
    lower: Decimal
    upper: Decimal


def usual(past: Sequence[Decimal], grain: str, sensitivity: str) -> Usual | None:
    """What comes after `past`, oldest first, is usual within these bounds; None where too little is known."""
    season = SEASON[grain]
    added = {at: past[at] - median(past[at - season : at]) for at in range(season, len(past))}
    if len(added) < FEWEST_DEVIATIONS:
        return None
    places: dict[int, list[Decimal]] = {}
    for at, amount in added.items():
        places.setdefault(at % season, []).append(amount)
    seasonal = {
        place: median(found) if season > 1 and len(found) >= FEWEST_SEASONS else Decimal(0)
        for place, found in places.items()
    }
    left = [amount - seasonal[at % season] for at, amount in added.items()]
    middle = median(left)
    spread = _spread([abs(one - middle) for one in left])
    expected = median(past[-season:]) + seasonal.get(len(past) % season, Decimal(0)) + middle
    width = WIDTHS[sensitivity] * spread
    return Usual(expected, expected - width, expected + width)


def _spread(off: Sequence[Decimal]) -> Decimal:
    """How far values usually lie off, from how far each did."""
    middle = TO_SIGMA * median(off)
    return middle or MEAN_TO_SIGMA * sum(off, Decimal(0)) / len(off)
