"""Chance that repeats itself: every thing of the demo company draws from dice of its own."""

from random import Random


def dice(seed: int, *thing: str | int) -> Random:
    """The dice of one thing, named by a path such as ("deal", 12): same seed and name, same throws."""
    return Random("/".join(str(part) for part in (seed, *thing)))  # noqa: S311 - an invented company, no secret


def arrivals(rate: float, throws: Random) -> int:
    """How many things arrive in one day when `rate` of them do on average (Poisson)."""
    count, left = 0, throws.expovariate(rate)
    while left < 1:
        count, left = count + 1, left + throws.expovariate(rate)
    return count
