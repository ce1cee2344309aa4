"""Whether the installation could be used, against what it is meant to be."""

from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st

from apps.availability import MINUTE, OBJECTIVE, WINDOW, availability
from apps.ui import formats

MOST_OUTAGES = 5


def availability_card(place: str) -> None:
    """The part of the minutes in which it answered, what is left of the budget, and each outage."""
    found = availability(datetime.now(UTC))
    with st.container(border=True):
        st.markdown("**Availability**")
        st.caption(
            f"Once a minute `longhouse up` asks whether the app is ready for work. The objective is "
            f"{formats.share(OBJECTIVE)} of {WINDOW.days} days. Minutes in which nobody looked count neither way."
        )
        if found.share is None or found.since is None:
            st.info("Nobody has looked yet: `longhouse up` does, from a minute after it has opened the doors.")
            return
        with st.grid(3, min_column_width=150, gap="xsmall"):
            st.metric("Could be used", percent(found.share), border=True)
            st.metric("Budget left", f"{found.left:.0f} of {found.budget:.0f} min", border=True)
            st.metric("Looks", f"{found.looks:,} of {WINDOW // MINUTE:,}", border=True)
        met = found.left >= 0
        st.badge(
            "The objective holds" if met else "The objective is missed",
            icon=":material/check_circle:" if met else ":material/error:",
            color="green" if met else "red",
        )
        for outage in found.outages[:MOST_OUTAGES]:
            st.markdown(f"- {formats.moment(outage.began, place)}, {formats.counted(outage.minutes, 'minute')}")
        if len(found.outages) > MOST_OUTAGES:
            st.caption(f"And {formats.counted(len(found.outages) - MOST_OUTAGES, 'earlier outage')}.")
        elif not found.outages:
            st.caption(f"No outage since {formats.moment(found.since, place)}.")


def percent(part: Decimal) -> str:
    """To the hundredth: a tenth of a percent is the whole budget. It never rounds up to 100 %."""
    return "100%" if part == 1 else f"{min(part * 100, Decimal('99.99')):.2f}%"
