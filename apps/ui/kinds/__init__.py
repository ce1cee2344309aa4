"""Every kind of record there is a list and a record for, by its table."""

from apps.ui.kinds import billing, builder, customers, insights, marketing, organization, sales, support
from apps.ui.kinds.declare import Kind, Part, Place

ROOMS = (customers, sales, billing, marketing, support, builder, insights, organization)
KINDS: dict[str, Kind] = {kind.table: kind for room in ROOMS for kind in room.KINDS}

__all__ = ["KINDS", "Kind", "Part", "Place"]
