"""How tickets go on: answered, asked back, handed up, solved, opened again, closed; slower when the desk is full."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from warehouse.demo import chance
from warehouse.demo.chance import Keys, Places
from warehouse.demo.columns import NO_MOMENT, Moments, day_of
from warehouse.demo.customers import Customers
from warehouse.demo.desk import RESOLUTION, Desk
from warehouse.demo.lives import block_of
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.tickets import Tickets

STATUSES = ("open", "in_progress", "waiting_customer", "escalated", "resolved", "closed")
OPENED, ANSWERED, ASKED, TOLD, HANDED_UP, TAKEN_ON, SOLVED, BACK, RESUMED, SOLVED_AGAIN, ENDED = range(11)
"""The planned changes of a ticket, in their order."""
STATUS_OF = np.array([0, 1, 2, 1, 3, 1, 4, 0, 1, 4, 5])
"""Planned change → place in STATUSES."""

REPLY = np.array([300.0, 150.0, 70.0, 16.0])
SOLVE = np.array([1300.0, 750.0, 380.0, 150.0])
"""Median working minutes until the first answer and from there to the solution on a quiet day, by priority."""
REPLY_SPREAD, SOLVE_SPREAD = 0.75, 0.7
FULL_REPLY, FULL_SOLVE = 0.75, 0.55
"""What a unit of backlog adds to the logarithms of both: breaches come in clusters."""
SKILLED = 0.25
"""What a standard deviation of an agent's skill takes off them."""
ASKS, COMES_BACK = 0.3, 0.07
HANDS_UP = np.array([0.02, 0.04, 0.1, 0.25])
"""Share of tickets where agents ask back, that are opened again, and that are handed up (by priority)."""
REOPENS_AFTER, CUSTOMER_TAKES = 20.0, 9.0
"""Median hours until a ticket is opened again, and until a customer answers."""
CLOSES_AFTER = (3, 8)
"""Days after the solution."""
RATES, RATES_BEFORE = 0.34, 0.15
"""Share of customers who say how it went, and of those with a ticket opened again who did so before."""
SATISFIED, WAITED, CROSS, RATING_NOISE = 4.35, -0.55, -0.35, 0.75
"""Usual score; what each unit of the logarithm of the wait against what is allowed adds above a fifth of it; what a
standard deviation of unhappiness adds; how much people differ."""


@dataclass(frozen=True)
class TicketLives:
    """Planned over the whole life, whatever `until`; one row per ticket."""

    at: Moments
    """(tickets, changes): NaT is a change that is not."""
    agent: Places
    """Place in the company's roster, as are those below."""
    lead: int
    """Who takes what is handed up."""
    score_at: Moments
    """(tickets, 2): when the customer says how it went."""
    score: Places
    """(tickets, 2): one to five."""


def lives_of(
    company: Company, people: People, customers: Customers, desk: Desk, tickets: Tickets, seed: int
) -> TicketLives:
    """What becomes of each ticket of a range."""
    agent = people.pick(people.agents, seed, "ticket agent", tickets.keys, day_of(tickets.opened_at))
    at = _changes(desk, tickets, people.skill[agent], seed)
    score_at, score = _scores(company, customers, desk, tickets, at, seed)
    return TicketLives(at, agent, _lead(people), score_at, score)


def _lead(people: People) -> int:
    jobs = [person.job for person in people.roster]
    return jobs.index("Support Manager") if "Support Manager" in jobs else 0


