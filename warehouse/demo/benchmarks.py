"""What others reach: figures that an invented institute publishes for each industry, twice a year."""

from collections.abc import Iterator

import numpy as np

from warehouse.demo import chance
from warehouse.demo.calendar import PLANNED_DAYS
from warehouse.demo.columns import UNIT, Chunk, chunk, evening, moment, written
from warehouse.demo.people import People
from warehouse.demo.presets import Company

METRICS = {
    "win_rate": 0.28,
    "days_to_close": 52.0,
    "churn_rate_monthly": 0.017,
    "net_revenue_retention": 1.02,
    "first_reply_hours": 4.5,
    "resolution_hours": 26.0,
    "customer_satisfaction": 4.1,
    "email_open_rate": 0.31,
    "days_sales_outstanding": 41.0,
}
"""Metric → its median over companies."""
SMALL = 1000
"""Customers below which a company compares itself with small ones."""
HALF = 182
SPREAD = 0.25
"""Relative distance of the quartiles from the median."""
SOURCE = "Institute of Invented Averages"


def benchmark_chunks(company: Company, people: People, seed: int) -> Iterator[Chunk]:
    """Each metric of companies like it per half-year, published a month after the half-year, since it began."""
    names, medians = np.array(list(METRICS), object), np.array(list(METRICS.values()))
    halves = PLANNED_DAYS // HALF
    metric, half = np.divmod(np.arange(len(names) * halves), halves)
    size = "small" if company.customers < SMALL else "medium"
    # The figures are the same for every company of an industry: they come from outside.
    shared = chance.keys_of("benchmark", company.industry, size, metric, half)
    starts = company.origin + half * HALF
    median = medians[metric] * np.exp(0.06 * chance.normal(seed, "benchmark", shared))
    wide = SPREAD * (0.8 + 0.4 * chance.uniform(seed, "benchmark spread", shared))
    at = moment(starts + HALF + 30, np.full(len(metric), 0.2))
    keys = company.key_of("benchmark", np.arange(len(metric)))
    yield chunk(
        "benchmarks",
        {
            "id": chance.identifiers(seed, "benchmarks", keys, at),
            "metric": names[metric],
            "industry": company.industry,
            "size_band": size,
            "country": None,
            "starts_on": starts,
            "ends_on": starts + HALF - 1,
            "lower_quartile": np.round(median * (1 - wide) * UNIT).astype(np.int64),
            "median": np.round(median * UNIT).astype(np.int64),
            "upper_quartile": np.round(median * (1 + wide) * UNIT).astype(np.int64),
            "source": SOURCE,
            **written(at, np.repeat(people.ids[:1], len(at))),
        },
        (at < evening(company.until)) & (at >= company.started_on),
    )
