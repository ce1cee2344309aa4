"""The fields of a deal as people type them, read back exactly, with a sentence at each field that cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from apps.ui import formats
from apps.ui.parts.amounts import NotAnAmount, read_amount, write_amount
from apps.ui.parts.typed import Typed
from warehouse.oltp.engine import reading_as
from warehouse.oltp.sales import Opportunity
from warehouse.operations.customers import customer_names
from warehouse.operations.organization import member_names
from warehouse.tenancy import Actor

LONGEST_NAME = 200
LABELS = {
    "name": "Name",
    "customer_id": "Customer",
    "sales_rep_id": "Sales rep",
    "amount": "Amount",
    "expected_close_on": "Expected close",
    "probability_override": "Own estimate, %",
}


@dataclass(frozen=True)
class People:
    """Who a deal can be with: ids and names."""

    customers: dict[str, str]
    members: dict[str, str]


def people_of(actor: Actor) -> People:
    """Everyone a deal can name."""
    with reading_as(actor) as session:
        return People(customer_names(session, actor), member_names(session, actor))


def values_of(deal: Opportunity) -> dict[str, Any]:
    """A deal's editable fields as they stand."""
    return {name: getattr(deal, name) for name in LABELS}


def name_field(typed: Typed, value: str, key: str) -> None:
    """What the deal is called."""
    text = (st.text_input(LABELS["name"], value, key=f"{key}_name", max_chars=LONGEST_NAME) or "").strip()
    typed.values["name"] = text
    if not text:
        typed.refuse("name", "A deal needs a name.")
    elif len(text) > LONGEST_NAME:
        typed.refuse("name", f"A name has at most {LONGEST_NAME} characters.")


def amount_field(typed: Typed, value: Decimal | None, currency: str, key: str) -> None:
    """What the deal is worth; empty is unknown."""
    text = st.text_input(
        f"{LABELS['amount']}, {currency}", write_amount(value), key=f"{key}_amount", placeholder="Unknown", max_chars=60
    )
    try:
        typed.values["amount"] = read_amount(text)
    except NotAnAmount as why:
        typed.refuse("amount", str(why))


def choice_field(typed: Typed, name: str, names: Mapping[str, str], value: str | None, key: str) -> None:
    """A person or customer; empty is nobody."""
    # One that was deleted since still has to be shown where it stands.
    options = [*names, *([value] if value and value not in names else [])]
    typed.values[name] = st.selectbox(
        LABELS[name],
        options,
        index=options.index(value) if value else None,
        key=f"{key}_{name}",
        placeholder="Nobody",
        format_func=lambda one: names.get(one, "deleted"),
    )


def day_field(typed: Typed, name: str, value: date | None, key: str) -> None:
    """A day; empty is unknown."""
    typed.values[name] = st.date_input(LABELS[name], value, key=f"{key}_{name}", format="YYYY-MM-DD")


def percent_field(typed: Typed, value: int | None, key: str) -> None:
    """How likely the person thinks it is; empty leaves it to the platform."""
    text = st.text_input(
        LABELS["probability_override"], "" if value is None else str(value), key=f"{key}_percent", max_chars=10
    )
    told = (text or "").strip().removesuffix("%").strip()
    if not told:
        typed.values["probability_override"] = None
    elif told.isascii() and told.isdigit() and int(told) <= 100:
        typed.values["probability_override"] = int(told)
    else:
        typed.refuse("probability_override", "A whole number from 0 to 100, or nothing.")


def in_words(name: str, value: Any, people: People, currency: str) -> str:
    """A field's value as people read it."""
    if value is None:
        return formats.UNKNOWN
    if name == "amount":
        return formats.money_in_full(value, currency)
    if isinstance(value, date):
        return formats.day(value)
    if name in {"customer_id", "sales_rep_id"}:
        return (people.customers if name == "customer_id" else people.members).get(value, "deleted")
    return f"{value}%" if name == "probability_override" else str(value)