def _changes(desk: Desk, tickets: Tickets, skill: NDArray[np.float64], seed: int) -> Moments:
    keys, priority, count = tickets.keys, tickets.priority, len(tickets)
    hours, at = desk.hours, np.full((count, len(STATUS_OF)), NO_MOMENT)
    slower = np.exp(-SKILLED * skill)
    reply = REPLY[priority] * slower * np.exp(FULL_REPLY * tickets.backlog)
    solve = SOLVE[priority] * slower * np.exp(FULL_SOLVE * tickets.backlog)
    reply = 1 + chance.lognormal(seed, "ticket reply", keys, reply, REPLY_SPREAD)
    solve = 3 + chance.lognormal(seed, "ticket solve", keys, solve, SOLVE_SPREAD)
    at[:, OPENED] = tickets.opened_at
    at[:, ANSWERED] = hours.after(tickets.opened_at, reply)
    asks = chance.happens(seed, "ticket asks", keys, ASKS)
    at[:, ASKED] = np.where(asks, hours.after(at[:, ANSWERED], 1 + 0.2 * solve), NO_MOMENT)
    at[:, TOLD] = at[:, ASKED] + _hours(seed, "ticket told", keys, CUSTOMER_TAKES)
    latest = np.where(asks, at[:, TOLD], at[:, ANSWERED])
    raised = chance.happens(seed, "ticket up", keys, np.minimum(0.6, HANDS_UP[priority] * (1 + tickets.backlog)))
    at[:, HANDED_UP] = np.where(raised, hours.after(latest, 1 + 0.3 * solve), NO_MOMENT)
    at[:, TAKEN_ON] = hours.after(at[:, HANDED_UP], np.full(count, 20.0))
    latest = np.where(raised, at[:, TAKEN_ON], latest)
    at[:, SOLVED] = hours.after(latest, 2 + np.where(raised | asks, 0.6, 1.0) * solve)
    back = chance.happens(seed, "ticket back", keys, COMES_BACK)
    opened_again = at[:, SOLVED] + np.minimum(_hours(seed, "ticket back", keys, REOPENS_AFTER), np.timedelta64(3, "D"))
    at[:, BACK] = np.where(back, opened_again, NO_MOMENT)
    at[:, RESUMED] = hours.after(at[:, BACK], 5 + 0.5 * reply)
    at[:, SOLVED_AGAIN] = hours.after(at[:, RESUMED], 5 + 0.5 * solve)
    solved = np.where(back, at[:, SOLVED_AGAIN], at[:, SOLVED])
    days = chance.integers(seed, "ticket closes", keys, *CLOSES_AFTER) * 86_400_000
    # A second's grain and a last second of its own keep moments of one ticket apart.
    at[:, ENDED] = solved + days.astype("timedelta64[ms]") + np.timedelta64(1000, "ms")
    return at


def _hours(seed: int, tag: str, keys: Keys, median: float) -> NDArray[Any]:
    hours = 0.2 + chance.lognormal(seed, f"{tag} hours", keys, median, 0.9)
    return (hours * 3_600_000).astype("timedelta64[ms]")


def _scores(
    company: Company, customers: Customers, desk: Desk, tickets: Tickets, at: Moments, seed: int
) -> tuple[Moments, Places]:
    """When customers say how it went, and what: who waited longer against what is allowed is less satisfied."""
    keys, back = tickets.keys, ~np.isnat(at[:, BACK])
    solved = np.stack([at[:, SOLVED], at[:, SOLVED_AGAIN]], axis=1)
    share = np.where(back, RATES_BEFORE, RATES)
    first = chance.happens(seed, "ticket rates", keys, share)
    again = back & chance.happens(seed, "ticket rates", keys, RATES, 1)
    said = solved + np.stack([_hours(seed, f"ticket rating {time}", keys, 8.0) for time in (0, 1)], axis=1)
    said[:, 0] = np.where(back, np.minimum(said[:, 0], at[:, BACK] - np.timedelta64(60_000, "ms")), said[:, 0])
    said = np.where(np.stack([first, again], axis=1), np.maximum(said, solved), NO_MOMENT)
    opened = desk.hours.worked(tickets.opened_at)
    waited = np.stack(
        [desk.hours.worked(solved[:, 0]), desk.hours.worked(np.where(back, solved[:, 1], solved[:, 0]))], axis=1
    )
    wait = np.log(np.maximum(0.2, (waited - opened[:, None]) / RESOLUTION[tickets.priority][:, None]) / 0.2)
    mood = customers.latent.mood[tickets.customer, block_of(company, day_of(tickets.opened_at))]
    felt = SATISFIED + company.signal * (WAITED * wait + CROSS * mood[:, None])
    noise = np.stack([chance.normal(seed, "ticket score", keys, time) for time in (0, 1)], axis=1)
    return said, np.clip(np.round(felt + RATING_NOISE * noise), 1, 5).astype(np.int64)
