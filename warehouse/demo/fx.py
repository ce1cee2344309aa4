"""What currencies are worth in the company's own, day by day."""

from collections.abc import Iterator

import numpy as np

from warehouse.demo.calendar import days_from
from warehouse.demo.catalogue import WORTH
from warehouse.demo.chance import identifiers, normal
from warehouse.demo.columns import Chunk, chunk, moment, written
from warehouse.demo.presets import Company

DAILY = 0.0035
"""Standard deviation of a day's change of the logarithm."""
BACK = 0.004
"""Share of the distance to the usual worth that is made good every day."""
RATE_UNIT = 100_000_000
"""Rates are kept in hundred-millionths."""


def fx_chunks(company: Company, currencies: tuple[str, ...], seed: int) -> Iterator[Chunk]:
    """A rate a day from each foreign currency to the company's own, since history began."""
    days = days_from(company.origin)
    days = days[days <= company.until]
    for currency in currencies[1:]:
        keys = company.key_of("fx", currency, days.astype(np.int64))
        level, logs = 0.0, []
        for change in (DAILY * normal(seed, "fx", keys)).tolist():
            level += change - BACK * level
            logs.append(level)
        rate = WORTH[company.currency] / WORTH[currency] * np.exp(np.array(logs))
        at = moment(days, 0.8)
        columns = {
            "id": identifiers(seed, "fx_rates", keys, at),
            "from_currency": currency,
            "to_currency": company.currency,
            "valid_on": days,
            "rate": np.round(rate * RATE_UNIT).astype(np.int64),
            "source": "Reference rates",
            "fetched_at": at,
            **written(at),
        }
        yield chunk("fx_rates", columns)
