"""Deals of a range of customers: each one's whole life is planned when it opens, and shown as far as it is known."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.calendar import BLOCK_DAYS, BLOCKS, month_of
from warehouse.demo.catalogue import WORTH, Catalogue
from warehouse.demo.chance import Keys, choose, happens, identifiers, integers, keys_of, normal, poisson, uniform
from warehouse.demo.columns import NO_MOMENT, UNIT, Days, Ids, Moments, Money, moment, working_day
from warehouse.demo.customers import Customers
from warehouse.demo.histories import Steps, noted, ordinals, steps
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.winning import RUNGS, Outlook, outlook

STAGES = ("lead", "qualified", "proposal", "negotiation", "closed_won", "closed_lost")
WON, LOST = 4, 5
SEGMENT_SIZE = np.array([0.25, 1.0, 4.5])
"""What a deal of each segment is worth beside a business's."""
SIZE_SPREAD = 0.7
OWN_SELLER = 0.85
"""Share of deals that the customer's own seller works on."""
VAGUE = 0.2
"""Share of deals of which nobody names an amount or a day before they are qualified."""
BACK, AGAIN_AFTER = 0.06, 4
"""Share of negotiated deals that fall back to a proposal once, and the days needed for it."""
LAST_STEP = 2 * RUNGS
"""Place of the end among the planned steps."""
REOPENED = 0.02
"""Share of won deals that were written off as lost a few days before."""
SLIP_DAYS = 14
LINES = (5, 3, 2)
"""Weights of one, two and three products on a deal."""


@dataclass(frozen=True)
class Lines:
    """Products on deals, each deal's together."""

    deal: NDArray[np.int64]
    position: NDArray[np.int64]
    product: NDArray[np.int64]
    quantity: NDArray[np.int64]
    price: Money
    """Of the price book in the customer's currency."""
    discount: NDArray[np.int64]
    """Whole percent."""
    amount: Money


@dataclass(frozen=True)
class Deals:
    """Deals opened by the company's `until`, each customer's together, in the order they opened."""

    customer: NDArray[np.int64]
    """Row in the range of customers."""
    ordinal: NDArray[np.int64]
    """0 is the customer's first deal."""
    keys: Keys
    ids: Ids
    seller: NDArray[np.int64]
    """Place in the roster."""
    contact: NDArray[np.int64]
    """Row of the contact; -1 is nobody."""
    opened_on: Days
    opened_at: Moments
    outlook: Outlook
    is_try: NDArray[np.bool_]
    """Whether the customer was not one yet."""
    lines: Lines
    amount: Money
    steps: Steps
    reached_at: Moments
    """(deals, 4): when each rung was reached, planned."""
    closes_at: Moments

    def __len__(self) -> int:
        """How many."""
        return len(self.keys)

    @property
    def stage(self) -> NDArray[np.int64]:
        """Place in STAGES where each stands."""
        return self.steps.state

    @property
    def is_over(self) -> NDArray[np.bool_]:
        """Whether its end is known: one taken for lost may be taken up again before it."""
        return np.asarray(self.steps.last_place == LAST_STEP)

    @property
    def is_won(self) -> NDArray[np.bool_]:
        """Whether it is known to be won."""
        return np.asarray(self.steps.state == WON)


@dataclass(frozen=True)
class _Plan:
    """Deals before they are put in order."""

    customer: NDArray[np.int64]
    keys: Keys
    opened_on: Days
    outlook: Outlook
    seller: NDArray[np.int64]
    is_try: NDArray[np.bool_]

    def __getitem__(self, rows: NDArray[np.int64]) -> "_Plan":
        taken = {one.name: getattr(self.outlook, one.name)[rows] for one in fields(Outlook)}
        return _Plan(
            self.customer[rows], self.keys[rows], self.opened_on[rows], Outlook(**taken), self.seller[rows],
            self.is_try[rows],
        )  # fmt: skip


def deals_of(company: Company, people: People, customers: Customers, catalogue: Catalogue, seed: int) -> Deals:
    """The deals of a range of customers."""
    plan = _joined([*_tries(customers), _repeats(company, people, customers, seed)])
    order = np.lexsort((plan.keys, plan.opened_on, plan.customer))
    plan = plan[order[plan.opened_on[order] <= company.until]]
    share = uniform(seed, "deal hour", plan.keys)
    reached = moment(plan.outlook.rung_days, (np.arange(RUNGS) + share[:, None]) / (RUNGS + 2))
    closes = moment(plan.outlook.closes_on, (RUNGS + 1 + share) / (RUNGS + 2))
    opened_at = np.maximum(reached[:, 0], customers.created_at[plan.customer] + np.timedelta64(1, "m"))
    reached[:, 0] = opened_at
    lines, amount = _lines(company, seed, plan, customers, catalogue)
    return Deals(
        customer=plan.customer,
        ordinal=ordinals(plan.customer),
        keys=plan.keys,
        ids=identifiers(seed, "opportunities", plan.keys, opened_at),
        seller=plan.seller,
        contact=customers.contacts.one_of(plan.customer, uniform(seed, "deal contact", plan.keys)),
        opened_on=plan.opened_on,
        opened_at=opened_at,
        outlook=plan.outlook,
        is_try=plan.is_try,
        lines=lines,
        amount=amount,
        steps=_history(company, seed, plan, reached, closes),
        reached_at=reached,
        closes_at=closes,
    )


