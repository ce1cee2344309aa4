"""The kinds of companies there are: how their year runs, whom they sell to and how they are paid."""

from dataclasses import dataclass

WORKDAYS = (1.0, 1.1, 1.1, 1.05, 0.85, 0.06, 0.03)
EVERYDAY = (1.0, 0.95, 0.95, 1.0, 1.15, 0.55, 0.25)


@dataclass(frozen=True)
class Kind:
    """What companies of one kind have in common."""

    name: str
    industry: str
    season: tuple[float, ...]
    """How busy each month is, January first."""
    week: tuple[float, ...]
    """How busy each weekday is, Monday first."""
    segments: tuple[float, float, float]
    """Shares of individuals, businesses and enterprises among customers."""
    subscribes: float
    """Share of won customers who subscribe to something."""
    deal_size: float
    """Median amount of a business's deal, in units of a currency worth a dollar."""
    repeats: float
    """Further deals a customer opens in a year."""
    lead_chance: float
    churn_chance: float
    win_chance: float
    """Log-odds of an average lead to be qualified, customer to leave within 60 days, and deal to be won."""
    terms: tuple[int, ...]
    """Days until a bill is due, one of them per customer."""
    tickets: float
    """Tickets of a customer in a year."""


KINDS = {
    one.name: one
    for one in (
        Kind(
            "furniture", "Furniture making", (0.9, 0.95, 1.15, 1.05, 1.05, 1.0, 0.9, 0.85, 1.15, 1.15, 1.1, 0.75),
            WORKDAYS, (0.15, 0.62, 0.23), 0.25, 6000.0, 0.9, -0.2, -3.2, 0.1, (14, 30, 30, 45), 1.2,
        ),
        Kind(
            "software", "Software as a service", (1.1, 1.05, 1.05, 1.0, 1.0, 0.9, 0.8, 0.85, 1.1, 1.1, 1.1, 0.95),
            WORKDAYS, (0.2, 0.6, 0.2), 0.97, 4200.0, 0.35, -0.6, -3.1, -0.1, (14, 14, 30), 2.2,
        ),
        Kind(
            "agency", "Consulting", (1.15, 1.1, 1.1, 1.0, 1.0, 0.95, 0.75, 0.7, 1.15, 1.15, 1.05, 0.9),
            WORKDAYS, (0.02, 0.68, 0.3), 0.35, 14000.0, 1.1, -0.3, -3.3, 0.0, (30, 30, 60), 0.8,
        ),
        Kind(
            "wholesale", "Wholesale", (0.8, 0.85, 1.0, 1.05, 1.1, 1.1, 1.0, 0.9, 1.05, 1.15, 1.3, 0.9),
            WORKDAYS, (0.0, 0.8, 0.2), 0.3, 3200.0, 2.4, 0.1, -3.4, 0.3, (14, 30, 30, 60), 1.0,
        ),
        Kind(
            "clinics", "Outpatient clinics", (1.2, 1.15, 1.1, 1.0, 0.95, 0.85, 0.75, 0.8, 1.0, 1.1, 1.15, 0.95),
            EVERYDAY, (0.86, 0.13, 0.01), 0.45, 900.0, 1.5, 0.2, -3.2, 0.6, (14, 14, 30), 1.1,
        ),
    )
}  # fmt: skip
"""Name → kind."""
