"""How amounts are spread over months, exactly as live bills spread theirs."""

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.columns import CENT, Days, Money

Months = NDArray[np.datetime64]


def spread(amounts: Money, first: Days, last: Days) -> tuple[NDArray[np.int64], Months, Money]:
    """(row, month, share) for each month from the first to the last day of each amount; the shares add up to it.

    Shares go by days and are rounded to the cent, half a cent upwards; what that leaves over is the last month's.
    """
    begin, end = first.astype("datetime64[M]"), last.astype("datetime64[M]")
    count = (end - begin).astype(np.int64) + 1
    row = np.repeat(np.arange(len(amounts)), count)
    start = np.cumsum(count) - count
    month = begin[row] + (np.arange(len(row)) - start[row])
    from_day = np.maximum(first[row], month.astype("datetime64[D]"))
    to_day = np.minimum(last[row], (month + 1).astype("datetime64[D]") - 1)
    days = (to_day - from_day).astype(np.int64) + 1
    whole = ((last - first).astype(np.int64) + 1)[row]
    cents = amounts[row] // CENT
    shares = (2 * cents * days + whole) // (2 * whole) * CENT
    left = amounts - np.bincount(row, shares, len(amounts)).astype(np.int64)
    shares[start + count - 1] += left
    return row, month, shares
