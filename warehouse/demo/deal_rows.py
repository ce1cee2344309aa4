"""Deals as rows: what the company's records say about them on the evening of `until`."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.catalogue import Catalogue
from warehouse.demo.chance import choose, happens, identifiers, integers, keys_of, uniform
from warehouse.demo.choices import Variant
from warehouse.demo.columns import (
    NO_DAY,
    NO_NUMBER,
    UNIT,
    Chunk,
    Days,
    Ids,
    Words,
    chunk,
    day_of,
    known,
    moment,
    written,
)
from warehouse.demo.customers import SOURCE_NAMES, Customers
from warehouse.demo.deals import LAST_STEP, LOST, SLIP_DAYS, STAGES, VAGUE, Deals
from warehouse.demo.naming import Texts
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.territories import Territories
from warehouse.demo.truth import Truth
from warehouse.demo.winning import PROPOSAL, RUNGS

LOST_REASONS = ("Price", "Chose a rival", "No budget this year", "Project cancelled", "Never answered", "Delivery time")
RIVALS = ("Wobblestool & Sons", "Plankton Joinery", "Three Legs Good", "Sawdust Collective")
_RIVAL_JSON = ("{}", *(f'{{"name": "{rival}"}}' for rival in RIVALS))
REASONS = (3, 4, 2, 1, 3, 1)
"""How often each is given."""


def deal_chunks(
    company: Company, people: People, customers: Customers, catalogue: Catalogue, territories: Territories,
    deals: Deals, names: Texts, campaign_ids: Ids | None, seed: int, truth: Truth,
) -> Iterator[Chunk]:  # fmt: skip
    """Opportunities, their lines and what changed on them; `names` are the customers', `campaign_ids` the deals'."""
    sellers = people.ids[deals.seller]
    vague = happens(seed, "deal vague", deals.keys, VAGUE) & (deals.stage == 0)
    yield _opportunities(company, customers, catalogue, territories, deals, names, campaign_ids, seed, sellers, vague)
    yield _line_items(catalogue, deals, seed, sellers, vague)
    yield _stage_changes(deals, seed, sellers)
    yield _close_date_changes(company, deals, seed, sellers, vague)
    _tell(people, customers, deals, truth)


def _opportunities(
    company: Company, customers: Customers, catalogue: Catalogue, territories: Territories, deals: Deals,
    names: Texts, campaign_ids: Ids | None, seed: int, sellers: Ids, vague: NDArray[np.bool_],
) -> Chunk:  # fmt: skip
    row = deals.customer
    first = np.searchsorted(deals.lines.deal, np.arange(len(deals)))
    products = np.array(catalogue.names, object)[deals.lines.product[first]]
    closed = deals.stage >= RUNGS
    reason = choose(seed, "lost reason", deals.keys, REASONS)
    rival = np.where(deals.outlook.rival, 1 + integers(seed, "which rival", deals.keys, 0, len(RIVALS)), 0)
    columns = {
        "id": deals.ids,
        "name": names[row] + " · " + products,
        "customer_id": customers.ids[row],
        "contact_id": customers.contacts.ids_of(deals.contact),
        "sales_rep_id": sellers,
        "territory_id": territories.ids[territories.of_country[customers.country[row]]],
        "campaign_id": np.zeros(len(deals), "S36") if campaign_ids is None else campaign_ids,
        "stage": Words(deals.stage, STAGES),
        "amount": np.where(vague, NO_NUMBER, deals.amount),
        "currency": Words(customers.currency[row], customers.currencies),
        "opened_on": deals.opened_on,
        "expected_close_on": np.where(vague, NO_DAY, _expected(company, deals, seed)),
        "closed_on": np.where(
            deals.is_over, deals.outlook.closes_on, np.where(closed, day_of(deals.steps.last), NO_DAY)
        ),
        "source": Words(customers.source[row], SOURCE_NAMES),
        "lost_reason": Words(np.where(deals.stage == LOST, reason, -1), LOST_REASONS),
        "competitor_info": Words(rival, _RIVAL_JSON),
        "custom_fields": _custom_fields(company, deals),
        **written(deals.opened_at, sellers, deals.steps.last),
    }
    return chunk("opportunities", columns)


def _expected(company: Company, deals: Deals, seed: int) -> Days:
    """When the seller says it will close: a guess near the truth, postponed whenever the day came too close."""
    look = deals.outlook
    passed = (np.minimum(company.until, look.closes_on) - deals.opened_on).astype(np.int64)
    slipped = np.minimum(look.slips, passed * (look.slips + 1) // _days_until_proposal(deals))
    return np.asarray(_first_guess(deals, seed) + SLIP_DAYS * slipped)


def _first_guess(deals: Deals, seed: int) -> Days:
    look = deals.outlook
    off = integers(seed, "deal guess", deals.keys, -6, 26)
    return np.asarray(np.maximum(look.closes_on - SLIP_DAYS * look.slips + off, deals.opened_on + 5))


def _days_until_proposal(deals: Deals) -> NDArray[np.int64]:
    days = (deals.outlook.rung_days[:, PROPOSAL] - deals.opened_on).astype(np.int64)
    return np.asarray(np.maximum(1, days))


def _custom_fields(company: Company, deals: Deals) -> Words:
    """Whether somebody there is for us; in the leak variant also a field that is filled in once a deal was won."""
    plain = ("{}", '{"champion": true}')
    leaked = ('{"handover_prepared": true}', '{"champion": true, "handover_prepared": true}')
    leaks = deals.is_won & (company.variant is Variant.LEAK)
    return Words(deals.outlook.champion.astype(np.int64) + 2 * leaks, plain + leaked)


def _line_items(catalogue: Catalogue, deals: Deals, seed: int, sellers: Ids, vague: NDArray[np.bool_]) -> Chunk:
    lines = deals.lines
    at = deals.opened_at[lines.deal]
    keys = keys_of(deals.keys[lines.deal], lines.position)
    columns = {
        "id": identifiers(seed, "opportunity_line_items", keys, at),
        "opportunity_id": deals.ids[lines.deal],
        "product_id": catalogue.ids[lines.product],
        "position": lines.position,
        "quantity": lines.quantity * UNIT,
        "unit_price": np.where(vague[lines.deal], NO_NUMBER, lines.price * (100 - lines.discount) // 100),
        **written(at, sellers[lines.deal]),
    }
    return chunk("opportunity_line_items", columns)


def _stage_changes(deals: Deals, seed: int, sellers: Ids) -> Chunk:
    steps = deals.steps
    keys = keys_of(deals.keys[steps.subject], steps.place)
    reason = choose(seed, "lost reason", deals.keys, REASONS)[steps.subject]
    rung = np.minimum(steps.place, RUNGS - 1)
    happened = np.where(steps.place < RUNGS, deals.outlook.rung_days[steps.subject, rung], day_of(steps.at))
    ends = steps.to >= RUNGS
    happened = np.where(ends & (steps.place == LAST_STEP), deals.outlook.closes_on[steps.subject], happened)
    columns = {
        "id": identifiers(seed, "opportunity_stage_changes", keys, steps.at),
        "opportunity_id": deals.ids[steps.subject],
        "from_stage": Words(steps.before, STAGES),
        "to_stage": Words(steps.to, STAGES),
        "changed_on": np.minimum(happened, day_of(steps.at)),
        "changed_by": sellers[steps.subject],
        "reason": Words(np.where(steps.to == LOST, reason, -1), LOST_REASONS),
        **known(steps.at),
    }
    return chunk("opportunity_stage_changes", columns)


def _close_date_changes(company: Company, deals: Deals, seed: int, sellers: Ids, vague: NDArray[np.bool_]) -> Chunk:
    """Each time a close date was postponed, as `_expected` has it, on the first day that it had been."""
    look = deals.outlook
    deal = np.repeat(np.arange(len(deals)), look.slips)
    first = np.cumsum(look.slips) - look.slips
    number = np.arange(len(deal)) - first[deal] + 1
    wait = -(-number * _days_until_proposal(deals)[deal] // (look.slips[deal] + 1))
    on = deals.opened_on[deal] + wait.astype("timedelta64[D]")
    seen = (on <= np.minimum(company.until, look.closes_on[deal])) & ~vague[deal]
    deal, number, on = deal[seen], number[seen], on[seen]
    keys = keys_of(deals.keys[deal], number)
    at = np.maximum(moment(on, uniform(seed, "slip hour", keys)), deals.opened_at[deal] + np.timedelta64(1, "m"))
    before = _first_guess(deals, seed)[deal] + SLIP_DAYS * (number - 1)
    columns = {
        "id": identifiers(seed, "opportunity_close_date_changes", keys, at),
        "opportunity_id": deals.ids[deal],
        "expected_before": before,
        "expected_after": before + SLIP_DAYS,
        "changed_on": day_of(at),
        "changed_by": sellers[deal],
        **known(at),
    }
    return chunk("opportunity_close_date_changes", columns)


def _tell(people: People, customers: Customers, deals: Deals, truth: Truth) -> None:
    look = deals.outlook
    truth.add(
        "win",
        {
            "opportunity_id": deals.ids,
            "chance_at_opening": look.chance,
            "chance_at_proposal": look.chance_at_proposal,
            "reached_proposal": (look.highest >= PROPOSAL) & (deals.steps.last_place >= PROPOSAL),
            "proposal_on": look.rung_days[:, PROPOSAL],
            "closed": deals.stage >= RUNGS,
            "label": deals.is_won,
            "champion": look.champion,
            "rival": look.rival,
            "slips": look.slips,
            "discount": look.discount,
            "effort": look.effort,
            "skill": people.skill[deals.seller],
            "amount": deals.amount,
            "fit": customers.latent.fit[deals.customer],
            "price_sensitivity": customers.latent.price_sensitivity[deals.customer],
        },
    )
