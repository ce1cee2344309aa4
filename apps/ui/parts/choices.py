"""Fields with the same choices wherever they stand: currencies, time zones, months, ways to write a day."""

from datetime import date
from zoneinfo import available_timezones

import streamlit as st

from warehouse.operations.fields import LOCALES

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NOK", "SEK", "DKK", "PLN", "INR", "BRL", "CNY", "MXN")
DAYS = {"en_GB": "20 Nov 2026, 14:30", "en_US": "Nov 20, 2026, 2:30 PM", "sv_SE": "2026-11-20, 14:30"}
MONTHS = {number: f"{date(2000, number, 1):%B}" for number in range(1, 13)}
AS_ORGANIZATION = "As the organization does"


def currency_field(value: str, key: str) -> str:
    """Which currency amounts are in."""
    offered = list(dict.fromkeys((value, *CURRENCIES)))
    return st.selectbox("Currency", offered, index=0, key=key)


def zone_field(value: str | None, key: str, *, may_follow: bool = False) -> str | None:
    """Which time zone; None follows the organization."""
    offered = [*([None] if may_follow else []), *sorted(available_timezones())]
    return st.selectbox(
        "Time zone",
        offered,
        index=offered.index(value) if value in offered else 0,
        format_func=lambda one: one.replace("_", " ") if one else AS_ORGANIZATION,
        key=key,
    )


def locale_field(value: str | None, key: str, *, may_follow: bool = False) -> str | None:
    """How days and hours are written; None follows the organization."""
    offered = [*([None] if may_follow else []), *LOCALES]
    return st.selectbox(
        "Days and hours",
        offered,
        index=offered.index(value) if value in offered else 0,
        format_func=lambda one: DAYS[one] if one else AS_ORGANIZATION,
        key=key,
    )


def month_field(value: int, key: str) -> int:
    """The month a fiscal year begins with."""
    return st.selectbox(
        "Fiscal year begins in", list(MONTHS), index=value - 1, format_func=lambda one: MONTHS[one], key=key
    )
