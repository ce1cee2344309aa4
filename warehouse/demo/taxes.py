"""Which tax a customer pays on a bill."""

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.customers import COUNTRY_NAMES, Customers
from warehouse.demo.presets import Company
from warehouse.demo.words import HOME

PERCENT = {"DE": 19, "AT": 20, "US": 0, "GB": 20, "FR": 20, "SE": 25, "ES": 21}
"""Country → whole percents on what is sold within it."""


def tax_of(company: Company, customers: Customers) -> NDArray[np.int64]:
    """Whole percents per customer: the home country's for those who live there, none for the others."""
    at_home = customers.country == COUNTRY_NAMES.index(HOME[company.country])
    return np.where(at_home, PERCENT[company.country], 0)
