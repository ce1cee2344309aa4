"""What lines cost and add up to, exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

CENT = Decimal("0.01")


class Line(Protocol):
    """A position of an offer or a bill."""

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_percent: Decimal
    amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True)
class Sums:
    """What the lines of an offer or a bill add up to."""

    subtotal: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        """With tax."""
        return self.subtotal + self.tax


def to_cent(amount: Decimal) -> Decimal:
    """Half a cent goes up, as on a bill."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def price_line(line: Line) -> None:
    """Set a line's amount (quantity x price, less its discount) and its tax, each to the cent."""
    line.amount = to_cent(line.quantity * line.unit_price * (100 - line.discount_percent) / 100)
    line.tax_amount = to_cent(line.amount * line.tax_percent / 100)


def add_up(lines: Iterable[Line]) -> Sums:
    """The sums of priced lines."""
    priced = list(lines)
    return Sums(
        sum((one.amount for one in priced), Decimal(0)),
        sum((one.tax_amount for one in priced), Decimal(0)),
    )


def spread(amount: Decimal, first: date, last: date) -> dict[date, Decimal]:
    """First day of a month → its share of an amount, by the days of `first` to `last` in it; the shares add up exactly.

    What rounding leaves over is the last month's.
    """
    days: dict[date, int] = {}
    day = first
    while day <= last:
        month = day.replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1)
        days[month] = (min(last, following - timedelta(days=1)) - day).days + 1
        day = following
    whole, shares = sum(days.values()), {}
    for month, count in days.items():
        shares[month] = to_cent(amount * count / whole)
    shares[month] += amount - sum(shares.values())
    return shares