def _tries(customers: Customers) -> list[_Plan]:
    """The first deals of those who were leads."""
    made = []
    for one in customers.life.tries:
        rows = np.flatnonzero(one.happens)
        everything = _Plan(
            np.arange(len(customers)), one.keys, one.opened_on, one.outlook, customers.seller,
            np.ones(len(customers), bool),
        )  # fmt: skip
        made.append(everything[rows])
    return made


def _repeats(company: Company, people: People, customers: Customers, seed: int) -> _Plan:
    """Further deals of those who are customers, more in busy months."""
    row, block = (one.ravel() for one in np.indices((len(customers), BLOCKS)))
    is_one = ~np.isnat(customers.life.customer_on)[row]
    row, block = row[is_one], block[is_one]
    keys = keys_of(customers.keys[row], "repeat", block)
    season = np.asarray(company.kind.season)
    rate = company.kind.repeats * BLOCK_DAYS / 365.25 * np.exp(-0.2 * customers.latent.mood[row, block])
    count = poisson(seed, "repeats", keys, rate * season.max())
    at = np.repeat(np.arange(len(keys)), count)
    own = keys_of(keys[at], np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count))
    day = working_day(company.origin + block[at] * BLOCK_DAYS + integers(seed, "repeat on", own, 0, BLOCK_DAYS))
    stays = happens(seed, "repeat in season", own, season[month_of(day)] / season.max())
    stays &= customers.is_active(row[at], day) & (day > customers.life.customer_on[row[at]])
    own, day, customer = own[stays], day[stays], row[at][stays]
    keeps = happens(seed, "own seller", own, OWN_SELLER)
    seller = np.where(keeps, customers.seller[customer], people.pick(people.sellers, seed, "other seller", own, day))
    latent = customers.latent
    known = outlook(
        company, seed, own, day, latent.fit[customer], latent.price_sensitivity[customer], people.skill[seller],
        normal(seed, "deal size", own),
    )  # fmt: skip
    return _Plan(customer, own, day, known, seller, np.zeros(len(own), bool))


def _joined(plans: list[_Plan]) -> _Plan:
    def one(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(plan, name) for plan in plans])

    looks = {f.name: np.concatenate([getattr(plan.outlook, f.name) for plan in plans]) for f in fields(Outlook)}
    rest = {f.name: one(f.name) for f in fields(_Plan) if f.name != "outlook"}
    return _Plan(outlook=Outlook(**looks), **rest)  # type: ignore[arg-type]  # each has the type of its parts


def _lines(company: Company, seed: int, plan: _Plan, customers: Customers, catalogue: Catalogue) -> tuple[Lines, Money]:
    """One to three goods that were on sale, so many that the deal is about as large as deals of the segment are."""
    size = np.exp(SIZE_SPREAD * normal(seed, "deal size", plan.keys)) * SEGMENT_SIZE[customers.segment[plan.customer]]
    count = 1 + choose(seed, "deal lines", plan.keys, LINES)
    deal = np.repeat(np.arange(len(plan.keys)), count)
    position = ordinals(deal)
    start = integers(seed, "deal product", plan.keys, 0, catalogue.goods)
    product = (start[deal] + position) % catalogue.goods
    product = np.where(catalogue.launched_on[product] <= plan.opened_on[deal], product, 0)
    wanted = company.kind.deal_size * size[deal] / count[deal]
    dollars = catalogue.prices[0][product] / UNIT / WORTH[company.currency]
    quantity = np.maximum(1, np.round(wanted / dollars)).astype(np.int64)
    price = catalogue.prices[customers.currency[plan.customer[deal]], product]
    discount = np.round(plan.outlook.discount[deal] * 100).astype(np.int64)
    amount = quantity * (price * (100 - discount) // 100)
    total = np.bincount(deal, amount, len(plan.keys)).astype(np.int64)
    return Lines(deal, position + 1, product, quantity, price, discount, amount), total


def _history(company: Company, seed: int, plan: _Plan, reached: Moments, closes: Moments) -> Steps:
    """Rungs one after the other; a few deals fall back once, a few were taken for lost before they were won."""
    look, keys = plan.outlook, plan.keys
    rungs = np.where(np.arange(RUNGS) <= look.highest[:, None], reached, NO_MOMENT)
    gap = (closes - reached[:, RUNGS - 1]).astype(np.int64) // 86_400_000
    room = (look.highest == RUNGS - 1) & (gap >= AGAIN_AFTER)
    falls = room & happens(seed, "deal falls back", keys, BACK)
    third = (closes - reached[:, RUNGS - 1]) // 3
    back = np.where(falls, reached[:, RUNGS - 1] + third, NO_MOMENT)
    again = np.where(falls, back + third, NO_MOMENT)
    revived = room & ~falls & look.wins & happens(seed, "deal revived", keys, REOPENED)
    lost = np.where(revived, closes - 2 * third, NO_MOMENT)
    taken_up = np.where(revived, closes - third, NO_MOMENT)
    planned = np.column_stack([rungs, back, again, lost, taken_up, closes])
    for place in range(1, planned.shape[1]):
        planned[:, place] = noted(seed, "deal", keys, planned[:, place], place)
    end = np.where(look.wins, WON, LOST)
    to = np.column_stack([np.tile([0, 1, 2, 3, 2, 3, LOST, 3], (len(keys), 1)), end])
    return steps(planned, to, company.until)
