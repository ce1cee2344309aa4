"""Customers, their people and their changes of status as rows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.chance import choose, happens, identifiers, integers, keys_of, lognormal, uniform
from warehouse.demo.columns import (
    NO_DAY,
    NO_MOMENT,
    NO_NUMBER,
    UNIT,
    Chunk,
    Column,
    Moments,
    Words,
    chunk,
    evening,
    known,
    moment,
    written,
)
from warehouse.demo.customers import COUNTRY_NAMES, SECTORS, SEGMENTS, SOURCE_NAMES, Customers, ids_by_number
from warehouse.demo.histories import Steps, noted, steps
from warehouse.demo.naming import (
    Texts,
    addresses,
    customer_emails,
    customer_names,
    person_emails,
    person_names,
    phones,
    titles,
)
from warehouse.demo.people import People
from warehouse.demo.presets import Company
from warehouse.demo.truth import Truth

STATUSES = ("lead", "prospect", "customer", "churned")
_PATH = np.array([0, 1, 2, 3, 2, 3])
EMPLOYEES = (1.0, 40.0, 900.0)
"""Median size of each segment."""
UNKNOWN_SIZE, UNKNOWN_REVENUE = 0.15, 0.2


def names_of(customers: Customers, seed: int) -> Texts:
    """What each is called; a second record of somebody is called nearly the same."""
    names = customer_names(seed, customers.keys, customers.segment, customers.sector)
    double = customers.doubles.is_one
    return np.where(double, names + " (2)", names)


def status_steps(company: Company, customers: Customers, seed: int) -> Steps:
    """Where each comes to stand, one change after the other."""
    life = customers.life
    days = (life.qualified_on, life.customer_on, life.churned_on, life.returned_on, life.churned_again_on)
    share = uniform(seed, "status hour", customers.keys)
    planned = [customers.created_at]
    for place, day in enumerate(days):
        at = np.where(np.isnat(day), NO_MOMENT, moment(day, 0.3 + 0.1 * place + 0.09 * share))
        planned.append(noted(seed, "status", customers.keys, at, place))
    return steps(np.stack(planned, axis=1), _PATH, company.until)


def customer_chunks(
    company: Company, people: People, customers: Customers, names: Texts, seed: int, truth: Truth
) -> Iterator[Chunk]:
    """Customers, contacts and status changes."""
    history = status_steps(company, customers, seed)
    sellers = people.ids[customers.seller]
    merged_at = _merged_at(company, customers, seed)
    yield _customers(company, customers, names, history, merged_at, sellers, seed)
    yield _contacts(company, customers, sellers, seed)
    yield _changes(customers, history, sellers, seed)
    _tell(company, customers, merged_at, history, seed, truth)


def _merged_at(company: Company, customers: Customers, seed: int) -> Moments:
    """When a second record was merged into the first, as far as that has happened."""
    at = moment(customers.doubles.merged_on, uniform(seed, "merge hour", customers.keys))
    return np.where(at < evening(company.until), at, NO_MOMENT)


def _customers(
    company: Company, customers: Customers, names: Texts, history: Steps, merged_at: Moments, sellers: NDArray[np.bytes_],
    seed: int,
) -> Chunk:  # fmt: skip
    life, keys = customers.life, customers.keys
    is_company = customers.segment > 0
    left = np.where(history.last_place == 5, life.churned_again_on, life.churned_on)
    columns: dict[str, Column] = {
        "id": customers.ids,
        "name": names,
        "email": customer_emails(seed, keys),
        "phone": phones(seed, keys),
        "company": np.where(is_company, names, np.array([None], object)),
        "address": addresses(seed, keys),
        "country": Words(customers.country, COUNTRY_NAMES),
        "sector": Words(np.where(is_company, customers.sector, -1), SECTORS),
        "status": Words(history.state, STATUSES),
        "customer_type": Words(customers.segment, SEGMENTS),
        "acquisition_source": Words(customers.source, SOURCE_NAMES),
        "became_customer_on": np.where(history.last_place >= 2, life.customer_on, NO_DAY),
        "churned_on": np.where(history.state == 3, left, NO_DAY),
        "currency": customers.currency_words,
        "assigned_sales_rep_id": sellers,
        "is_sale_of_data_refused": happens(seed, "refuses sale", keys, 0.04),
        "deleted_at": merged_at,
        **_size(customers, seed),
        **written(customers.created_at, sellers, np.where(np.isnat(merged_at), history.last, merged_at)),
    }
    return chunk("customers", columns)


def _size(customers: Customers, seed: int) -> dict[str, Column]:
    """How large a company is; nobody asks a person, and not every company says."""
    keys = customers.keys
    unknown = (customers.segment == 0) | happens(seed, "unknown size", keys, UNKNOWN_SIZE)
    people = np.maximum(1, lognormal(seed, "employees", keys, np.asarray(EMPLOYEES)[customers.segment], 0.8))
    people = people.astype(np.int64)
    revenue = people * integers(seed, "revenue", keys, 60, 190) * 1000 * UNIT
    hidden = unknown | happens(seed, "unknown revenue", keys, UNKNOWN_REVENUE)
    return {
        "employees": np.where(unknown, NO_NUMBER, people),
        "annual_revenue": np.where(hidden, NO_NUMBER, revenue),
        "founded_year": np.where(unknown, NO_NUMBER, integers(seed, "founded", keys, 1951, 2020)),
    }


def _contacts(company: Company, customers: Customers, sellers: NDArray[np.bytes_], seed: int) -> Chunk:
    contacts = customers.contacts
    columns = {
        "id": contacts.ids,
        "customer_id": customers.ids[contacts.customer],
        "name": person_names(seed, contacts.keys),
        "email": person_emails(seed, contacts.keys),
        "phone": phones(seed, contacts.keys),
        "title": titles(seed, contacts.keys),
        "is_primary": contacts.is_primary,
        **written(contacts.created_at, sellers[contacts.customer]),
    }
    return chunk("contacts", columns)


def _changes(customers: Customers, history: Steps, sellers: NDArray[np.bytes_], seed: int) -> Chunk:
    life, subject = customers.life, history.subject
    days = np.stack(
        [
            customers.met_on, life.qualified_on, life.customer_on, life.churned_on, life.returned_on,
            life.churned_again_on,
        ],
        axis=1,
    )  # fmt: skip
    reason = choose(seed, "leaves because", keys_of(customers.keys), (3, 2, 2, 1))
    columns = {
        "id": identifiers(seed, "customer_status_changes", keys_of(customers.keys[subject], history.place), history.at),
        "customer_id": customers.ids[subject],
        "from_status": Words(history.before, STATUSES),
        "to_status": Words(history.to, STATUSES),
        "changed_on": days[subject, history.place],
        "changed_by": sellers[subject],
        "reason": Words(np.where(history.to == 3, reason[subject], -1), LEFT_BECAUSE),
        **known(history.at),
    }
    return chunk("customer_status_changes", columns)


LEFT_BECAUSE = ("Price", "No longer needed", "Went to somebody else", "Closed down")


def _tell(company: Company, customers: Customers, merged_at: Moments, history: Steps, seed: int, truth: Truth) -> None:
    life, latent = customers.life, customers.latent
    decided = life.qualified_on <= company.until
    truth.add(
        "lead",
        {
            "customer_id": customers.ids,
            "met_on": customers.met_on,
            "chance": life.lead_chance,
            "label": decided,
            "closed": customers.met_on + 90 <= company.until,
            "qualified_on": life.qualified_on,
            "fit": latent.fit,
            "engagement": latent.engagement,
            "price_sensitivity": latent.price_sensitivity,
            "lateness": latent.lateness,
            "response_hours": latent.response_hours,
        },
        ~customers.doubles.is_one,
    )
    doubled = customers.doubles.is_one
    truth.add(
        "merges",
        {
            "merged_id": customers.ids,
            "survivor_id": ids_by_number(company, seed, customers.doubles.of),
            "merged_at": merged_at,
        },
        doubled,
    )
