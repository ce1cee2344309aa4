"""Every vendor there is a connector for: the one list."""

from warehouse.connectors.hubspot.spec import VENDOR as HUBSPOT
from warehouse.connectors.spec import Vendor
from warehouse.connectors.stripe.spec import VENDOR as STRIPE

VENDORS: dict[str, Vendor] = {vendor.name: vendor for vendor in (STRIPE, HUBSPOT)}
"""Name → vendor."""


class UnknownVendor(Exception):
    """There is no connector for it."""


def find_vendor(name: str) -> Vendor:
    """The vendor of that name. Raises UnknownVendor."""
    if name not in VENDORS:
        raise UnknownVendor(f"There is no connector called {name}; there are {', '.join(VENDORS)}.")
    return VENDORS[name]
